"""Fields of a request besides the conversation, by the names that a dialect has for them."""

from __future__ import annotations

from collections.abc import Mapping

from backend.types import JSON, ChatRequest, Dialect, Tool


def request_fields(request: ChatRequest) -> dict[str, JSON]:
    """What was set and what the dialect adds, under the names of chat completions."""
    dialect = request.dialect
    unsent = frozenset[str]() if request.stream else dialect.streaming_only
    added = {name: value for name, value in dialect.adds.items() if name not in unsent}
    return {**added, **{name: value for name, value in request.parameters.items() if value is not None}}


def rename(fields: Mapping[str, JSON], dialect: Dialect) -> dict[str, JSON]:
    """The same under the provider's own names. Of two that become one the last wins."""
    return {dialect.names.get(name, name): value for name, value in fields.items()}


def schema(tool: Tool) -> dict[str, JSON]:
    """The schema of a tool's arguments. OpenAI refuses the whole request for a tool without properties ("object
    schema missing properties"), which a server of tools need not write for one without arguments; PHP writes none
    as an empty list."""
    parameters = dict(tool.parameters)
    if parameters.setdefault("type", "object") == "object" and not parameters.get("properties"):
        parameters["properties"] = {}
    return parameters
