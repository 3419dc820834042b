"""A visitor's own tools: a definition, and mock results, as there is no function behind it.

Saved and exported as JSON (docs/formats.md). A file is untrusted: it is linted and limited, and nothing in it
runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from backend.schema import lint
from backend.schema.values import same
from backend.tools.bfcl import standard
from backend.tools.calls import RESULT_LIMIT, BadArguments, CallOutcome, arguments, capped
from backend.tools.signature import SignatureError, from_signature
from backend.types import JSON, Tool, ToolCall
from backend.untrusted import Object, Unreadable, clean_json, fields, integer, items, objects, one_of, parsed, text

__all__ = [
    "EXAMPLES",
    "CustomTool",
    "Imported",
    "Rule",
    "SignatureError",
    "Unreadable",
    "export",
    "from_signature",
    "read",
]

FORMAT = "llm-playground/tools"
VERSION = 1
FILE_LIMIT = 2_000_000  # characters
TOOLS, RULES = 100, 50
Behaviour = Literal["ask", "fixed", "rules"]
BEHAVIOURS: tuple[Behaviour, ...] = get_args(Behaviour)


@dataclass(frozen=True)
class Rule:
    """A result for calls whose arguments include these values. `{}` matches every call."""

    when: Object
    result: str

    def fits(self, values: Object) -> bool:
        return all(name in values and same(values[name], value) for name, value in self.when.items())


@dataclass(frozen=True)
class CustomTool:
    """`behaviour`: ask the visitor each time, always return `result`, or use `rules`, with `result` if none of
    them matches.
    """

    name: str
    description: str = ""
    parameters: Object = field(default_factory=lambda: {"type": "object", "properties": {}})
    behaviour: Behaviour = "ask"
    result: str = ""
    rules: tuple[Rule, ...] = ()

    def tool(self) -> Tool:
        return Tool(self.name, self.description, self.parameters)

    def definition(self) -> dict[str, JSON]:
        """The definition for a JSON editor and for `schema.lint`."""
        return {"name": self.name, "description": self.description, "parameters": dict(self.parameters)}

    def outcome(self, call: ToolCall) -> CallOutcome | None:
        """The mock result; None if the visitor is to be asked."""
        if self.behaviour == "fixed":
            return capped(self.result)
        if self.behaviour == "rules":
            try:
                values = arguments(call.arguments)
            except BadArguments as error:
                return CallOutcome(f"Error: {error}", ok=False)
            fitting = (rule.result for rule in self.rules if rule.fits(values))
            result = next(fitting, self.result or None)
            return None if result is None else capped(result)
        return None


# ---- files ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Imported:
    """The content of a file: the tools, and a sentence about each that was left out or changed."""

    tools: tuple[CustomTool, ...]
    notes: tuple[str, ...] = ()


def export(tools: tuple[CustomTool, ...]) -> str:
    """The tools as a file for people and for `read`."""
    out = {"format": FORMAT, "version": VERSION, "tools": [_row(tool) for tool in tools]}
    return json.dumps(clean_json(out, 70), ensure_ascii=False, indent=1)


def _row(tool: CustomTool) -> dict[str, object]:
    row: dict[str, object] = {**tool.definition(), "behaviour": tool.behaviour}
    if tool.result:
        row["result"] = tool.result
    if tool.rules:
        row["rules"] = [{"when": dict(rule.when), "result": rule.result} for rule in tool.rules]
    return row


def read(source: str) -> Imported:
    """The tools in a file: this app's own, a request's `tools` in the form of OpenAI, Anthropic and MCP, or a case
    of the function-calling leaderboard.

    A tool with an error is left out and reported. Raises Unreadable.
    """
    rows = _rows(source)
    tools: dict[str, CustomTool] = {}
    notes = [f"Only the first {TOOLS} tools were taken."] if len(rows) > TOOLS else []
    for place, entry in enumerate(rows[:TOOLS], 1):
        row, changed = standard(entry)
        tool = _tool(row)
        problem = _problem(tool, tools) if tool else "is not a tool"
        if problem or tool is None:
            notes.append(
                f"Tool {place}{f' ({tool.name[:64]})' if tool and tool.name else ''} was left out: {problem}"
            )
        else:
            tools[tool.name] = tool
            notes += [changed] * bool(changed)
    return Imported(tuple(tools.values()), tuple(notes))


def _rows(source: str) -> list[JSON]:
    body = parsed(source, FILE_LIMIT, "The file is too large for a list of tools.")
    if fields(body).get("format") == FORMAT and (integer(fields(body).get("version")) or 0) > VERSION:
        raise Unreadable("The file comes from a newer playground. Update this one to read it.")
    rows = items(_tool_list(body) if isinstance(body, dict) else body)
    if not rows:
        raise Unreadable('There are no tools in it. A list of tools, or {"tools": [...]}, is expected.')
    return rows


def _tool_list(body: dict[str, JSON]) -> JSON:
    """A request's `tools`, a leaderboard case's `function`, otherwise one tool."""
    functions = body.get("function")
    return body.get("tools", functions if isinstance(functions, list) else [body])


def _tool(row: JSON) -> CustomTool | None:
    if not isinstance(row, dict):
        return None
    inner = row.get("function")
    function = inner if isinstance(inner, dict) else row
    names = ("parameters", "inputSchema", "input_schema")  # OpenAI, MCP, Anthropic
    schema = next((function[name] for name in names if isinstance(function.get(name), dict)), None)
    no_arguments: Object = {"type": "object", "properties": {}}
    return CustomTool(
        text(function.get("name")),
        text(function.get("description")),
        fields(clean_json(schema)) if schema is not None else no_arguments,
        one_of(row.get("behaviour"), BEHAVIOURS) or "ask",
        text(row.get("result"))[:RESULT_LIMIT],
        tuple(_rules(row.get("rules"))),
    )


def _rules(rows: JSON) -> Iterator[Rule]:
    for row in objects(rows, RULES):
        if isinstance(row.get("when"), dict):
            yield Rule(fields(clean_json(row["when"])), text(row.get("result"))[:RESULT_LIMIT])


def _problem(tool: CustomTool, tools: Mapping[str, CustomTool]) -> str:
    """Why a tool cannot be used, "" if it can."""
    if tool.name in tools:
        return "there is one of this name before it."
    errors = [problem for problem in lint(tool.definition()) if problem.level == "error"]
    return f"{errors[0].path} {errors[0].words}" if errors else ""


# ---- templates ------------------------------------------------------------------------------------------

_CITY: JSON = {"type": "string", "description": "The city, for example Oslo."}
_UNIT: dict[str, JSON] = {"type": "string", "enum": ["celsius", "fahrenheit"], "description": "Of the temperature."}


def _example(
    name: str, about: str, required: list[JSON], properties: dict[str, JSON], **behaviour: object
) -> CustomTool:
    schema: Object = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    return CustomTool(name, about, schema, **behaviour)  # type: ignore[arg-type]


EXAMPLES = (
    _example(
        "get_weather",
        "The weather in a city right now. Use it whenever somebody asks about weather or what to wear.",
        ["city"],
        {"city": _CITY, "unit": {**_UNIT, "default": "celsius"}},
        behaviour="rules",
        rules=(
            Rule({"city": "Oslo", "unit": "fahrenheit"}, '{"sky": "snow", "temperature": 25}'),
            Rule({"city": "Oslo"}, '{"sky": "snow", "temperature": -4}'),
            Rule({"city": "Lagos"}, '{"sky": "sunny", "temperature": 31}'),
        ),
        result='{"error": "no weather station in this city"}',
    ),
    _example(
        "search_documents",
        "Search the company handbook. Gives the best passages with their page; answer only from them.",
        ["query"],
        {
            "query": {"type": "string", "description": "A few words to search for."},
            "limit": {
                "type": "integer",
                "description": "How many passages.",
                "minimum": 1,
                "maximum": 10,
                "default": 3,
            },
        },
        behaviour="fixed",
        result='[{"page": 12, "text": "Travel is booked by the office; trains come before planes under 600 km."}]',
    ),
    _example(
        "send_email",
        "Send an e-mail in the user's name. It cannot be taken back.",
        ["to", "subject", "body"],
        {
            "to": {
                "type": "array",
                "items": {"type": "string", "description": "One address."},
                "description": "Addresses of those who get it.",
                "minItems": 1,
            },
            "subject": {"type": "string", "description": "The subject, in a few words."},
            "body": {"type": "string", "description": "The text, without a greeting of its own."},
        },
    ),
)
