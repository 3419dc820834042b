"""The check of tool calls: whether an answer calls a tool, with which arguments."""

from __future__ import annotations

from backend.compare.suite.check import Answered, Check, short
from backend.tools.calls import BadArguments, arguments, problems
from backend.types import JSON

NAME = 200  # characters of a tool's name


def words(check: Check) -> str:
    """What the check requires, in plain words."""
    if not check.tool:
        return "calls tools with arguments that fit"
    return f"calls {check.tool}" + (f" with {short(check.value)}" if check.value is not None else "")


def wrong(check: Check) -> str:
    """Why the check is invalid; "" if it is valid."""
    if check.value is not None and not isinstance(check.value, dict):
        return "its value is an object: the arguments that have to be in the call."
    if check.value is not None and not check.tool:
        return "it names arguments, but no tool."
    return "the name of its tool is too long." if len(check.tool) > NAME else ""


def missed(check: Check, answered: Answered) -> str:
    """Why an answer fails the check, "" if it passes: no call, another tool, or arguments that do not match."""
    calls = answered.message.tool_calls
    if not calls:
        return "calls no tool"
    if not check.tool:
        known = {tool.name: tool for tool in answered.tools}
        for call in calls:
            if call.name not in known:
                return f"calls {short(call.name)}, which it was not offered"
            if found := problems(call, known[call.name]):
                return f"{short(call.name)}: {found[0]}"
        return ""
    of_tool = [call for call in calls if call.name == check.tool]
    if not of_tool:
        return f"calls {', '.join(short(call.name) for call in calls[:3])}"
    if check.value is None or any(_has(_arguments(call.arguments), check.value) for call in of_tool):
        return ""
    return f"called with {short(of_tool[0].arguments)}"


def _arguments(text: str) -> JSON:
    try:
        return dict(arguments(text))
    except BadArguments:
        return None


def _has(value: JSON, wanted: JSON) -> bool:
    """Whether a value contains everything that is required. Objects may have more fields; everything else is
    equal.
    """
    if isinstance(wanted, dict) and isinstance(value, dict):
        return all(name in value and _has(value[name], inner) for name, inner in wanted.items())
    if isinstance(wanted, bool) or isinstance(value, bool):
        return wanted is value
    return value == wanted
