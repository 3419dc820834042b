"""A suite as a file of this playground (docs/suites.md): YAML or JSON for people, for `python -m backend.compare`.

Unknown fields are refused and named: a silently ignored check would be a suite that always
passes. The file holds no key and no address: a connection is a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backend.compare import lane_settings
from backend.compare.lane_settings import Overrides
from backend.compare.suite import rows as table
from backend.compare.suite import yaml_text
from backend.compare.suite.check import KINDS, Check
from backend.compare.suite.grading import PROMPT, Grading
from backend.compare.suite.suite import ROWS, Row, Suite
from backend.types import JSON, Tool
from backend.untrusted import Object, Unreadable, fields, integer, items, line, number, string

FORMAT, VERSION = "llm-playground/suite", 1
_SUITE = ("format", "version", "name", "prompt", "lanes", "tools", "checks", "grading", "rows")
_CHECK = {
    "not": "negated",
    "ignore_case": "ignore_case",
    "tool": "tool",
    "threshold": "threshold",
    "edits": "edits",
}


def is_suite(value: JSON) -> bool:
    """Whether the value declares itself a suite. Whether it is valid is decided by `read`."""
    return fields(value).get("format") == FORMAT


def read(source: str | bytes) -> Suite:
    """A suite from a file. Raises Unreadable with a message for the visitor."""
    return of_value(yaml_text.parsed(source))


def of_value(value: JSON) -> Suite:
    """A suite from a parsed file. Raises Unreadable."""
    item = fields(value)
    if not is_suite(value):
        raise Unreadable("The file is not a suite of this playground.")
    if (integer(item.get("version")) or 0) > VERSION:
        raise Unreadable("The suite comes from a newer playground. Update this one to open it.")
    _check_names(item, _SUITE, "The suite")
    given = items(item.get("rows"))
    if len(given) > ROWS:
        raise Unreadable(f"The suite has {len(given):,} rows; {ROWS:,} is the most.")
    return Suite(
        line(item.get("name"), 100),
        string(item.get("prompt")),
        tuple(_row(row, f"Row {place}") for place, row in enumerate(given, 1)),
        checks(item.get("checks"), "The suite"),
        tuple(_lane(lane, f"Lane {place}") for place, lane in enumerate(items(item.get("lanes")), 1)),
        tuple(tool(one, f"Tool {place}") for place, one in enumerate(items(item.get("tools"), 100), 1)),
        _grading(item.get("grading")),
    )


def _check_names(item: Mapping[str, object], names: Iterable[str], where: str) -> None:
    if unknown := [name for name in item if name not in names]:
        raise Unreadable(f"{where}: {unknown[0][:60]} is not known here.")


def _row(value: JSON, where: str) -> Row:
    item = _object(value, where)
    _check_names(item, ("name", "variables", "checks"), where)
    own = table.variables(item.get("variables"), f"{where}: ")
    return Row(own, checks(item.get("checks"), where), line(item.get("name"), 80))


def _lane(value: JSON, where: str) -> Overrides:
    item = _object(value, where)
    _check_names(item, ("connection", "model", "parameters", "system_prompt"), where)
    changes = lane_settings.read(dict(item))
    if lost := [name for name in fields(item.get("parameters")) if name not in changes.parameters]:
        raise Unreadable(f"{where}: the parameter {lost[0][:60]} is not known, or its value is out of range.")
    return changes


def checks(value: JSON, where: str) -> tuple[Check, ...]:
    """The checks of a list. Raises Unreadable for an unknown one."""
    return tuple(check(one, f"{where}, check {place}") for place, one in enumerate(items(value), 1))


def check(value: JSON, where: str) -> Check:
    """One check: `{check: contains, value: Paris, ignore_case: true}`."""
    item = _object(value, where)
    kind = item.get("check")
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise Unreadable(f"{where}: {line(kind, 60) or 'nothing'} is no check that is known. There are: {known}.")
    _check_names(item, ("check", "value", *_CHECK), where)
    edits, threshold = integer(item.get("edits")), number(item.get("threshold"))
    if ("edits" in item and edits is None) or ("threshold" in item and threshold is None):
        raise Unreadable(f"{where}: edits and threshold are numbers.")
    return Check(
        kind,
        item.get("value"),
        item.get("not") is True,
        item.get("ignore_case") is True,
        string(item.get("tool")),
        threshold,
        edits,
    )


def tool(value: JSON, where: str) -> Tool:
    """A tool as a request has it: `{type: function, function: {name, description, parameters}}`."""
    item = _object(value, where)
    function = fields(item.get("function")) or item
    name = line(function.get("name"), 64)
    if not name:
        raise Unreadable(f"{where}: it has no name.")
    return Tool(name, string(function.get("description")), dict(fields(function.get("parameters"))))


def _grading(value: JSON) -> Grading:
    item = fields(value)
    _check_names(item, ("model", "prompt"), "Grading")
    return Grading(line(item.get("model"), 200), string(item.get("prompt")) or PROMPT)


def _object(value: JSON, where: str) -> Object:
    if not isinstance(value, dict):
        raise Unreadable(f"{where}: names and values are needed here.")
    return value


# ---- writing ----------------------------------------------------------------------------------------------


def dump(suite: Suite) -> str:
    """The file of a suite, for `read`."""
    return yaml_text.dump(as_value(suite))


def as_value(suite: Suite) -> dict[str, JSON]:
    """The suite as JSON that `read` accepts; empty fields are left out."""
    value: dict[str, JSON] = {"format": FORMAT, "version": VERSION, "name": suite.name, "prompt": suite.prompt}
    value["lanes"] = [lane.as_json() for lane in suite.lanes]
    value["tools"] = [tool_value(one) for one in suite.tools]
    value["checks"] = [check_value(one) for one in suite.checks]
    if suite.grading != Grading():
        value["grading"] = {"model": suite.grading.model, "prompt": suite.grading.prompt}
    value["rows"] = [_row_value(row) for row in suite.rows]
    return {name: item for name, item in value.items() if item not in ([], "")}


def _row_value(row: Row) -> dict[str, JSON]:
    value: dict[str, JSON] = {"name": row.name, "variables": dict(row.variables)}
    value["checks"] = [check_value(one) for one in row.checks]
    return {name: item for name, item in value.items() if item not in ([], "")}


def tool_value(one: Tool) -> dict[str, JSON]:
    about: dict[str, JSON] = {"name": one.name, "description": one.description, "parameters": dict(one.parameters)}
    return {"type": "function", "function": about}


def check_value(one: Check) -> dict[str, JSON]:
    """A check as JSON, without fields that have their default."""
    plain = Check(one.kind)
    value: dict[str, JSON] = {"check": one.kind}
    if one.value is not None:
        value["value"] = one.value
    for name, attribute in _CHECK.items():
        if (own := getattr(one, attribute)) != getattr(plain, attribute):
            value[name] = own
    return value
