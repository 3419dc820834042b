"""The structured log for the owner: one line of JSON per event, to standard error. Numbers, known names, ids.

    logs.set_up("INFO")                                        # once per process; repeating it is harmless
    logs.event(log, logging.INFO, "answer", model="m", seconds=1.2)

Never content: there is no field for a prompt, an answer, an argument, a key, a header, a query, a person or a file.
Foreign text that has a field (a model's id, a host, a server's request id) is cleaned, cut, and ASCII in the
line, so that no line can be forged. It does NOT collect, rotate or send anything: that is up to the host.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO, TypedDict, Unpack

from backend.text import clean

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOGGERS = ("backend", "components")
TEXT_LIMIT = 120  # characters of one field
FINISH_REASONS = ("stop", "length", "tool_calls", "function_call", "content_filter", "error")
_HANDLER = "playground"
_ROOT = Path(__file__).resolve().parents[1]
_ID = re.compile(r"[^A-Za-z0-9._:/+=-]")
# A script that uses backend/ without setting up the log sees no output, rather than bare words on stderr.
logging.getLogger("backend").addHandler(logging.NullHandler())


class Fields(TypedDict, total=False):
    """All fields of a line besides its time, level, logger and event. Times in seconds, money in US dollars."""

    request_id: str  # our id, sent as X-Client-Request-Id
    server_id: str  # the server's id
    model: str  # as requested
    host: str
    state: str
    status: int | None
    finish_reason: str
    first_token: float | None
    seconds: float | None
    chunks: int
    tokens_in: int | None
    tokens_out: int | None
    cost: float | None
    retries: int
    attempt: int
    error: str  # the class of the error
    why: str  # its title
    at: str  # file and line in this program
    page: str  # of a server's URL, without its query


def event(log: logging.Logger, level: int, name: str, **fields: Unpack[Fields]) -> None:
    """Log one event. Fields that are None or "" are left out."""
    log.log(level, name, extra={"fields": fields})


def fault(log: logging.Logger, name: str, fault: BaseException) -> None:
    """Log a defect of this program: its class and its line. Not its message, which may quote anything."""
    event(log, logging.ERROR, name, error=type(fault).__name__, at=_place(fault.__traceback__))


def identifier(text: str) -> str:
    """A server's request id, limited to characters of ids."""
    return _ID.sub("", text)[:TEXT_LIMIT]


def reason(text: str | None) -> str:
    """Why an answer ended, in the API's terms; a server's own text is not repeated."""
    return text if text in FINISH_REASONS else "other" if text else ""


def set_up(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send lines of `backend` and `components` to standard error, or to `stream`. The last call counts."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        # By name: Streamlit reloads modules when a file changes, and this class with them.
        for old in [handler for handler in logger.handlers if handler.get_name() == _HANDLER]:
            logger.removeHandler(old)
        logger.addHandler(_Lines(stream))
        logger.setLevel(level.upper() if level.upper() in LEVELS else "INFO")


class _Lines(logging.Handler):
    """Writes lines to the current standard error. An answer does not fail if nothing can be written."""

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__()
        self.set_name(_HANDLER)
        self.setFormatter(Line())
        self._stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError, ValueError):
            stream = self._stream or sys.stderr
            stream.write(f"{self.format(record)}\n")
            stream.flush()


class Line(logging.Formatter):
    """A record as one line of JSON. Of a record that was not made by `event`, the message without its arguments."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": _text(record.name),
            "event": _text(record.msg) if isinstance(record.msg, str) else "message",
        }
        if record.exc_info and record.exc_info[0]:
            line |= {"error": record.exc_info[0].__name__, "at": _place(record.exc_info[2])}
        fields = getattr(record, "fields", None)
        return json.dumps(line | (_known_fields(fields) if isinstance(fields, Mapping) else {}))


def _known_fields(fields: Mapping[str, object]) -> dict[str, object]:
    """The known fields, with values that a line can hold."""
    values = {name: _value(fields.get(name)) for name in Fields.__annotations__}
    return {name: value for name, value in values.items() if value is not None and value != ""}


def _value(value: object) -> object:
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    if isinstance(value, int):
        return value
    return _text(value) if isinstance(value, str) else None


def _text(text: str) -> str:
    """One line of text; json.dumps escapes non-ASCII characters."""
    return " ".join(clean(text[:TEXT_LIMIT]).split())


def _place(trace: TracebackType | None) -> str:
    """The innermost file and line of this program in a traceback; "" for none."""
    place = ""
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(_ROOT / "backend") or path.is_relative_to(_ROOT / "components"):
            place = f"{path.relative_to(_ROOT).as_posix()}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
