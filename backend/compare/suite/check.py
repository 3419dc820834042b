"""A check of a suite as a value, and the answer that it is applied to. checks.py applies it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from backend.compare.suite import filling
from backend.protocol import wire
from backend.types import JSON, Message, Tool

Kind = Literal[
    "contains",
    "equals",
    "regex",
    "json",
    "max_length",
    "max_cost",
    "max_seconds",
    "calls",
    "similar",
    "graded",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
_QUOTED = 80  # characters of a value in a sentence


@dataclass(frozen=True)
class Check:
    """`value` is what is compared: a text, a limit, a JSON schema, or the required arguments of a call. `tool`: the
    tool called; "" for any call that fits its tool's schema. `edits`: how many letters may differ, instead of the
    share `threshold`; for a graded check `threshold` is the lowest score.
    """

    kind: Kind
    value: JSON = None
    negated: bool = False
    ignore_case: bool = False
    tool: str = ""
    threshold: float | None = None
    edits: int | None = None

    def with_values(self, values: Mapping[str, str]) -> Check:
        """The check with the values of a row. A schema has no variables."""
        if self.kind == "json":
            return self
        return replace(self, value=filling.fill_json(self.value, values), tool=filling.fill(self.tool, values))

    @property
    def variables(self) -> tuple[str, ...]:
        return () if self.kind == "json" else (*filling.names_in(self.value), *filling.names(self.tool))


@dataclass(frozen=True)
class Answered:
    """The answer to check, and the tools that its model was offered."""

    message: Message
    tools: Sequence[Tool] = ()

    @property
    def text(self) -> str:
        """The text without the model's reasoning."""
        return wire.thinking(self.message)[1]


def short(value: JSON) -> str:
    """A value in a sentence, on one line."""
    text = " ".join(str(value).split())
    return f'"{text[:_QUOTED]}…"' if len(text) > _QUOTED else f'"{text}"'
