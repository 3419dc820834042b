"""The tool definitions of a server: what they promise, what they cost in tokens, and whether they are still those
that
were allowed.

A server's annotations are only hints: a tool that calls itself read-only may delete.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from backend.invisible import visible_text
from backend.mcp.resources import Resource, ServerPrompt
from backend.schema.lint import NAME, Problem, lint
from backend.types import JSON, Tool
from backend.untrusted import Object, clean_json, fields, text

MOST = 500  # tools of one server
DESCRIPTION_LIMIT = 10_000  # characters
SIZE_LIMIT = 60_000  # characters of a whole definition
_NOTHING: Object = {"type": "object", "properties": {}}


@dataclass(frozen=True)
class ServerTool:
    """A tool; `name` is the server's. None: the server does not say."""

    name: str
    title: str = ""
    description: str = ""
    schema: Object = field(default_factory=lambda: _NOTHING)
    output_schema: Object = field(default_factory=dict)
    read_only: bool | None = None
    destructive: bool | None = None
    idempotent: bool | None = None
    open_world: bool | None = None

    @property
    def must_ask(self) -> bool:
        """Whether it declares itself destructive: no mode runs it without confirmation."""
        return bool(self.destructive) and not self.read_only

    def definition(self) -> dict[str, JSON]:
        """The whole definition, which a visitor allows."""
        written: dict[str, JSON] = {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": dict(self.schema),
            "outputSchema": dict(self.output_schema),
            "annotations": {
                name: value
                for name, value in (
                    ("readOnlyHint", self.read_only),
                    ("destructiveHint", self.destructive),
                    ("idempotentHint", self.idempotent),
                    ("openWorldHint", self.open_world),
                )
                if value is not None
            },
        }
        return {name: value for name, value in written.items() if value}

    @property
    def words(self) -> str:
        """Every text in it: models read the names and descriptions of arguments as well (full-schema poisoning)."""
        return json.dumps(self.definition(), ensure_ascii=False).replace("\\n", "\n")

    def tool(self, name: str) -> Tool:
        """The definition for a model, under this name."""
        return Tool(name, self.description or self.title, self.schema)

    def problems(self) -> list[Problem]:
        """The problems found by the linter; the name is checked elsewhere (offered_names)."""
        found = lint({"name": "tool", "description": self.description, "parameters": dict(self.schema)})
        return [problem for problem in found if problem.path != "name"]


@dataclass(frozen=True)
class ToolServerListing:
    """Everything that a server lists. `seconds` is how long listing the tools took, None before that; `notes`
    are sentences about what was left out.
    """

    tools: tuple[ServerTool, ...] = ()
    resources: tuple[Resource, ...] = ()
    prompts: tuple[ServerPrompt, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float | None = None

    def tool(self, name: str) -> ServerTool | None:
        return next((tool for tool in self.tools if tool.name == name), None)

    def fingerprint(self, name: str) -> str:
        """The fingerprint of a tool's current definition; "" if there is none of that name."""
        tool = self.tool(name)
        return fingerprint(tool.definition()) if tool else ""


def read(row: object) -> ServerTool | None:
    """A tool of a listing; None if it is invalid, or too large for a model."""
    fields_ = fields(row)
    name = fields_.get("name")
    if not isinstance(name, str) or not name or len(name) > 200:
        return None
    output, hints = clean_json(fields_.get("outputSchema")), fields(fields_.get("annotations"))
    tool = ServerTool(
        name,
        text(fields_.get("title") or hints.get("title"), 200),
        text(fields_.get("description"), DESCRIPTION_LIMIT),
        _schema(fields_.get("inputSchema")),
        output if isinstance(output, dict) else {},
        *(
            _flag(hints.get(hint))
            for hint in ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")
        ),
    )
    return tool if len(json.dumps(tool.definition())) <= SIZE_LIMIT else None


def _schema(given: JSON) -> Object:
    """A schema of an object, which arguments always are. PHP writes empty properties as a list."""
    schema = clean_json(given)
    if not isinstance(schema, dict) or not schema:
        return _NOTHING
    schema.setdefault("type", "object")
    return {**schema, "properties": {}} if schema.get("properties") == [] else schema


def _flag(value: JSON) -> bool | None:
    return value if isinstance(value, bool) else None


# ---- changed definitions ---------------------------------------------------------------------------------


def fingerprint(definition: Mapping[str, JSON]) -> str:
    """A digest of a definition, independent of key order."""
    written = json.dumps(definition, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def difference(before: Mapping[str, JSON], after: Mapping[str, JSON]) -> str:
    """The changes as a diff; text is broken into sentences so that a change in it is visible."""
    lines = difflib.unified_diff(list(_lines(before)), list(_lines(after)), lineterm="", n=2)
    return "\n".join(list(lines)[2:400])


def _lines(definition: Mapping[str, JSON]) -> Iterator[str]:
    for line in json.dumps(definition, ensure_ascii=False, indent=1, sort_keys=True).splitlines():
        yield from visible_text(line).replace("\\n", "\\n\n").replace(". ", ".\n  ").splitlines()


# ---- names ------------------------------------------------------------------------------------------------


def offered_names(tools: Mapping[str, list[str]], taken: set[str]) -> dict[tuple[str, str], str]:
    """The name of each tool for a model: (server, tool) -> name. `tools` by server; `taken` are other names in use.

    A tool keeps its own name if that is valid for a model and unique; otherwise the server's name is prefixed.
    """
    every = [name for names in tools.values() for name in names]
    given: dict[tuple[str, str], str] = {}
    used = set(taken)
    for server, names in tools.items():
        for name in names:
            alone = every.count(name) == 1 and name not in taken and NAME.fullmatch(name)
            given[server, name] = _free(name if alone else f"{_word(server)}__{_word(name)}", used)
            used.add(given[server, name])
    return given


def _word(name: str) -> str:
    """A name reduced to the characters that providers allow."""
    letters = (letter if letter.isascii() and (letter.isalnum() or letter in "_-") else "_" for letter in name)
    return "".join(letters).strip("_")[:40] or "tool"


def _free(name: str, used: set[str]) -> str:
    candidates = (name[:64] if number == 1 else f"{name[:60]}_{number}" for number in range(1, 2_000))
    return next(candidate for candidate in candidates if candidate not in used)
