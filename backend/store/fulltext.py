"""Full-text search without a database: what is indexed, how a query is interpreted, and the excerpt that shows a
hit.

Both databases search the same folded text, which `folded` makes of every message and of every query: words
separated by a space, without case, accents and marks, in one width. So a search gives the same results in either,
whatever each can fold by itself. A word is found in any part of a longer one, a word of two letters at the
beginning
of one, and a single letter or "words in quotes" as whole words. In scripts without spaces between words (Chinese,
Japanese, Korean compounds, Thai), every character counts as a word.

A database finds candidates by the trigrams of a text (`grams`) and then compares the text itself.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.text import clean
from backend.types import Message

INDEXED = 100_000  # characters of a message that can be found
MOST = 8  # words or phrases of a query; the rest is ignored
GRAMS = 12  # trigrams by which the candidates for a phrase are looked up
_QUERY = 400  # characters
_AROUND = 160  # characters of an excerpt
_SLICE = 2_000  # characters of a long text that are searched at a time for the place of a hit
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\u3041-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003fa1f]"
)
_CHUNK = re.compile(r'"([^"]*)"|([^\s"]+)')
_SIGNS = re.compile(r"[\W_]+")
# Letters that Unicode does not decompose and that people type without their stroke; the Turkish dotless i.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "\u0640": ""}
)


class _Characters(dict[int, str]):
    """A table for `str.translate` that computes the replacement of a character on first use."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if category == "Cf" or (unicodedata.combining(character) and code not in _VOICED):
            self[code] = ""
        else:
            self[code] = character if character.isalnum() or category[0] == "M" else " "
        return self[code]


_VOICED = (0x3099, 0x309A)  # in Japanese these marks change the sound, so they belong to the letter
_CHARACTERS = _Characters()


@dataclass(frozen=True)
class Phrase:
    """Folded words that follow one another: a folded text contains them if `pattern` is a part of it."""

    pattern: str

    @property
    def grams(self) -> tuple[str, ...]:
        """Trigrams that every text with this phrase contains."""
        pieces = list(dict.fromkeys(_pieces(self.pattern)))
        return tuple(pieces[:: -(-len(pieces) // GRAMS)])


@dataclass(frozen=True)
class Excerpt:
    """One line of a text, and the (start, end) positions of the hits in it."""

    line: str
    marks: tuple[tuple[int, int], ...] = ()


def folded(text: str) -> str:
    """The words of a text in normal form, with a space before and after each; "" without a word."""
    if text.isascii():
        plain = _SIGNS.sub(" ", text.lower())
    else:
        parts = unicodedata.normalize("NFKD", text).casefold().translate(_CHARACTERS)
        plain = _UNSPACED.sub(r" \g<0> ", unicodedata.normalize("NFC", parts).translate(_LETTERS))
    words = plain.split()
    return f" {' '.join(words)} " if words else ""


def grams(text: str) -> list[int]:
    """The trigrams of a folded text as numbers, for a database that indexes numbers."""
    return sorted({number(piece) for piece in _pieces(text)})


def number(piece: str) -> int:
    """A trigram as a signed 32-bit number. Two may collide: the text itself is compared afterwards."""
    return zlib.crc32(piece.encode()) - 2**31


def _pieces(text: str) -> Iterator[str]:
    return (text[at : at + 3] for at in range(len(text) - 2))


def phrases(query: str) -> list[Phrase]:
    """The phrases of a query. Each must be somewhere in the conversation, its title included."""
    parts: list[Phrase] = []
    for match in _CHUNK.finditer(clean(query)[:_QUERY]):
        quoted, chunk = match.group(1), match.group(2)
        if text := folded(quoted or chunk or ""):
            parts.append(Phrase(text if quoted else _within(text)))
    return list(dict.fromkeys(parts))[:MOST]


def _within(text: str) -> str:
    """The pattern for folded words inside longer ones; short ones would be found everywhere."""
    words = text.split()
    if len(words) == 1 and len(words[0]) == 1:
        return text
    return text.rstrip() if len(words[0]) < 3 else text.strip()


def document(message: Message) -> str:
    """The indexed text of a message."""
    texts = [message.content, message.refusal, *(f"{media.name} {media.text}".strip() for media in message.media)]
    return clean("\n".join(filter(None, texts))[:INDEXED])


# ---- the position of a hit in the original text ---------------------------------------------------------------


def excerpt(text: str, query: Sequence[Phrase] = ()) -> Excerpt:
    """One line of `text` around the first hit."""
    at = _first(text, query)
    start = max(0, at - _AROUND // 3)
    if start:
        start = text.find(" ", start, at) + 1 or start
    line = " ".join(text[start : start + _AROUND].split())
    line = ("… " if start else "") + line + (" …" if start + _AROUND < len(text) else "")
    return Excerpt(line, _marks(line, query))


def _first(text: str, query: Sequence[Phrase]) -> int:
    """The start of the first hit; 0 if there is none. Only the first is searched: a text may consist of hits."""
    for begin in range(0, len(text) if query else 0, _SLICE):
        part = text[begin : begin + _SLICE + _QUERY]
        plain = folded(part)
        places = [at + _indent(phrase) for phrase in query if (at := plain.find(phrase.pattern)) >= 0]
        if places:
            return begin + _place(part, min(places) + 1) - 1
    return 0


def _indent(phrase: Phrase) -> int:
    """The length of the space before the first word of a pattern."""
    return len(phrase.pattern) - len(phrase.pattern.lstrip())


def _marks(text: str, query: Sequence[Phrase]) -> tuple[tuple[int, int], ...]:
    """The (start, end) of each hit in a short text, in order; adjacent hits are merged."""
    plain = folded(text)
    hits: list[tuple[int, int]] = []
    for phrase in query:
        words = phrase.pattern.strip()
        at = plain.find(phrase.pattern)
        while at >= 0:
            begin = at + _indent(phrase)
            hits.append((_place(text, begin + 1) - 1, _with_marks(text, _place(text, begin + len(words)))))
            at = plain.find(phrase.pattern, at + len(words))
    return _merge_hits(sorted(hits))


def _place(text: str, length: int) -> int:
    """The number of characters of `text` that make this many characters of the folded text."""
    return bisect_left(range(len(text)), length, key=lambda end: len(folded(text[:end]).rstrip()))


def _with_marks(text: str, end: int) -> int:
    """The position before `end`, moved past combining accents."""
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end


def _merge_hits(hits: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for begin, end in hits:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return tuple(joined)
