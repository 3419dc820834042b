"""Draws growing Markdown at linear cost.

st.write_stream sends and parses the whole answer again on every token: 4,000 tokens at 100 tokens/s are 32 MB
and a busy browser (measured). Here the text is cut at Markdown block boundaries; a
finished block is drawn once, and only the unfinished tail is drawn again, the more rarely the longer it is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.elements.markdown import Reader, prepare

TAIL_RATE = 64 * 1024  # characters of tail drawn again per second, at most
LONGEST = 200_000  # characters of a block that are read as Markdown; a browser takes 15 s for a megabyte (measured)
FASTEST = 0.05  # seconds between two drawings of a tail
CALM = 0.25  # the same while a tab is being opened: at 20 a second Stop came 1 to 6 s after the messages (measured)
OPENING = 2.0  # seconds from the first run of a tab until its browser has everything
SHARE = 8  # of the time that a drawing took, before the next one: with 50 readers at once it takes 50 times as long
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_UNDECIDED = re.compile(r"^([-*+$\\]|\d{1,9}[.)]?)?$")
_CONTINUES = re.compile(r"^(\s|[-*+]\s|\d{1,9}[.)]\s|>|\||\$\$|\\\[)")


def blocks(text: str) -> Iterator[str]:
    """`text` cut at blank lines where nothing that began before goes on after: no fence, list, quote, table
    or `$$` is cut, and where that is not sure, nothing is. Joined by blank lines the blocks are the text again;
    the last one may be unfinished, the others never change when the text grows.

    A link or a footnote does NOT find its definition in another block.
    """
    start = position = 0
    reader = Reader()
    for match in _LINE.finditer(text):
        line = match[0].rstrip("\r\n")
        reader.read(line)
        position = match.end()
        blank = not line.strip(" \t") and reader.between
        if blank and text[start:position].strip() and _ends_here(text, position):
            yield text[start:position].rstrip("\r\n")
            start = position
    if text[start:].strip():
        yield text[start:]


def _ends_here(text: str, position: int) -> bool:
    """The block before `position` cannot go on after it. Undecided (nothing follows yet) means no."""
    following = text[position : position + 64].lstrip("\r\n")
    return not _UNDECIDED.match(following) and not _CONTINUES.match(following)


class Writer:
    """One growing text on the screen. `write` may be called as often as one likes.

    `came`: when the tab was opened. A browser puts off the rest of the page as long as new text comes quickly.
    """

    def __init__(self, came: float) -> None:
        self._calm_until = came + OPENING
        self._body = st.container(gap="small")  # the space between blocks of one st.markdown (measured)
        self._consumed = 0
        self._tail: DeltaGenerator | None = None
        self._drawn = ""
        self.due = 0.0

    def write(self, text: str, *, final: bool = False) -> None:
        """Show `text`, which begins with what was shown before. Skipped when it is too soon, unless final."""
        now = time.monotonic()
        if now < self.due and not final:
            return
        *finished, tail = list(blocks(text[self._consumed :])) or [""]
        for block in finished:
            self._draw(block)
            self._tail = None
            self._consumed = text.index(block, self._consumed) + len(block)
        if tail != self._drawn or finished:
            self._draw(tail)
        drawn = time.monotonic()
        fastest = FASTEST if drawn > self._calm_until else CALM
        self.due = drawn + max(fastest, len(tail) / TAIL_RATE, SHARE * (drawn - now))

    def _draw(self, block: str) -> None:
        if self._tail is None:
            self._tail = self._body.empty()
        if block.strip():
            _show(self._tail, block)
        self._drawn = block


def draw(text: str) -> None:
    """A finished text, looking as it did when it grew."""
    if len(text) <= LONGEST:
        st.markdown(prepare(text))
        return
    with st.container(gap="small"):
        for block in blocks(text):
            _show(st.empty(), block)


def _show(place: DeltaGenerator, block: str) -> None:
    if len(block) <= LONGEST:
        place.markdown(prepare(block))
    else:
        place.text(block)
