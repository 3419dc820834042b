"""The text of an answer for reading aloud: without Markdown, code blocks and formulas.

    spoken("# Title\n\nUse **`print`**:\n```py\nprint(1)\n```")  ->  "Title.\nUse print:"

A name in the middle of a sentence (`print`) is read; longer code there is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from backend.formats.fences import with_sources_apart
from backend.text import clean

LONGEST = 30_000  # characters that are read aloud: half an hour
_PICTURE = re.compile(r"!\[([^\]\n]{0,300})\]\(data:[^)\s]*\)")  # its description is read
_FORMULAS = re.compile(
    r"\$\$.{0,2000}?\$\$|\\\[.{0,2000}?\\\]|\\\(.{0,300}?\\\)"
    r"|(?<![\w$])\$(?=\S)[^$\n]{0,300}?[\\^_{=][^$\n]{0,300}?\$(?!\w)",
    re.DOTALL,
)
_LETTER = re.compile(r"(?<![\w$])\$(\w)\$(?!\w)")  # a formula of one letter
_NAME = re.compile(r"[\w][\w .-]{0,60}")  # inline code that can be read
_NOTES = re.compile(r"^ {0,3}\[\^[^\]\s]{1,40}\]:.*$|\[\^[^\]\s]{1,40}\]", re.MULTILINE)  # and references to them
_TITLE = re.compile(r"^( {0,3}> ?)\[!([a-z]{3,12})\][+-]?", re.MULTILINE | re.IGNORECASE)  # title of a quote
_PRODUCT = re.compile(r"(?<=\d)\*(?=\d)")
# Tags, source numbers, addresses, task boxes, stray asterisks.
_MARKS = re.compile(
    r"<[/a-zA-Z!][^<>]{0,200}>|\[\d{1,3}\]|【[^】\n]{0,40}†[^】\n]{0,200}】|https?://\S{1,2000}"
    r"|^\[[ xX]\] |(?<!\w)\*\*|\*\*(?!\w)"
)
_ENDED = re.compile(r"[.!?:;,…。！？：؟।]['\"”’)\]]*$")
_ENDS = ("paragraph_close", "heading_close", "td_close", "th_close", "tr_close")


def speakable_text(markdown: str) -> str:
    """The text, a line for each paragraph, heading, item and row. "" if there is nothing to read."""
    text = with_sources_apart(clean(_PICTURE.sub(r"\1", markdown)[:LONGEST]))
    text = _LETTER.sub(r"\1", _FORMULAS.sub(" ", _NOTES.sub("", text)))
    text = _TITLE.sub(lambda found: f"{found[1]}{found[2].capitalize()}:", text)
    lines: list[str] = []
    line = ""
    for token in _parser().parse(_PRODUCT.sub(r"\\*", text)):
        if token.type == "inline":
            line += _MARKS.sub(" ", "".join(_words(token.children or ())))
        elif token.type in _ENDS:
            cell, whole = token.type[:2] in ("td", "th"), " ".join(line.split())
            line = f"{whole}, " if cell and whole else line if cell else ""
            if not cell and whole.strip(" ,"):
                lines.append(_with_full_stop(whole.strip(" ,")))
    return "\n".join(lines)


def sentences(text: str, most: int) -> str:
    """The beginning of a spoken text, at most `most` characters, cut at the end of a sentence if possible."""
    if len(text) <= most:
        return text
    cut = text[:most]
    end = max(cut.rfind(mark) for mark in (". ", "! ", "? ", ".\n", "。"))
    return cut[: end + 1] if end > most // 2 else cut.rpartition(" ")[0] or cut


def _words(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "text":
            yield token.content
        elif token.type == "code_inline":
            yield token.content if _NAME.fullmatch(token.content) else " "
        elif token.type in ("softbreak", "hardbreak"):
            yield " "
        elif token.type == "image":
            yield token.content  # the picture's description


def _with_full_stop(line: str) -> str:
    return line if _ENDED.search(line) else f"{line}."


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
