"""The results of a batch, matched to its requests by id: read line by line, whatever the size.

    outcomes = results(lines_of(pieces), wanted)

Two formats of a line: Anthropic's message batches, and the output file of OpenAI's batches. Nothing is requested
here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from backend import errors
from backend.studio.batches import MOST
from backend.studio.shelf import MB
from backend.text import harmless_cell
from backend.types import JSON
from backend.untrusted import Object, Unreadable, fields, integer, line, objects, parsed, string, text

LINE = 8 * MB  # bytes of one line
ROOM = 8 * MB  # characters of all questions and answers in the table; the file has all of it
_BRIEF = 300  # characters of one of them when there is no room left
_LONGEST = 50_000  # characters of one of them
_BLANK = b"\xef\xbb\xbf \t\r"


@dataclass(frozen=True)
class Outcome:
    """The outcome of one request. `state`: succeeded, errored, canceled, expired, or "missing" without a result;
    `cut`: its text is longer than here.
    """

    id: str
    asked: str
    state: str
    answer: str = ""
    error: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cut: bool = False

    def as_json(self) -> dict[str, JSON]:
        return dict(vars(self))


def kept_outcome(row: Object) -> Outcome:
    """An outcome of the table, as it was stored."""
    id_, asked, state, answer, error = (text(row.get(name)) for name in ("id", "asked", "state", "answer", "error"))
    tokens = [integer(row.get(name)) for name in ("tokens_in", "tokens_out")]
    return Outcome(id_, asked, state, answer, error, tokens[0], tokens[1], row.get("cut") is True)


# ---- lines --------------------------------------------------------------------------------------------------


def lines_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The non-empty lines of JSON Lines that arrive in pieces. Only \n separates them: a text in them may
    contain what Python also treats as a line end (U+2028). Raises AnswerTooLarge.
    """
    begun = bytearray()
    for piece in pieces:
        *whole, rest = piece.split(b"\n")
        for one in whole:
            yield from _non_blank(bytes(begun) + one)
            begun.clear()
        begun += rest
        if len(begun) > LINE:
            raise errors.AnswerTooLarge(title=f"A line of the results is larger than {LINE // MB} MB.", hint="")
    yield from _non_blank(bytes(begun))


def _non_blank(written: bytes) -> Iterator[bytes]:
    if found := written.strip(_BLANK):
        yield found


def is_results(first: bytes) -> bool:
    """Whether the first line is a result, not a status of the batch."""
    return "custom_id" in _row(first)


def _row(written: bytes) -> Object:
    try:
        return fields(parsed(written.decode("utf-8", "replace")))
    except Unreadable:
        return {}


# ---- outcomes -----------------------------------------------------------------------------------------------


def results(lines: Iterable[bytes], wanted: Sequence[JSON] | None) -> list[Outcome]:
    """The outcome of each request that was sent, in order; of several results for one the first. Results of
    unknown requests are dropped, unless the requests are unknown (None). Text is kept up to ROOM.
    """
    room = _Room(ROOM)
    ids = None if wanted is None else {string(fields(one).get("custom_id")) for one in wanted}
    found: dict[str, Outcome] = {}
    for written in lines:
        row = _row(written)
        id_ = text(row.get("custom_id"), 64)
        if id_ not in found and (id_ in ids if ids is not None else len(found) < MOST):
            found[id_] = _outcome(id_, _result(row), room)
    if wanted is None:
        return list(found.values())
    return [_with_question(fields(one), found, room) for one in wanted]


class _Room:
    """The remaining characters of the table."""

    def __init__(self, most: int) -> None:
        self._left = most

    def of(self, words: str) -> tuple[str, bool]:
        """The text as far as there is room, and whether it was cut."""
        kept = words[: _LONGEST if len(words) <= self._left else _BRIEF]
        self._left -= len(kept)
        return kept, len(kept) < len(words)


def _result(row: Object) -> Object:
    """A result in the form of a message batch, also from a line of OpenAI's."""
    response, error = fields(row.get("response")), fields(row.get("error"))
    if "result" in row or not (response or error):
        return fields(row.get("result"))
    body = fields(response.get("body"))
    choice = next(iter(objects(body.get("choices"))), {})
    if not choice:
        return {"type": "errored", "error": dict(fields(body.get("error")) or error)}
    usage = fields(body.get("usage"))
    tokens: dict[str, JSON] = {"input_tokens": usage.get("prompt_tokens")}
    tokens["output_tokens"] = usage.get("completion_tokens")
    content = fields(choice.get("message")).get("content")
    return {"type": "succeeded", "message": {"content": content, "usage": tokens}}


def _outcome(id_: str, result: Object, room: _Room) -> Outcome:
    state = line(result.get("type"), 20)
    if state != "succeeded":
        outer = fields(result.get("error"))
        inner = fields(outer.get("error")) or outer
        error = text(inner.get("message"), 2_000) or line(inner.get("type"), 100) or f"The server says: {state}."
        return Outcome(id_, "", state or "errored", error=error)
    message = fields(result.get("message"))
    usage = fields(message.get("usage"))
    answer, cut = room.of("".join(_texts(message.get("content"))))
    tokens = [integer(usage.get(name)) for name in ("input_tokens", "output_tokens")]
    return Outcome(id_, "", state, answer, "", tokens[0], tokens[1], cut)


def _with_question(request: Object, found: Mapping[str, Outcome], room: _Room) -> Outcome:
    id_ = string(request.get("custom_id"))
    messages = objects(fields(request.get("params")).get("messages"))
    asked, cut = room.of("".join(_texts(messages[-1].get("content")))) if messages else ("", False)
    one = found.get(id_)
    if one is None:
        return Outcome(id_, asked, "missing", error="No result came for this row.", cut=cut)
    return replace(one, asked=asked, cut=one.cut or cut)


def _texts(content: JSON) -> Iterator[str]:
    if isinstance(content, str):
        yield text(content)
    for block in objects(content):
        yield text(block.get("text"))


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as CSV."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    names = ("id", "state", "asked", "answer", "error", "tokens_in", "tokens_out")
    rows.writerow(["custom_id", *names[1:]])
    for one in outcomes:
        cells = [getattr(one, name) for name in names]
        rows.writerow([harmless_cell(cell) if isinstance(cell, str) else cell for cell in cells])
    return written.getvalue()
