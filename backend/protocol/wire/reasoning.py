"""Splits an answer in two parts: the model's reasoning, and its text."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from typing import NamedTuple

from backend.protocol.wire import channels
from backend.protocol.wire.marks import (
    ANSWERS,
    CLOSINGS,
    OPENINGS,
    THOUGHTS,
    Marks,
    begins_with,
    earliest,
    is_quoted,
    may_become,
    without_beginning,
)
from backend.text import clean
from backend.types import Message
from backend.untrusted import string

_FIRST = (*OPENINGS, *CLOSINGS, *channels.OPENINGS)  # possible marks at the beginning of an answer
_BEGINNINGS = frozenset(mark[:2] for mark in CLOSINGS)
_LOOKED_AT = 50  # mentioned marks in one text, beyond which none counts as a mark
_THOUGHTS = 50  # reasoning sections of one text
_NESTED = 10  # nested reasoning sections
_ENDS = "\n.!?:…。！？："  # characters after which another reasoning section may begin
_LEAKED = ("analysis", "assistantfinal")  # gpt-oss, if a server has dropped the marks and left the channel names


class Parts(NamedTuple):
    """An answer in its parts. `turned`: the text so far has turned out to be reasoning, because only its closing
    mark came; `text` is what follows it.
    """

    reasoning: str
    text: str
    turned: bool = False


def thinking(message: Message) -> tuple[str, str]:
    """(reasoning, text) for display: from the reasoning fields, otherwise from marks in the content (marks.py),
    otherwise from the readable parts of `reasoning_details`.
    """
    return parts(message, ended=True)[:2]


def parts(message: Message, *, ended: bool) -> Parts:
    """The same, also for a message that is being written. Then no part ever shrinks: a possible mark is held
    back. Only once, when it has `turned`, does the text begin anew.
    """
    thoughts, text, turned = list[str](), "", False
    for piece, first, last in _pieces(message):
        thought, body, turned = _piece(piece, first=first, ended=ended or not last, apart=_is_apart(message, ended))
        thoughts += [thought] if thought else []
        text += body
    reasoning = _unmarked(message.reasoning, ended=ended) if message.reasoning else "\n\n".join(thoughts)
    if not reasoning and message.reasoning_details:
        # Cleaned after joining: a character may be split over two details.
        details = (string(detail.get("text") or detail.get("summary")) for detail in message.reasoning_details)
        reasoning = clean("".join(details))
    return Parts(reasoning, text, turned)


def _unmarked(thought: str, *, ended: bool) -> str:
    """Reasoning from a field of its own, without the marks that some servers leave in it."""
    body = thought.lstrip()
    if opening := begins_with(body, OPENINGS):
        thought = body[len(opening) :].lstrip("\n")
    elif not ended and may_become(body, OPENINGS):
        return ""
    end = thought.rstrip()
    if end.endswith(CLOSINGS):
        return end[: -len(next(mark for mark in CLOSINGS if end.endswith(mark)))]
    return thought if ended else without_beginning(thought, CLOSINGS)


def _is_apart(message: Message, ended: bool) -> bool:
    """Whether the server separates the reasoning from the content. Its blocks may still arrive at the end."""
    return bool(message.reasoning or (message.reasoning_details and not ended))


def _pieces(message: Message) -> Iterator[tuple[str, bool, bool]]:
    """The content in pieces, each with "it is the first" and "it is the last". A new one begins where the model
    continued an answer: it reasons again there.
    """
    content = message.content
    seams = sorted({at for at in message.continued_at if 0 < at <= len(content)})
    for place, (start, end) in enumerate(itertools.pairwise((0, *seams, len(content)))):
        yield content[start:end], place == 0, place == len(seams)


def _piece(piece: str, *, first: bool, ended: bool, apart: bool) -> Parts:
    """The parts of a piece. `apart`: the server separates the reasoning from the content."""
    body = piece.lstrip()
    if begins_with(body, channels.OPENINGS):
        return Parts(*channels.read(body, ended=ended))
    if opening := begins_with(body, OPENINGS):
        return _split_opened(body, opening, first=first, ended=ended)
    if not ended and may_become(body, _FIRST):
        return Parts("", "")
    if closing := begins_with(body, CLOSINGS):
        return Parts("", _text_after(body[len(closing) :], first=first, ended=ended))
    return Parts("", piece) if apart else _split_closed(piece, first=first, ended=ended)


def _split_opened(body: str, opening: str, *, first: bool, ended: bool) -> Parts:
    """A piece that begins with reasoning. Its model marks reasoning in its text, so there may be more of it
    later.
    """
    marks = next(marks for marks in THOUGHTS if opening in marks.opening)
    present = Marks(*(tuple(mark for mark in kind if mark in body) for kind in (marks.opening, marks.closing)))
    thoughts, text, turned, rest = list[str](), "", False, body
    for count in range(_THOUGHTS):
        thought, closing, rest, nested = _taken_apart(rest, present, nests=not count)
        thoughts.append(thought if closing or ended else _unfinished_thought(thought, marks))
        turned = turned or nested
        at = _next_opening(rest, present.opening) if closing and count + 1 < _THOUGHTS else -1
        passage, rest = (rest, "") if at < 0 else (rest[:at], rest[at:])
        text = _after(text, passage, marks, first=first, ended=ended or at >= 0)
        if at < 0:
            break
    return Parts("\n\n".join(filter(None, map(str.strip, thoughts))), text, turned)


def _taken_apart(body: str, marks: Marks, *, nests: bool) -> tuple[str, str, str, bool]:
    """(reasoning, its closing mark, the rest, whether it is nested) of a text that begins with reasoning. If as
    many marks are closed as were opened, in a row, everything belongs to the outer one.
    """
    for _ in range(_NESTED):
        body = body[len(begins_with(body, marks.opening)) :]
        inside = body.lstrip()
        if not begins_with(inside, marks.opening):
            break
        body = inside
    at, closing = earliest(body, marks.closing)
    if at < 0:
        return body, "", "", False
    opened = sum(body.count(mark, 0, at) for mark in marks.opening) if nests else 0
    last, mark = (at, closing) if opened < _NESTED else (at, "")
    for _ in range(opened if mark else 0):
        behind = last + len(mark)
        last, mark = earliest(body, marks.closing, behind)
        again = earliest(body, marks.opening, behind)[0]
        if last < 0 or 0 <= again < last:
            last, mark = at, ""
            break
    if opened and mark:
        return body[:last], mark, body[last + len(mark) :], True
    return body[:at], closing, body[at + len(closing) :], False


def _unfinished_thought(thought: str, marks: Marks) -> str:
    """Unfinished reasoning, without a possible mark at its end."""
    return "" if may_become(thought.lstrip(), marks.opening) else without_beginning(thought, marks.closing)


def _next_opening(text: str, openings: tuple[str, ...]) -> int:
    """Where reasoning begins in a text: at its beginning, on a new line, or after a sentence; not in code."""
    start = 0
    for _ in range(_LOOKED_AT):
        at, mark = earliest(text, openings, start)
        if at < 0:
            return -1
        before = text[:at].rstrip(" ")
        if (not before.strip() or before[-1] in _ENDS) and not is_quoted(text, at, at + len(mark)):
            return at
        start = at + len(mark)
    return -1


def _after(before: str, text: str, marks: Marks, *, first: bool, ended: bool) -> str:
    """The text with what follows a reasoning section; later texts are paragraphs. A possible beginning of a mark
    is held back.
    """
    text = text if ended else without_beginning(text, marks.opening + marks.closing)
    if not before:
        return _text_after(text, first=first, ended=ended)
    body = text.lstrip()
    gap = "\n" * max(0, 2 - (len(before) - len(before.rstrip("\n"))))
    return before + gap + body if body else before


def _split_closed(piece: str, *, first: bool, ended: bool) -> Parts:
    """A text that may contain only the closing mark of reasoning."""
    begins, ends = _LEAKED
    if piece.startswith(begins) and ends in piece:
        thought, _, text = piece[len(begins) :].partition(ends)
        return Parts(thought.strip(), text.lstrip(), turned=True)
    at, mark = _first_closing(piece, ended=ended)
    if at < 0 or earliest(piece[:at], OPENINGS)[0] >= 0:
        return Parts("", piece if ended else without_beginning(piece, CLOSINGS))
    return Parts(piece[:at].strip(), _text_after(piece[at + len(mark) :], first=first, ended=ended), turned=True)


def _first_closing(text: str, *, ended: bool) -> tuple[int, str]:
    """The position of the first closing mark that is not only mentioned, and the mark; -1 if there is none."""
    if not any(map(text.__contains__, _BEGINNINGS)):  # the usual case, and this runs for each token
        return -1, ""
    marks = itertools.islice(_closings(text), _LOOKED_AT)
    real = ((at, mark) for at, mark in marks if not is_quoted(text, at, at + len(mark), ended=ended))
    return next(real, (-1, ""))


def _closings(text: str) -> Iterator[tuple[int, str]]:
    """The positions of closing marks, in order. Each mark is searched separately: 20 times as fast as one
    pattern for all, which matters while an answer grows.
    """
    return heapq.merge(*(_places(text, mark) for mark in CLOSINGS))


def _places(text: str, mark: str) -> Iterator[tuple[int, str]]:
    at = text.find(mark)
    while at >= 0:
        yield at, mark
        at = text.find(mark, at + len(mark))


def _text_after(text: str, *, first: bool, ended: bool) -> str:
    """The text after reasoning. For a continued answer a template's leading lines are removed, and a space is
    kept: it may separate two words.
    """
    body = text.lstrip()
    for opening, closing in ANSWERS:
        if not ended and opening.startswith(body):
            return ""
        if body.startswith(opening):
            inner = body[len(opening) :].partition(closing)
            answer = inner[0] + inner[2] if inner[1] or ended else without_beginning(inner[0], (closing,))
            return answer.strip()
    if first or not body:
        return body
    blank = text[: len(text) - len(body)]
    return blank[blank.rfind("\n") + 1 :] + body
