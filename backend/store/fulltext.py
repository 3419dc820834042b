"""Full-text search, in SQLite's FTS5 and PostgreSQL's tsvector: what is indexed, and what a visitor types.

A query is cut into plain words before it reaches a database, so nothing a visitor types is syntax there, but for
"quotes" around words that follow one another. From two letters on, the last word also finds longer ones that begin
with it. Words in Chinese and Japanese are not separated by spaces: each of their characters counts as a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from backend.text import clean
from backend.types import Message

INDEXED = 100_000  # characters of a message that can be found
MOST = 8  # words or phrases of a query; the rest is left out
_QUERY = 400  # characters
_AROUND = 160  # characters of a snippet
_UNSPACED = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fa1f"
_ONE = re.compile(f"[{_UNSPACED}]")
_SPACED = re.compile(f" ([{_UNSPACED}]) ")
_WORD = re.compile(r"[^\W_]+")
_CHUNK = re.compile(r'"([^"]*)"|([^\s"]+)')


@dataclass(frozen=True)
class Phrase:
    """Words that follow one another; with `begins` the last of them may be longer."""

    words: tuple[str, ...]
    begins: bool = False


def phrases(query: str) -> list[Phrase]:
    """What a visitor looks for. Each phrase must be somewhere in the conversation, its title included."""
    query = clean(query)[:_QUERY]
    parts: list[Phrase] = []
    for match in _CHUNK.finditer(query):
        words = tuple(_WORD.findall(_spaced(match.group(1) or match.group(2) or "")))
        last = match.end() == len(query) and match.group(2) is not None
        if words:
            parts.append(Phrase(words, begins=last and len(words[-1]) > 1))
    return parts[:MOST]


def document(message: Message) -> str:
    """The text by which a message is found."""
    texts = [message.content, message.refusal, *(f"{media.name} {media.text}".strip() for media in message.media)]
    return clean("\n".join(filter(None, texts))[:INDEXED])


def _spaced(text: str) -> str:
    return _ONE.sub(r" \g<0> ", text) if not text.isascii() else text


def shown(indexed: str) -> str:
    """The text again as it was written."""
    return _SPACED.sub(r"\1", indexed)


def indexed(text: str) -> str:
    """Text as SQLite gets it; FTS5 folds case and accents itself."""
    return _spaced(text)


def folded(text: str) -> str:
    """Text as PostgreSQL gets it: words only, without case and accents. Its own parser would keep `a.b` whole."""
    plain = unicodedata.normalize("NFKD", _spaced(text))
    plain = "".join(c for c in plain if not unicodedata.combining(c)) if not plain.isascii() else plain
    return " ".join(word for word in _WORD.findall(plain.casefold()) if len(word) < 500)


def match(phrase: Phrase) -> str:
    """A phrase for FTS5, whose strings are between double quotes; a word has none in it."""
    return f'"{" ".join(phrase.words)}"' + (" *" if phrase.begins else "")


def tsquery(phrase: Phrase) -> str:
    """A phrase for to_tsquery. Only letters and digits are left in a word, so it needs no quotes."""
    words = folded(" ".join(phrase.words)).split()
    return " <-> ".join(words) + (":*" if phrase.begins and words else "")


def snippet(text: str, query: Sequence[Phrase] = ()) -> str:
    """One line of `text`, around the first word that was looked for."""
    text = shown(text)
    at = _first(text, query)
    start = max(0, at - _AROUND // 3)
    if start:
        start = text.find(" ", start, at) + 1 or start
    line = " ".join(text[start : start + _AROUND].split())
    return ("… " if start else "") + line + (" …" if start + _AROUND < len(text) else "")


def _first(text: str, query: Sequence[Phrase]) -> int:
    words = "|".join(re.escape(phrase.words[0]) for phrase in query)
    match = re.search(rf"(?<![^\W_])(?:{words})", text, re.IGNORECASE) if words else None
    return match.start() if match else 0
