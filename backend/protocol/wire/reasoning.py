"""An answer in two parts: what the model thought, and what it says."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from backend.protocol.wire import channels
from backend.protocol.wire.marks import (
    ANSWERS,
    CLOSINGS,
    OPENINGS,
    THOUGHTS,
    begins_with,
    earliest,
    quoted,
    without_beginning,
)
from backend.text import clean
from backend.types import Message
from backend.untrusted import string

_FIRST = (*OPENINGS, *CLOSINGS, *channels.OPENINGS)  # what may be a mark at the beginning of an answer
_CLOSING = re.compile("|".join(map(re.escape, CLOSINGS)))
_LOOKED_AT = 50  # closing marks of one text that may be spoken of, before none of them is a mark
_LEAKED = ("analysis", "assistantfinal")  # gpt-oss, where a server has dropped the marks and left the words


def thinking(message: Message) -> tuple[str, str]:
    """(reasoning, text) for showing: from the reasoning fields, else from marks in the content (marks.py), else
    from the readable parts of `reasoning_details`.
    """
    return _parts(message, ended=True)


def growing(message: Message) -> tuple[str, str]:
    """The same of a message that is being written. Neither part ever loses what it had: what may turn out to be a
    mark is held back. A text that turns out to have been a thought, because only its closing mark comes, stays a
    text until the answer has ended: then `thinking` takes it apart.
    """
    return _parts(message, ended=False)


def _parts(message: Message, *, ended: bool) -> tuple[str, str]:
    thoughts, text = list[str](), ""
    for piece, first, last in _pieces(message):
        thought, said = _piece(piece, first=first, ended=ended or not last, apart=bool(message.reasoning))
        thoughts += [thought] if thought else []
        text += said
    reasoning = message.reasoning or "\n\n".join(thoughts)
    if not reasoning and message.reasoning_details:
        # Cleaned after joining: a character may be split over two details.
        details = (string(detail.get("text") or detail.get("summary")) for detail in message.reasoning_details)
        reasoning = clean("".join(details))
    return reasoning, text


def _pieces(message: Message) -> Iterator[tuple[str, bool, bool]]:
    """The content in pieces, each with "it is the first" and "it is the last". A new one begins where the model
    went on with an answer: there it thinks again."""
    content = message.content
    seams = sorted({at for at in message.continued_at if 0 < at <= len(content)})
    for place, (start, end) in enumerate(itertools.pairwise((0, *seams, len(content)))):
        yield content[start:end], place == 0, place == len(seams)


def _piece(piece: str, *, first: bool, ended: bool, apart: bool) -> tuple[str, str]:
    """(thought, text) of a piece. `apart`: the server has taken the reasoning out of the content already."""
    body = piece.lstrip()
    if begins_with(body, channels.OPENINGS):
        return channels.read(body, ended=ended)
    if opening := begins_with(body, OPENINGS):
        return _opened(body, opening, first=first, ended=ended)
    if not ended and any(mark.startswith(body) for mark in _FIRST):
        return "", ""
    if closing := begins_with(body, CLOSINGS):
        return "", _said(body[len(closing) :], first=first, ended=ended)
    if ended and not apart:
        return _closed(piece, first=first)
    return "", piece


def _opened(body: str, opening: str, *, first: bool, ended: bool) -> tuple[str, str]:
    """A piece that begins with a thought."""
    closings = next(marks.closing for marks in THOUGHTS if opening in marks.opening)
    at, closing = earliest(body, closings, len(opening))
    if at >= 0:
        return body[len(opening) : at].strip(), _said(body[at + len(closing) :], first=first, ended=ended)
    thought = body[len(opening) :]
    return (thought if ended else without_beginning(thought, closings)).strip(), ""


def _closed(piece: str, *, first: bool) -> tuple[str, str]:
    """A whole text of which only the closing mark of a thought may be there."""
    begins, ends = _LEAKED
    if piece.startswith(begins) and ends in piece:
        thought, _, text = piece[len(begins) :].partition(ends)
        return thought.strip(), text.lstrip()
    marks = itertools.islice(_CLOSING.finditer(piece), _LOOKED_AT)
    mark = next((mark for mark in marks if not quoted(piece, *mark.span())), None)
    if mark is None or earliest(piece[: mark.start()], OPENINGS)[0] >= 0:
        return "", piece
    return piece[: mark.start()].strip(), _said(piece[mark.end() :], first=first, ended=True)


def _said(text: str, *, first: bool, ended: bool) -> str:
    """What comes behind a thought. Of a continued answer the lines that a template puts there are taken off, and a
    space is kept: it may be the one between two words."""
    body = text.lstrip()
    for opening, closing in ANSWERS:
        if not ended and opening.startswith(body):
            return ""
        if body.startswith(opening):
            inner = body[len(opening) :].partition(closing)
            said = inner[0] + inner[2] if inner[1] or ended else without_beginning(inner[0], (closing,))
            return said.strip()
    if first or not body:
        return body
    blank = text[: len(text) - len(body)]
    return blank[blank.rfind("\n") + 1 :] + body
