"""The tools of a server as it describes them: what they promise, what they would cost, and whether they are still
those that were allowed.

What a server says about its tools is a hint and no more: one that calls itself read-only may delete.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from backend.mcp.resources import Resource, ServerPrompt
from backend.schema.lint import NAME, Problem, lint
from backend.types import JSON, Tool
from backend.untrusted import Object, cleaned, fields, text

MOST = 500  # tools of one server
DESCRIPTION_LIMIT = 10_000  # characters
SIZE_LIMIT = 60_000  # characters of a whole definition
_NOTHING: Object = {"type": "object", "properties": {}}


@dataclass(frozen=True)
class ServerTool:
    """`name` as the server has it; None: the server does not say."""

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
        """It may destroy something, as it says itself: no mode runs it unasked."""
        return bool(self.destructive) and not self.read_only

    def definition(self) -> dict[str, JSON]:
        """All of it that a visitor allows."""
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

    def tool(self, name: str) -> Tool:
        """As a model is told of it, under this name."""
        return Tool(name, self.description or self.title, self.schema)

    def problems(self) -> list[Problem]:
        """What a linter says; the name is looked after elsewhere (names.py)."""
        found = lint({"name": "tool", "description": self.description, "parameters": dict(self.schema)})
        return [problem for problem in found if problem.path != "name"]


@dataclass(frozen=True)
class ToolServerListing:
    """All that a server has. `seconds` is how long it took to say which tools, None before it was asked; `notes`
    are sentences about what was left out."""

    tools: tuple[ServerTool, ...] = ()
    resources: tuple[Resource, ...] = ()
    prompts: tuple[ServerPrompt, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float | None = None

    def tool(self, name: str) -> ServerTool | None:
        return next((tool for tool in self.tools if tool.name == name), None)

    def fingerprint(self, name: str) -> str:
        """Of a tool as the server describes it now; "" where it has none of that name."""
        tool = self.tool(name)
        return fingerprint(tool.definition()) if tool else ""


def read(row: object) -> ServerTool | None:
    """A tool of a listing; None for what is none, or is too large to be told to a model."""
    fields_ = fields(row)
    name = fields_.get("name")
    if not isinstance(name, str) or not name or len(name) > 200:
        return None
    output, hints = cleaned(fields_.get("outputSchema")), fields(fields_.get("annotations"))
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
    """Of an object, which arguments are whether a server says so or not. PHP writes no properties as a list."""
    schema = cleaned(given)
    if not isinstance(schema, dict) or not schema:
        return _NOTHING
    schema.setdefault("type", "object")
    return {**schema, "properties": {}} if schema.get("properties") == [] else schema


def _flag(value: JSON) -> bool | None:
    return value if isinstance(value, bool) else None


# ---- is it the one that was allowed -----------------------------------------------------------------------


def fingerprint(definition: Mapping[str, JSON]) -> str:
    """The same for the same definition, in whichever order it is written."""
    written = json.dumps(definition, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def difference(before: Mapping[str, JSON], after: Mapping[str, JSON]) -> str:
    """What is different, as a diff; text is broken at its sentences so that a change in it is seen."""
    lines = difflib.unified_diff(list(_lines(before)), list(_lines(after)), lineterm="", n=2)
    return "\n".join(list(lines)[2:400])


def _lines(definition: Mapping[str, JSON]) -> Iterator[str]:
    for line in json.dumps(definition, ensure_ascii=False, indent=1, sort_keys=True).splitlines():
        yield from seen(line).replace("\\n", "\\n\n").replace(". ", ".\n  ").splitlines()


# ---- names ------------------------------------------------------------------------------------------------


def hidden(written: str) -> list[str]:
    """The characters of a text that a reader does not see, as U+200B: some carry words for the model alone."""
    unseen = (letter for letter in written if _unseen(letter))
    return list(dict.fromkeys(f"U+{ord(letter):04X}" for letter in unseen))[:20]


def seen(written: str) -> str:
    """A text with those characters spelled out: some turn the words around, or make two texts look the same. What
    joins two emoji stays."""
    if written.isascii() and written.isprintable():
        return written
    pairs = zip(written, " " + written, strict=False)
    return "".join(
        _spelled(letter) if _unseen(letter) and not _joins(letter, before) else letter for letter, before in pairs
    )


def _spelled(letter: str) -> str:
    return f"[U+{ord(letter):04X}]"


def _joins(letter: str, before: str) -> bool:
    return letter == "\u200d" and unicodedata.category(before) in ("So", "Sk", "Mn")


def _unseen(letter: str) -> bool:
    return letter not in "\n\r\t" and unicodedata.category(letter) in ("Cf", "Cc", "Co", "Cn")


def offered_names(tools: Mapping[str, list[str]], taken: set[str]) -> dict[tuple[str, str], str]:
    """What a model calls each tool: (server, tool) -> name. `tools` by server; `taken` are names of others.

    A tool keeps its own name where that is one a model can be told and no other tool has it; else the server's
    stands before it.
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
    """What is left of a name in the letters that models can be told."""
    letters = (letter if letter.isascii() and (letter.isalnum() or letter in "_-") else "_" for letter in name)
    return "".join(letters).strip("_")[:40] or "tool"


def _free(name: str, used: set[str]) -> str:
    candidates = (name[:64] if number == 1 else f"{name[:60]}_{number}" for number in range(1, 2_000))
    return next(candidate for candidate in candidates if candidate not in used)
