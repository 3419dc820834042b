"""Do arguments fit a JSON schema? The answer is a list of reasons, exact enough for a model to repair its call.

All of drafts 4 to 2020-12, by jsonschema-rs in a child process (backend/schema/worker.py) that ends when a check
asks for too much. References outside the schema are never fetched; `format` is a hint and forbids nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Mapping
from typing import Any, NoReturn

from backend.child_process import ChildProcess, environment
from backend.shutdown import at_shutdown
from backend.text import clean
from backend.types import JSON
from backend.untrusted import deeper_than, without_strings

SCHEMA_LIMIT, VALUE_LIMIT = 200_000, 500_000  # characters of JSON
DEEPEST = 60  # levels of a value; a schema writes each of them with two
SECONDS = 10.0  # a child may take for one check: it allows itself one of a processor, so this is for a busy machine
START_LIMIT = 60.0  # seconds
TOO_INVOLVED = "the schema is too involved to be checked here."
TOO_MUCH = "the value is too long or too deeply nested to be checked here."
NO_JSON = "a number in it is not finite, or has too many digits."
NOT_NOW = "no check can be made at the moment."
_KEPT = 500  # answers: a page asks again in each run, and what ended a child must not end the next one
# Exit codes of what no limit here does: SIGHUP, SIGKILL (the system is short of memory, a container ends), SIGTERM.
_FROM_OUTSIDE = (-1, -9, -15)
_LINE = 1_000_000  # bytes of an answer
Object = Mapping[str, JSON]


def check(arguments: JSON, schema: Object) -> list[str]:
    """Why the arguments do not fit, some ten reasons at most; none when they do."""
    try:
        value = _written(arguments, VALUE_LIMIT, DEEPEST)
    except ValueError:
        return [NO_JSON]
    if value is None:
        return [TOO_MUCH]
    answer = _asked(schema, value)
    if isinstance(answer, str):
        return [answer]
    return [TOO_INVOLVED] if answer["reasons"] is None else list(answer["reasons"])


def faults(schema: Object) -> list[tuple[tuple[str | int, ...], str]]:
    """What is not sound in a schema: where, and what. Such keywords forbid nothing in `check`."""
    answer = _asked(schema, None)
    if isinstance(answer, str):
        return [((), answer)]
    found = [(tuple(path), str(words)) for path, words in answer["faults"]]
    return found or ([((), TOO_INVOLVED)] if answer["reasons"] is None else [])


def answer(text: str, schema: Object) -> list[str]:
    """Why an answer is not JSON of this schema; none when it is."""
    if len(text) > VALUE_LIMIT:
        return [TOO_MUCH]
    try:
        value = json.loads(text, parse_constant=_no_number)
    except RecursionError:
        return ["it is no JSON (nested too deeply)."]
    except ValueError as error:
        return [f"it is no JSON ({getattr(error, 'msg', NO_JSON.rstrip('.'))})."]
    return check(value, schema)


def _no_number(word: str) -> NoReturn:
    raise json.JSONDecodeError(f"{word} is no number there", word, 0)


def _written(value: object, limit: int, deepest: int) -> str | None:
    """A value as JSON without half characters; None when it is too large. Raises ValueError."""
    try:
        text = clean(json.dumps(value, ensure_ascii=False, allow_nan=False))
    except RecursionError:
        return None
    return None if len(text) > limit or deeper_than(without_strings(text), deepest) else text


def _asked(schema: Object, value: str | None) -> dict[str, Any] | str:
    """The child's answer, or a sentence why there is none."""
    try:
        text = _written(schema, SCHEMA_LIMIT, 2 * DEEPEST)
        answer = _checker.ask({"schema": text, "value": value}) if text is not None else None
    except (ValueError, TypeError):
        return TOO_INVOLVED
    except OSError:
        return NOT_NOW
    return TOO_INVOLVED if answer is None else answer


class _Checker:
    """The one child, started when it is first needed and again after a check has ended it; it is not asked twice.
    Safe between threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: ChildProcess | None = None
        self._answers: dict[bytes, dict[str, Any] | None] = {}

    def ask(self, message: Mapping[str, object]) -> dict[str, Any] | None:
        """The answer; None when a limit ended the child instead. Raises OSError when none can be started, or
        something else ended it: that says nothing about the message, and is not remembered."""
        digest = hashlib.sha256(repr(message).encode()).digest()
        with contextlib.suppress(KeyError):  # what is known does not wait for another's check
            return self._answers[digest]
        with self._lock:
            if digest not in self._answers:
                child = self._child if self._child and self._child.alive else self._started()
                answer = self._in_time(child, SECONDS, message)
                if len(self._answers) >= _KEPT:
                    del self._answers[next(iter(self._answers))]
                self._answers[digest] = answer
            return self._answers[digest]

    def _started(self) -> ChildProcess:
        self.close()
        child = ChildProcess(["-m", "backend.schema.worker"], environment())
        self._child = child
        if self._in_time(child, START_LIMIT, None) is None:
            raise ChildProcessError
        return child

    def _in_time(
        self, child: ChildProcess, seconds: float, message: Mapping[str, object] | None
    ) -> dict[str, Any] | None:
        """Send a message, if there is one, and read a line; the child is ended when it takes too long. Raises
        ChildProcessError when something else ended it."""
        late = threading.Event()

        def end() -> None:
            late.set()
            child.kill()

        clock = threading.Timer(seconds, end)
        clock.daemon = True
        clock.start()
        try:
            if message is not None:
                child.write(message)
            line = child.read(_LINE)
        except OSError:
            line = None
        finally:
            clock.cancel()
        if line is None:
            child.wait(1)  # its output closes a moment before it is gone
            from_outside = child.exit_code in _FROM_OUTSIDE and not late.is_set()
            self.close()
            if from_outside:
                raise ChildProcessError
        return line

    def close(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.close()


_checker = _Checker()
at_shutdown(_checker.close)
