"""Chooses the dialect of a request by host, model and schema.

    choose("google/gemma-3-4b-it", "https://api.aimlapi.com/v1", model_info)  ->  Dialect(system="folded", ...)

The facts are rows of dialect_table.py; what a server rejected in this tab is applied last. It does NOT write
requests: that is backend/protocol/wire/.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Protocol

from backend.keys.endpoint import PATHS, host, path_in
from backend.protocol.dialect_table import FORMATS, RULES, USAGE, Changes, Rule
from backend.protocol.learned import THOUGHTS, Learned
from backend.types import JSON, Dialect, WireFormat


class Schema(Protocol):
    """What the schema of a model lists: roles, fields and content parts; None if that is unknown."""

    @property
    def roles(self) -> frozenset[str] | None: ...
    @property
    def parameters(self) -> frozenset[str] | None: ...
    @property
    def parts(self) -> frozenset[str] | None: ...
    @property
    def generic(self) -> bool: ...
    @property
    def answers_on(self) -> WireFormat: ...


def choose(model: str, base_url: str, schema: Schema | None = None, learned: Learned | None = None) -> Dialect:
    """The dialect for a model on a server, with a sentence for each difference. What the server rejected before
    (`learned`) overrides the table.
    """
    dialect = _documented(model, base_url, schema)
    if learned is None:
        return dialect
    if learned.fold_system:
        dialect = replace(dialect, system="folded")
    if learned.strict_alternation:
        dialect = replace(dialect, strict_turns=True)
    if learned.thoughts:
        dialect = replace(dialect, keeps_reasoning=THOUGHTS, keeps_always=True)
    return replace(dialect, reasons=(*dialect.reasons, *_refusals(learned)))


def _refusals(learned: Learned) -> Iterator[str]:
    """A sentence for each rejection of the server."""
    if learned.without:
        names = ", ".join(f"`{name}`" for name in sorted(learned.without))
        yield f"Without {names}, because the server refused that before."
    for old, new in sorted(learned.instead):
        yield f"`{old}` goes as `{new}`, because the server refused it under its own name before."
    for field_, change in _LEARNED.items():
        if getattr(learned, field_):
            yield f"{change}, because the server refused anything else before."


_LEARNED = {
    "fold_system": "The system prompt is folded into the first question",
    "strict_alternation": "Question and answer alternate",
    "no_stream": "Not streamed",
    "no_images": "Without pictures",
    "filled": "Messages without a text say so",
    "thoughts": "Answers go back with their thoughts",
    "no_prefill": "After an answer the model is asked to continue",
}


def _documented(model: str, base_url: str, schema: Schema | None) -> Dialect:
    format_, reason = _format(model, base_url, schema)
    rules = [rule for rule in RULES if _fits(rule, model, base_url, schema, format_)]
    changes: Changes = {}
    adds: dict[str, JSON] = dict(USAGE)
    without: dict[str, str] = {}
    for rule in rules:
        changes |= rule.changes
        adds |= rule.adds
        without |= dict.fromkeys(rule.without, rule.why_without)
    reasons = [rule.reason for place, rule in enumerate(rules) if not _is_overruled(rule, rules[place + 1 :])]
    return Dialect(
        **changes,
        format=format_,
        adds={name: value for name, value in adds.items() if name not in without},
        without=without,
        reasons=tuple(filter(None, [reason, *reasons])),
    )


def _format(model: str, base_url: str, schema: Schema | None) -> tuple[WireFormat, str]:
    """The wire format and the reason for it: from the base URL, the model's list, or the table, in this order."""
    if from_address := path_in(base_url):
        return from_address, f"Asked on `/{PATHS[from_address]}`, because the address of the server ends with it."
    if schema and schema.answers_on != "chat":
        path = PATHS[schema.answers_on]
        return schema.answers_on, f"Asked on `/{path}`, because the model answers on no other endpoint."
    for rule in FORMATS:
        if _fits(rule, model, base_url, schema, None):
            return rule.endpoint, rule.reason
    return "chat", ""


def _is_overruled(rule: Rule, later: Sequence[Rule]) -> bool:
    """Whether later rules change every field that this rule changes."""
    changed_again = {name for other in later for name in other.changes}
    return bool(rule.changes) and rule.changes.keys() <= changed_again and not (rule.adds or rule.without)


def _fits(rule: Rule, model: str, base_url: str, schema: Schema | None, format_: WireFormat | None) -> bool:
    server, names = host(base_url), {model.lower(), model.lower().rpartition("/")[2]}
    return (
        rule.format in (None, format_)
        and any(fnmatchcase(server, glob) for glob in rule.hosts)
        and any(fnmatchcase(name, glob) for glob in rule.models for name in names)
        and all(_lists(schema, fact) is True for fact in rule.lists)
        and all(_lists(schema, fact) is False for fact in rule.lacks)
    )


def _lists(schema: Schema | None, fact: str) -> bool | None:
    """Whether the schema lists a fact such as `role:system`, `field:tools` or `part:image`; None if unknown."""
    kind, _, name = fact.partition(":")
    if schema is None or (kind == "part" and schema.generic):
        return None
    names = {"role": schema.roles, "field": schema.parameters, "part": schema.parts}[kind]
    return None if names is None else name in names
