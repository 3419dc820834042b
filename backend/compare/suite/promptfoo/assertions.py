"""The mapping between checks and assertions (docs/suites.md): one function for each direction.

An assertion becomes the equivalent checks, or a reason why there are none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence

from backend.compare.suite import yaml_text
from backend.compare.suite.check import Check
from backend.compare.suite.checks import SHARE
from backend.compare.suite.promptfoo import templates
from backend.types import JSON
from backend.untrusted import Object, Unreadable, fields, items, number, string

Taken = list[Check] | str  # a text is the reason why there are none
CODE = "it would be run as code"
UNKNOWN = "there is no such check here"
EDITS = 5  # promptfoo's default for levenshtein
_CODE = {"javascript", "python", "ruby", "webhook"}
_KNOWN = {"type", "value", "threshold", "weight", "metric"}
_LONGEST = re.compile(r"\^\[\\s\\S\]\{0,(\d{1,9})\}\$")
_ESCAPED = re.compile(r"[\\^$.|?*+()\[\]{}]")


def check_of(assertion: Object) -> Taken:
    """The checks of one assertion."""
    written = string(assertion.get("type"))
    name = written.removeprefix("not-")
    negated, value = written != name, assertion.get("value")
    if name in _CODE:
        return CODE
    if name not in _READERS:
        return UNKNOWN
    if more := [key for key in assertion if key not in _KNOWN]:
        return f"{more[0][:40]} is not known here"
    if assertion.get("weight") == 0:
        return "it weighs nothing: it would count here"
    texts = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
    if why := next(filter(None, map(templates.problem, texts)), ""):
        return why
    return _READERS[name](value, number(assertion.get("threshold")), negated)


def assertion_of(check: Check) -> dict[str, JSON] | str:
    """The assertion of one check, or the reason why there is none."""
    if isinstance(check.value, str) and templates.is_reference(check.value):
        return templates.READ_AS_REFERENCE
    made = _WRITERS[check.kind](check)
    if isinstance(made, dict) and check.negated:
        made["type"] = f"not-{made['type']}"
    return made


# ---- from promptfoo -----------------------------------------------------------------------------------------


def _word(value: JSON) -> str | None:
    """A text, or a number formatted as in JavaScript; None for anything else."""
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return templates.from_template(value) if isinstance(value, str) else None


def _several(value: JSON) -> list[str]:
    given: Sequence[JSON] = items(value) if isinstance(value, list) else string(value).split(",")
    words = [_word(one.strip() if isinstance(one, str) else one) for one in given]
    return [word for word in words if word]


def _contains(ignore_case: bool) -> Callable[[JSON, float | None, bool], Taken]:
    def read(value: JSON, threshold: float | None, negated: bool) -> Taken:
        word = _word(value)
        return [Check("contains", word, negated, ignore_case)] if word else "its value is no text"

    return read


def _contains_all(ignore_case: bool) -> Callable[[JSON, float | None, bool], Taken]:
    def read(value: JSON, threshold: float | None, negated: bool) -> Taken:
        if negated:
            return UNKNOWN
        return [Check("contains", word, ignore_case=ignore_case) for word in _several(value)] or "it names nothing"

    return read


def _contains_any(value: JSON, threshold: float | None, negated: bool) -> Taken:
    words = _several(value)
    if '"' in string(value):
        return "its value is in quotation marks: write a list"
    return _pattern("|".join(map(_escaped, words)), words, negated) if words else "it names nothing"


def _starts_with(value: JSON, threshold: float | None, negated: bool) -> Taken:
    word = _word(value)
    return _pattern(f"^{_escaped(word)}", [word], negated) if word else "its value is no text"


def _pattern(pattern: str, words: Sequence[str], negated: bool) -> Taken:
    if any("{{" in word for word in words):
        return "it would become a pattern, and a variable in it would, too"
    return [Check("regex", pattern, negated)]


def _escaped(text: str) -> str:
    """A text as a pattern that JavaScript and Rust read alike."""
    return _ESCAPED.sub(lambda match: f"\\{match[0]}", text)


def _equals(value: JSON, threshold: float | None, negated: bool) -> Taken:
    if isinstance(value, dict | list):
        return UNKNOWN if negated else [Check("json", {"const": value})]
    word = _word(value)
    return "its value is no text" if word is None else [Check("equals", word, negated)]


def _regex(value: JSON, threshold: float | None, negated: bool) -> Taken:
    if not isinstance(value, str):
        return "its value is no text"
    longest = None if negated else _LONGEST.fullmatch(value)
    return (
        [Check("max_length", int(longest[1]))]
        if longest
        else [Check("regex", templates.from_template(value), negated)]
    )


def _is_json(value: JSON, threshold: float | None, negated: bool) -> Taken:
    if isinstance(value, str) and value.strip():
        try:
            value = yaml_text.parsed(value)
        except Unreadable:
            return "its schema cannot be read"
    if not value:
        return [Check("json", negated=negated)]
    if not isinstance(value, dict) or negated:
        return UNKNOWN
    tool = string(_step(value, "contains", "properties", "function", "properties", "name").get("const"))
    return [Check("calls", tool=tool)] if tool and value == calling(tool) else [Check("json", value)]


def _step(value: JSON, *names: str) -> Object:
    for name in names:
        value = fields(value).get(name)
    return fields(value)


def calling(tool: str) -> dict[str, JSON]:
    """The schema of promptfoo's output for a tool call: a list of calls."""
    function: JSON = {"type": "object", "properties": {"name": {"const": tool}}, "required": ["name"]}
    call: JSON = {"type": "object", "properties": {"function": function}, "required": ["function"]}
    return {"type": "array", "contains": call}


