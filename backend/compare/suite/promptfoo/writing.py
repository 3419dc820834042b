"""A suite as a promptfoo configuration, with a list of what could not be expressed.

It contains no key, and an address only if the caller passes one.
"""

from __future__ import annotations

import json

from backend.compare.lane_settings import LaneSettings
from backend.compare.suite import file, yaml_text
from backend.compare.suite.check import Check
from backend.compare.suite.grading import Grading
from backend.compare.suite.promptfoo import providers, templates
from backend.compare.suite.promptfoo.assertions import assertion_of
from backend.compare.suite.suite import Row, Suite
from backend.parameters import fit
from backend.types import JSON


def config_file(suite: Suite, model: str, base_url: str = "") -> tuple[str, tuple[str, ...]]:
    """(the file, the list of what was left out). `model` is used for lanes that name none."""
    left_out: list[str] = []
    lanes = [lane.over(LaneSettings(model=model)) for lane in suite.lanes] or [LaneSettings(model=model)]
    systems = list(dict.fromkeys(lane.system_prompt for lane in lanes))
    tools: list[JSON] = [file.tool_value(tool) for tool in suite.tools]
    value: dict[str, JSON] = {
        "description": suite.name or "A test suite",
        "prompts": [
            {"label": _label(place), "raw": _prompt(system, suite.prompt)} for place, system in enumerate(systems)
        ],
        "providers": [
            {
                **providers.provider_config(lane.model, label, fit(lane.parameters).body, tools, base_url),
                "prompts": [_label(systems.index(lane.system_prompt))],
            }
            for lane, label in zip(lanes, _labels([lane.model for lane in lanes]), strict=True)
        ],
    }
    default: dict[str, JSON] = {"assert": _assertions(suite.checks, "For every row", left_out)}
    if _has_graded_check(suite):
        default["options"] = _grader(suite.grading, model, base_url)
    value["defaultTest"] = default
    tests = (_test(row, place, left_out) for place, row in enumerate(suite.rows, 1))
    value["tests"] = [test for test in tests if test is not None]
    return yaml_text.dump(value), tuple(left_out)


def _label(place: int) -> str:
    return f"prompt {place + 1}"


def _labels(names: list[str]) -> list[str]:
    return [f"{place} {name}" for place, name in enumerate(names, 1)]


def _prompt(system: str, question: str) -> str:
    """Messages as JSON: a plain text could be taken for a file name."""
    turns = [("system", system), ("user", question)] if system.strip() else [("user", question)]
    messages = [{"role": role, "content": templates.to_template(text)} for role, text in turns]
    return json.dumps(messages, ensure_ascii=False)


def _has_graded_check(suite: Suite) -> bool:
    return any(
        check.kind == "graded" for check in (*suite.checks, *(one for row in suite.rows for one in row.checks))
    )


def _grader(grading: Grading, model: str, base_url: str) -> dict[str, JSON]:
    provider = providers.provider_config(grading.model or model, "grader", {}, None, base_url)
    return {"provider": provider, "rubricPrompt": _prompt("", grading.prompt)}


def _test(row: Row, place: int, left_out: list[str]) -> dict[str, JSON] | None:
    for name, text in row.variables.items():
        if why := templates.unfit(text):
            left_out.append(f"Row {place}: the variable {name}: {why}; the row is left out.")
            return None
    test: dict[str, JSON] = {"description": row.name} if row.name else {}
    test["vars"] = dict(row.variables)
    if row.checks:
        test["assert"] = _assertions(row.checks, f"Row {place}", left_out)
    return test


def _assertions(checks: tuple[Check, ...], where: str, left_out: list[str]) -> list[JSON]:
    made: list[JSON] = []
    for check in checks:
        assertion = assertion_of(check)
        if isinstance(assertion, str):
            left_out.append(f"{where}: the check {check.kind}: {assertion}.")
        else:
            made.append(assertion)
    return made
