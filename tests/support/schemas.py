"""Schemas of requests as providers mean them, and what the catalogue would know of their models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from basics import CORPUS, request_schema, request_schemas

from backend.catalog import ModelInfo

SCHEMAS = dict(request_schemas())
FAMILIES = CORPUS.parent / "reference" / "openapi" / "families"
SCHEMAS |= {
    path.stem: request_schema(path) for kind in ("messages", "responses") for path in FAMILIES.glob(f"{kind}-*")
}


def as_meant(schema: dict[str, Any]) -> dict[str, Any]:
    """A published schema as it is meant: some have the shapes of `tools` and `tool_choice` interchanged, and a
    choice that anything passes."""
    properties = dict(schema["properties"])
    if "input_schema" in json.dumps(properties.get("tool_choice", {})) and "input_schema" not in json.dumps(
        properties["tools"]
    ):
        choice, tools = properties["tools"]["items"], {"type": "array", "items": properties["tool_choice"]}
        properties |= {"tools": tools, "tool_choice": choice}
    strict: dict[str, Any] = _strict({**schema, "properties": properties})
    return strict


def _strict(value: Any) -> Any:
    if isinstance(value, list):
        return [_strict(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _strict(item) for name, item in value.items()}
    if isinstance(options := kept.get("anyOf"), list):
        kept["anyOf"] = [
            option for option in options if not isinstance(option, dict) or option.keys() - {"maxItems"}
        ]
    return kept


def model_of_schema(name: str) -> ModelInfo:
    """What the catalogue would know of a model by its schema."""
    schema = SCHEMAS[name]
    items = json.dumps(schema["properties"].get("messages", {}))
    kinds = set(_constants(schema["properties"].get("messages", {}), "type"))
    return ModelInfo(
        schema["properties"]["model"].get("enum", ["m"])[0],
        parameters=frozenset(schema["properties"]),
        roles=frozenset(_constants(schema["properties"]["messages"], "role")) if items != "{}" else None,
        parts=frozenset(kinds & {"text", "image_url", "image", "input_audio", "file", "document", "video_url"}),
        answers_on="responses"
        if "input" in schema["properties"]
        else "messages"
        if "messages-" in name
        else "chat",
    )


def _constants(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value.get("properties", {}).get(name, {}).get("enum", [])
        for item in value.values():
            yield from _constants(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _constants(item, name)
