"""A promptfoo configuration as a suite: the plain data in it, and a list of what was left out.

Nothing in the file is run, opened or fetched. A test whose meaning would change is never imported in part: it is
left out whole, and named.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.compare import lane_settings
from backend.compare.lane_settings import Overrides
from backend.compare.race import MOST as LANES
from backend.compare.suite import file, filling, yaml_text
from backend.compare.suite.check import Check
from backend.compare.suite.grading import PROMPT, Grading
from backend.compare.suite.promptfoo import assertions, providers, templates
from backend.compare.suite.suite import ROWS, Row, Suite
from backend.types import JSON, Tool
from backend.untrusted import Object, Unreadable, fields, items, line, parsed, string

_TOP = {"description", "prompts", "providers", "targets", "tests", "defaultTest", "$schema"}
_TEST = {"description", "vars", "assert", "metadata"}
_DEFAULT = {"vars", "assert", "options", "metadata"}
_TOLD = 200  # omissions that are listed


@dataclass
class _Import:
    """One file while it is imported."""

    left_out: list[str] = field(default_factory=list)
    grading: Grading = field(default_factory=Grading)
    tools: tuple[Tool, ...] = ()

    def leave(self, where: str, why: str) -> None:
        self.left_out.append(f"{line(where, 100)}: {line(why, 200)}.")


def read(source: str | bytes) -> tuple[Suite, tuple[str, ...]]:
    """(the suite, the list of what was left out). Raises Unreadable."""
    return of_value(yaml_text.parsed(source))


def of_value(value: JSON) -> tuple[Suite, tuple[str, ...]]:
    """`read` for a parsed file."""
    item = fields(value)
    if "prompts" not in item or not {"tests", "providers", "targets"} & item.keys():
        raise Unreadable("The file is neither a suite of this playground nor a configuration of promptfoo.")
    made = _Import()
    for name in item:
        if name not in _TOP:
            made.leave(name, "it is not known here")
    prompts = _prompts(made, item.get("prompts"))
    prompt = next((question for _, question in prompts.values()), "")
    systems = _systems(made, prompts, prompt)
    lanes = _lanes(made, item.get("providers", item.get("targets")), systems)
    shared, variables = _default(made, item.get("defaultTest"))
    rows = _rows(made, item.get("tests"), variables)
    suite = Suite(line(item.get("description"), 100), prompt, rows, shared, lanes, made.tools, made.grading)
    more = len(made.left_out) - _TOLD
    left_out = [*made.left_out[:_TOLD], f"And {more} more."] if more > 0 else made.left_out
    return suite, tuple(left_out)


# ---- prompts and lanes --------------------------------------------------------------------------------------


def _prompts(made: _Import, value: JSON) -> dict[str, tuple[str, str]]:
    """(system prompt, question) of each prompt that is plain data, by its label."""
    found: dict[str, tuple[str, str]] = {}
    for place, item in enumerate(items(value) if isinstance(value, list) else [value]):
        where = f"prompts[{place}]"
        text = string(item) or string(fields(item).get("raw"))
        if not text:
            made.leave(where, templates.REFERENCE if isinstance(item, dict) else "it is no text")
        elif isinstance(prompt := _chat(text), str):
            made.leave(where, prompt)
        else:
            found[string(fields(item).get("label")) or where] = prompt
    return found


def _chat(text: str) -> tuple[str, str] | str:
    """A prompt that is a list of messages, or one text. A returned text is the reason why it cannot be imported."""
    messages: JSON = None
    try:
        if text.lstrip().startswith(("[", "{")):
            messages = parsed(text)
        elif text.lstrip().startswith("- role:"):
            messages = yaml_text.parsed(text)
    except Unreadable:
        messages = None
    if not isinstance(messages, list):
        return templates.prompt_problem(text) or ("", templates.from_template(text))
    turns = [(string(fields(one).get("role")), fields(one).get("content")) for one in messages]
    system = [content for role, content in turns if role in ("system", "developer")]
    asked = [content for role, content in turns if role not in ("system", "developer")]
    if len(asked) != 1 or turns[-1][0] != "user" or not all(isinstance(content, str) for _, content in turns):
        return "it is a conversation of several turns, or holds more than text"
    if why := next(filter(None, (templates.problem(string(content)) for _, content in turns)), ""):
        return why
    return templates.from_template("\n\n".join(map(string, system))), templates.from_template(string(asked[0]))


def _systems(made: _Import, prompts: Mapping[str, tuple[str, str]], prompt: str) -> dict[str, str]:
    """The system prompts in which the lanes differ, by label; a suite asks one question."""
    for label, (_, question) in prompts.items():
        if question != prompt:
            made.leave(label, "a suite asks one question; make another suite of this one")
    return {label: system for label, (system, question) in prompts.items() if question == prompt}


def _lanes(made: _Import, value: JSON, systems: Mapping[str, str]) -> tuple[Overrides, ...]:
    lanes: list[Overrides] = []
    for place, item in enumerate(items(value) if isinstance(value, list) else [value]):
        where = f"providers[{place}]"
        provider = providers.read(item)
        if isinstance(provider, str):
            made.leave(where, provider)
            continue
        for name, why in provider.left_out:
            made.leave(f"{where}.{name}", why)
        if provider.tools is not None:
            _take_tools(made, where, provider.tools)
        named = {label: system for label, system in systems.items() if label in provider.prompts}
        for system in dict.fromkeys((named or systems or {"": ""}).values()):
            own = lane_settings.read({"model": provider.model, "parameters": dict(provider.parameters)})
            lanes.append(Overrides(None, own.model, own.parameters, system or None))
        for name in provider.parameters.keys() - own.parameters.keys():
            made.leave(f"{where}.{name}", "it is no parameter that is known here, or its value is out of range")
    if len(lanes) > LANES:
        made.leave("providers", f"{len(lanes)} lanes would come of it; the first {LANES} are taken")
    if not lanes and any(systems.values()):
        lanes = [Overrides(system_prompt=system) for system in dict.fromkeys(systems.values())]
    return tuple(lanes[:LANES])


def _take_tools(made: _Import, where: str, value: JSON) -> None:
    try:
        tools = tuple(file.tool(one, "tool") for one in items(value, 100)) if isinstance(value, list) else ()
    except Unreadable:
        tools = ()
    if not tools:
        made.leave(f"{where}.tools", templates.REFERENCE if isinstance(value, str) else "they are no tools")
    elif made.tools and made.tools != tools:
        made.leave(f"{where}.tools", "a suite offers the same tools to every lane; those of the first are taken")
    else:
        made.tools = tools


# ---- tests --------------------------------------------------------------------------------------------------


def _default(made: _Import, value: JSON) -> tuple[tuple[Check, ...], dict[str, str]]:
    """The checks and variables of every row, and the grader."""
    if isinstance(value, str):
        made.leave("defaultTest", templates.REFERENCE)
    item = fields(value)
    for name in item:
        if name not in _DEFAULT:
            made.leave(f"defaultTest.{name}", "it is not known here")
    options = fields(item.get("options"))
    for name, option in options.items():
        if name == "rubricPrompt" and isinstance(option, str | list):
            _take_rubric(made, option)
        elif name == "provider":
            provider = providers.read(option)
            if isinstance(provider, str):
                made.leave("defaultTest.options.provider", provider)
            else:
                made.grading = Grading(provider.model, made.grading.prompt)
        else:
            made.leave(f"defaultTest.options.{name}", "it is not known here")
    own = _variables(item.get("vars"))
    if isinstance(own, str):
        made.leave("defaultTest.vars", own)
        own = {}
    return _checks(made, "defaultTest", item.get("assert")), own


def _take_rubric(made: _Import, value: JSON) -> None:
    """The grading prompt as one text: messages are joined by blank lines."""
    text = value if isinstance(value, str) else json.dumps(value)
    prompt = _chat(text)
    if isinstance(prompt, str):
        made.leave("defaultTest.options.rubricPrompt", prompt)
    else:
        made.grading = Grading(made.grading.model, "\n\n".join(filter(None, prompt)) or PROMPT)


def _rows(made: _Import, value: JSON, variables: Mapping[str, str]) -> tuple[Row, ...]:
    if isinstance(value, str | dict):
        made.leave("tests", templates.REFERENCE)
    given = items(value)
    if len(given) > ROWS:
        raise Unreadable(f"The file has {len(given):,} tests; {ROWS:,} is the most.")
    rows: list[Row] = []
    for place, test in enumerate(given):
        where, item = f"tests[{place}]", fields(test)
        own = _variables(item.get("vars"))
        unknown = [name for name in item if name not in _TEST and item[name] not in ({}, [], None)]
        if not isinstance(test, dict):
            made.leave(where, templates.REFERENCE)
        elif unknown:
            made.leave(where, f"{unknown[0]} changes what it means, and is not known here; the test is left out")
        elif isinstance(own, str):
            made.leave(where, f"{own}; the test is left out")
        else:
            name = line(item.get("description"), 80)
            rows.append(Row({**variables, **own}, _checks(made, where, item.get("assert")), name))
    return tuple(rows)


def _variables(value: JSON) -> dict[str, str] | str:
    """The variables of a test, or the reason why they cannot be imported."""
    if value is not None and not isinstance(value, dict):
        return f"its variables: {templates.REFERENCE}"
    variables: dict[str, str] = {}
    for name, item in fields(value).items():
        why = ""
        if not filling.NAME.fullmatch(name):
            why = "is no name of a variable"
        elif isinstance(item, str):
            why = templates.problem(item) or (templates.MORE if "{{" in item else "")
        elif isinstance(item, dict | list) or item is None:
            why = "is no text and no number"
        if why:
            return f"the variable {name[:40]}: {why}"
        variables[name] = item if isinstance(item, str) else json.dumps(item)
    return variables


def _checks(made: _Import, where: str, value: JSON) -> tuple[Check, ...]:
    checks: list[Check] = []
    for place, item in enumerate(items(value)):
        assertion: Object = fields(item)
        name = string(assertion.get("type"))[:40]
        taken = assertions.check_of(assertion)
        if isinstance(taken, str):
            made.leave(f"{where}.assert[{place}] ({name})", taken)
        else:
            checks += taken
    return tuple(checks)
