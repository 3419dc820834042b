"""The child process that checks: a schema and a value in, reasons and faults out. It may be killed at any time.

The app does NOT import it. A schema of a few lines can keep any validator busy for hours or fill gigabytes
(references that double), and the library is native code that holds Python's lock and cannot be interrupted. So it
runs here, with a limit of processor time and of memory for each check.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from itertools import islice

import jsonschema_rs

from backend.child_process import ParentProcess, limit_memory
from backend.schema.faults import SchemaFault, mend
from backend.schema.reasons import reasons
from backend.types import JSON

SECONDS = 1.0  # seconds of processor time for one check
MEMORY = 256 * 1024**2  # bytes of this process; it starts with about 40 MB
MISMATCHES = 10  # a model corrects only a few at a time
LARGE = 50_000  # characters of a value from which on only the first mismatch is reported: all of them take seconds
FAULTS = 20  # of a schema
# Only look-around and back references need backtracking: 3 ms. Everything else takes linear time.
_PATTERNS = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)


def main() -> None:
    parent = ParentProcess()
    limit_memory(MEMORY)
    parent.write({"ready": True})
    for message in parent.messages():
        _die_in(SECONDS)
        answer = _answer(**message)
        _die_in(0)
        parent.write(answer)


def _answer(schema: str, value: str | None) -> dict[str, object]:
    """`reasons` why a value does not match, None if the schema cannot be used; `faults` of the schema."""
    validator, document, faults = _compiled(json.loads(schema))
    located = [[list(fault.path), fault.words] for fault in faults]
    if value is None or validator is None:
        return {"reasons": None if validator is None else [], "faults": located}
    errors = _first_error if len(value) > LARGE else jsonschema_rs.Validator.iter_errors
    sentences = (words for error in errors(validator, json.loads(value)) for words in reasons(error, document))
    return {"reasons": _few(sentences), "faults": located}


def _compiled(schema: JSON) -> tuple[jsonschema_rs.Validator | None, JSON, list[SchemaFault]]:
    """A validator for the valid part of a schema: an invalid keyword forbids nothing."""
    faults: list[SchemaFault] = []
    while len(faults) < FAULTS:
        try:
            return _validator(schema), schema, faults
        except jsonschema_rs.ValidationError as error:
            schema, found = mend(schema, error)
            faults += found
            if not found:
                break
        except ValueError:  # "Recursion limit reached"
            break
    return None, schema, faults


def _validator(schema: JSON) -> jsonschema_rs.Validator:
    """The draft is the one that `$schema` names, by default 2020-12. `offline`: no reference is ever fetched."""
    usable = schema if isinstance(schema, dict | bool) else {}  # of a text the library would read the JSON
    return jsonschema_rs.validator_for(usable, validate_formats=False, offline=True, pattern_options=_PATTERNS)


def _first_error(validator: jsonschema_rs.Validator, value: JSON) -> Iterator[jsonschema_rs.ValidationError]:
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        yield error


def _few(sentences: Iterator[str]) -> list[str]:
    """The distinct reasons, up to the limit."""
    return list(dict.fromkeys(islice(sentences, 2 * MISMATCHES)))[:MISMATCHES]


def _die_in(seconds: float) -> None:
    """Have the system kill this process after this much processor time (0: never), even in native code. Not on
    Windows: there only the parent's clock ends it.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


if __name__ == "__main__":
    main()
