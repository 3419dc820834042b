"""Chooses the dialect of a request by host, model and schema.

    choose("google/gemma-3-4b-it", "https://api.aimlapi.com/v1", model_info)  ->  Dialect(system="folded", ...)

The facts are rows of dialect_table.py; what a server rejected in this tab is applied last. It does NOT write
requests: that is backend/protocol/wire/.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, Protocol

from backend.keys.endpoint import PATHS, host, path_in
from backend.protocol.dialect_table import FORMATS, RULES, USAGE, Rule
from backend.protocol.learned import Learned
from backend.types import Dialect, WireFormat


class Schema(Protocol):
    """What is known of a model: roles, fields and content parts that its schema lists; None for "not known"."""

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
    """The dialect for a model on a server, with a sentence for each difference. What the server refused before
    (`learned`) goes over everything."""
    dialect = _documented(model, base_url, schema)
    if learned is None:
        return dialect
    if learned.fold_system:
        dialect = replace(dialect, system="folded")
    if learned.strict_alternation:
        dialect = replace(dialect, strict_turns=True)
    return replace(dialect, reasons=(*dialect.reasons, *_refusals(learned)))


def _refusals(learned: Learned) -> Iterator[str]:
    """What a server refused before, in sentences."""
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
}


def _documented(model: str, base_url: str, schema: Schema | None) -> Dialect:
    format_, reason = _format(model, base_url, schema)
    rules = [rule for rule in RULES if _fits(rule, model, base_url, schema, format_)]
    changes: dict[str, Any] = {}
    adds: dict[str, Any] = dict(USAGE)
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
    """Which endpoint is asked, and why that one: the address says it, or the model's list, or the table."""
    if named := path_in(base_url):
        return named, f"Asked on `/{PATHS[named]}`, because the address of the server ends with it."
    if schema and schema.answers_on != "chat":
        path = PATHS[schema.answers_on]
        return schema.answers_on, f"Asked on `/{path}`, because the model answers on no other endpoint."
    for rule in FORMATS:
        if _fits(rule, model, base_url, schema, None):
            return rule.changes["format"], rule.reason
    return "chat", ""


def _is_overruled(rule: Rule, later: Sequence[Rule]) -> bool:
    """Everything that the rule changes is changed again by a later one."""
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
    """Does the schema list `role:system`, `field:tools`, `part:image`? None where nobody knows."""
    kind, _, name = fact.partition(":")
    if schema is None or (kind == "part" and schema.generic):
        return None
    listed = {"role": schema.roles, "field": schema.parameters, "part": schema.parts}[kind]
    return None if listed is None else name in listed