def _limit(kind: str, share: float) -> Callable[[JSON, float | None, bool], Taken]:
    def read(value: JSON, threshold: float | None, negated: bool) -> Taken:
        if threshold is None or negated:
            return "it has no threshold" if not negated else UNKNOWN
        return [Check("max_cost" if kind == "cost" else "max_seconds", threshold * share)]

    return read


def _levenshtein(value: JSON, threshold: float | None, negated: bool) -> Taken:
    if not isinstance(value, str) or negated:
        return UNKNOWN
    return [Check("similar", templates.from_template(value), edits=int(EDITS if threshold is None else threshold))]


def _rubric(value: JSON, threshold: float | None, negated: bool) -> Taken:
    if not isinstance(value, str) or not value or negated:
        return "its value is no text" if not negated else UNKNOWN
    return [Check("graded", templates.from_template(value), threshold=threshold)]


def _tool_calls(value: JSON, threshold: float | None, negated: bool) -> Taken:
    return UNKNOWN if negated or value else [Check("calls")]


_READERS: Mapping[str, Callable[[JSON, float | None, bool], Taken]] = {
    "contains": _contains(ignore_case=False),
    "icontains": _contains(ignore_case=True),
    "contains-all": _contains_all(ignore_case=False),
    "icontains-all": _contains_all(ignore_case=True),
    "contains-any": _contains_any,
    "starts-with": _starts_with,
    "equals": _equals,
    "regex": _regex,
    "is-json": _is_json,
    "cost": _limit("cost", 1),
    "latency": _limit("latency", 0.001),
    "levenshtein": _levenshtein,
    "llm-rubric": _rubric,
    "is-valid-openai-tools-call": _tool_calls,
}


# ---- to promptfoo -------------------------------------------------------------------------------------------


def _with_text(type_: str) -> Callable[[Check], dict[str, JSON] | str]:
    return lambda check: {"type": type_, "value": templates.to_template(str(check.value))}


def _write_json(check: Check) -> dict[str, JSON]:
    return {"type": "is-json", "value": check.value} if check.value else {"type": "is-json"}


def _write_calls(check: Check) -> dict[str, JSON] | str:
    if check.value is not None:
        return "promptfoo has no assertion for the arguments of a call that is no code"
    if not check.tool:
        return UNKNOWN if check.negated else {"type": "is-valid-openai-tools-call"}
    if check.negated or "{{" in check.tool:
        return "promptfoo has no assertion for it that is no code"
    return {"type": "is-json", "value": calling(check.tool)}


def _write_similar(check: Check) -> dict[str, JSON] | str:
    if check.edits is None:
        share = SHARE if check.threshold is None else check.threshold
        return f"promptfoo counts letters and not shares: say edits instead of {share:.0%}"
    return {"type": "levenshtein", "value": templates.to_template(str(check.value)), "threshold": check.edits}


def _write_graded(check: Check) -> dict[str, JSON]:
    made: dict[str, JSON] = {"type": "llm-rubric", "value": templates.to_template(str(check.value))}
    return made if check.threshold is None else {**made, "threshold": check.threshold}


_WRITERS: Mapping[str, Callable[[Check], dict[str, JSON] | str]] = {
    "contains": lambda check: {
        "type": "icontains" if check.ignore_case else "contains",
        "value": templates.to_template(str(check.value)),
    },
    "equals": _with_text("equals"),
    "regex": _with_text("regex"),
    "json": _write_json,
    "max_length": lambda check: {"type": "regex", "value": f"^[\\s\\S]{{0,{int(number(check.value) or 0)}}}$"},
    "max_cost": lambda check: {"type": "cost", "threshold": check.value},
    "max_seconds": lambda check: {"type": "latency", "threshold": (number(check.value) or 0.0) * 1000},
    "calls": _write_calls,
    "similar": _write_similar,
    "graded": _write_graded,
}
