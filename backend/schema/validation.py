"""Checks whether arguments match a JSON schema. The result is a list of reasons, exact enough for a model to
correct its call.

All of drafts 4 to 2020-12, by jsonschema-rs in a child process (backend/schema/worker.py) that is killed when a
check
takes too much. References outside the schema are never fetched; `format` is a hint and forbids nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Mapping
from typing import NoReturn

from backend.child_process import ChildProcess, environment
from backend.shutdown import at_shutdown
from backend.text import clean
from backend.types import JSON
from backend.untrusted import deeper_than, items, string, without_strings

SCHEMA_LIMIT, VALUE_LIMIT = 200_000, 500_000  # characters of JSON
DEEPEST = 60  # levels of a value; a schema writes each of them with two
# seconds for one check: the child allows itself one of processor time, so this is for a busy machine
SECONDS = 10.0
START_LIMIT = 60.0  # seconds
TOO_INVOLVED = "the schema is too involved to be checked here."
TOO_MUCH = "the value is too long or too deeply nested to be checked here."
IN_A_FENCE = "it stands between ``` marks, which are no JSON."
NO_JSON = "a number in it is not finite, or has too many digits."
NOT_NOW = "no check can be made at the moment."
_FENCE = "```"
_KEPT = 500  # cached answers: a page asks again in each run, and what killed a child must not kill the next one
# Exit codes that no limit here causes: SIGHUP, SIGKILL (out of memory, a container ends), SIGTERM.
_FROM_OUTSIDE = (-1, -9, -15)
_LINE = 1_000_000  # bytes of an answer
Object = Mapping[str, JSON]


def check(arguments: JSON, schema: Object) -> list[str]:
    """Why the arguments do not match, about ten reasons at most; empty if they do."""
    try:
        value = _json_text(arguments, VALUE_LIMIT, DEEPEST)
    except ValueError:
        return [NO_JSON]
    if value is None:
        return [TOO_MUCH]
    answer = _ask_child(schema, value)
    if isinstance(answer, str):
        return [answer]
    return [TOO_INVOLVED] if answer["reasons"] is None else [string(reason) for reason in items(answer["reasons"])]


def faults(schema: Object) -> list[tuple[tuple[str | int, ...], str]]:
    """The faults of a schema: place and reason. Invalid keywords forbid nothing in `check`."""
    answer = _ask_child(schema, None)
    if isinstance(answer, str):
        return [((), answer)]
    found = [(_path(path), string(words)) for path, words in map(items, items(answer["faults"]))]
    return found or ([((), TOO_INVOLVED)] if answer["reasons"] is None else [])


def _path(steps: JSON) -> tuple[str | int, ...]:
    return tuple(step for step in items(steps) if isinstance(step, str | int))


def answer(text: str, schema: Object) -> list[str]:
    """Why an answer is not JSON that matches this schema; empty if it is."""
    if len(text) > VALUE_LIMIT:
        return [TOO_MUCH]
    try:
        value = json.loads(text, parse_constant=_no_number)
    except RecursionError:
        return ["it is no JSON (nested too deeply)."]
    except ValueError as error:
        if inside := _inside_a_fence(text):
            return [IN_A_FENCE, *answer(inside, schema)]
        return [f"it is no JSON ({getattr(error, 'msg', NO_JSON.rstrip('.'))})."]
    return check(value, schema)


def _inside_a_fence(text: str) -> str:
    """The content of an answer that is one Markdown code block; "" if it is not."""
    opening, _, rest = text.strip().partition("\n")
    inside = rest.removesuffix(_FENCE).strip()
    fenced = opening.startswith(_FENCE) and rest.endswith(_FENCE) and not inside.startswith(_FENCE)
    return inside if fenced else ""


def _no_number(word: str) -> NoReturn:
    raise json.JSONDecodeError(f"{word} is no number there", word, 0)


def _json_text(value: object, limit: int, deepest: int) -> str | None:
    """A value as JSON without lone surrogates; None if it is too large. Raises ValueError."""
    try:
        text = clean(json.dumps(value, ensure_ascii=False, allow_nan=False))
    except RecursionError:
        return None
    return None if len(text) > limit or deeper_than(without_strings(text), deepest) else text


def _ask_child(schema: Object, value: str | None) -> Object | str:
    """The child's answer, or a sentence why there is none."""
    try:
        text = _json_text(schema, SCHEMA_LIMIT, 2 * DEEPEST)
        answer = _checker.ask({"schema": text, "value": value}) if text is not None else None
    except (ValueError, TypeError):
        return TOO_INVOLVED
    except OSError:
        return NOT_NOW
    return TOO_INVOLVED if answer is None else answer


class _Checker:
    """The only child, started on demand and restarted after a check has killed it; such a check is not repeated.
    Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: ChildProcess | None = None
        self._answers: dict[bytes, Object | None] = {}

    def ask(self, message: Mapping[str, object]) -> Object | None:
        """The answer; None if a limit killed the child instead. Raises OSError if no child can be started, or
        something else killed it: that says nothing about the message, and is not cached.
        """
        digest = hashlib.sha256(repr(message).encode()).digest()
        with contextlib.suppress(KeyError):  # a cached answer does not wait for another check
            return self._answers[digest]
        with self._lock:
            if digest not in self._answers:
                child = self._child if self._child and self._child.alive else self._start_child()
                answer = self._in_time(child, SECONDS, message)
                if len(self._answers) >= _KEPT:
                    del self._answers[next(iter(self._answers))]
                self._answers[digest] = answer
            return self._answers[digest]

    def _start_child(self) -> ChildProcess:
        self.close()
        child = ChildProcess(["-m", "backend.schema.worker"], environment())
        self._child = child
        if self._in_time(child, START_LIMIT, None) is None:
            raise ChildProcessError
        return child

    def _in_time(self, child: ChildProcess, seconds: float, message: Mapping[str, object] | None) -> Object | None:
        """Send a message, if there is one, and read a line; the child is killed if it takes too long. Raises
        ChildProcessError if something else killed it.
        """
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
            child.wait(1)  # its output closes a moment before it exits
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
