"""The fields of a request other than the conversation, under the names of its dialect."""

from __future__ import annotations

from collections.abc import Mapping

from backend.types import JSON, ChatRequest, Dialect, Tool


def request_fields(request: ChatRequest) -> dict[str, JSON]:
    """The fields that are set, and those that the dialect adds, under the names of chat completions."""
    dialect = request.dialect
    unsent = frozenset[str]() if request.stream else dialect.streaming_only
    added = {name: value for name, value in dialect.adds.items() if name not in unsent}
    return {**added, **{name: value for name, value in request.parameters.items() if value is not None}}


def rename(fields: Mapping[str, JSON], dialect: Dialect) -> dict[str, JSON]:
    """The fields under the provider's own names. If two get the same name, the last one wins."""
    return {dialect.names.get(name, name): value for name, value in fields.items()}


def schema(tool: Tool) -> dict[str, JSON]:
    """The schema of a tool's arguments, always with `properties`: without it OpenAI rejects the whole request
    ("object schema missing properties"). A tool server may omit it for a tool without arguments, and one in PHP
    writes an empty list.
    """
    parameters = dict(tool.parameters)
    if parameters.setdefault("type", "object") == "object" and not parameters.get("properties"):
        parameters["properties"] = {}
    return parameters
