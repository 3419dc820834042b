"""Chat models for the families that use them: search, assistants, batches. Any id may be typed; those listed
here are the documented ones (https://docs.aimlapi.com); the parameters are those of the family, whatever the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from backend.studio import queries
from backend.studio.families import Name
from backend.studio.models import Schema, StudioModel

_TEXT: Schema = {"type": "string"}
_WARMTH: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_LONGEST: Schema = {"type": "integer", "minimum": 1, "maximum": 128_000}
_SEARCH: Mapping[str, Schema] = {
    "query": {"type": "string", "maxLength": queries.LONGEST},
    **queries.FIELDS,
    "max_tokens": _LONGEST,
    "search_mode": {"type": "string", "enum": ["web", "academic"]},
    "search_recency_filter": {"type": "string", "enum": ["day", "week", "month", "year"]},
    "search_domain_filter": {"type": "array", "items": _TEXT, "maxItems": 10},
    "return_images": {"type": "boolean"},
    "return_related_questions": {"type": "boolean"},
    "web_search_options": {"type": "object"},
}
# The address is stored there for two weeks: only one that the visitor typed is sent.
_BAGOODEX: Mapping[str, Schema] = {
    "query": _SEARCH["query"],
    **queries.FIELDS,
    "ip": {"type": "string", "maxLength": 45},
}
_FIELDS: Mapping[Name, tuple[Mapping[str, Schema], tuple[str, ...]]] = {
    "search": (_SEARCH, ("query",)),
    "assistants": (
        {
            "message": {"type": "string", "maxLength": 100_000},
            "instructions": {"type": "string", "maxLength": 256_000},
            "name": {"type": "string", "maxLength": 256},
            "tools": {"type": "array", "items": {"type": "object"}, "maxItems": 128},
            "temperature": {"type": "number", "minimum": 0, "maximum": 2},
            "top_p": _WARMTH,
            "assistant_id": {"type": "string", "maxLength": 200},
            "thread_id": {"type": "string", "maxLength": 200},
            "stream": {"type": "boolean", "default": True},
        },
        ("message",),
    ),
    "batch": (
        {
            "table": {"type": "string", "format": "table"},
            "prompt": {"type": "string", "maxLength": 100_000, "examples": ["Translate: {{text}}"]},
            "system": {"type": "string", "maxLength": 100_000},
            "max_tokens": {**_LONGEST, "default": 1_024},
            "temperature": _WARMTH,
        },
        ("table",),
    ),
}
# By family: id, developer, name.
_KNOWN: Mapping[Name, tuple[tuple[str, str, str], ...]] = {
    "search": (
        ("perplexity/sonar", "Perplexity", "Sonar"),
        ("perplexity/sonar-pro", "Perplexity", "Sonar Pro"),
        ("gpt-4o-search-preview", "OpenAI", "GPT-4o Search"),
        ("gpt-4o-mini-search-preview", "OpenAI", "GPT-4o mini Search"),
        ("bagoodex/bagoodex-search-v1", "Bagoodex", "Web Search v1"),
    ),
    "assistants": (
        ("gpt-4o", "OpenAI", "GPT-4o"),
        ("gpt-4o-mini", "OpenAI", "GPT-4o mini"),
        ("openai/gpt-4.1-2025-04-14", "OpenAI", "GPT-4.1"),
        ("openai/gpt-4.1-mini-2025-04-14", "OpenAI", "GPT-4.1 mini"),
    ),
    "batch": (
        ("claude-sonnet-4-5-20250929", "Anthropic", "Claude 4.5 Sonnet"),
        ("anthropic/claude-haiku-4.5", "Anthropic", "Claude 4.5 Haiku"),
        ("anthropic/claude-sonnet-4.6", "Anthropic", "Claude 4.6 Sonnet"),
        ("anthropic/claude-opus-4-6", "Anthropic", "Claude 4.6 Opus"),
    ),
}
_RETIRED = {"bagoodex/bagoodex-search-v1"}


def is_of_chat(family: Name) -> bool:
    """Whether the family uses chat models."""
    return family in _FIELDS


def of(family: Name) -> tuple[StudioModel, ...]:
    """The documented models of a family."""
    return tuple(replace(model(family, id_), developer=maker, name=name) for id_, maker, name in _KNOWN[family])


def model(family: Name, id_: str) -> StudioModel:
    """The model with this id, with the parameters of its family."""
    fields, required = _FIELDS[family]
    fields = _BAGOODEX if id_.startswith("bagoodex/") else fields
    return StudioModel(id_, family, fields=fields, required=required, retired=id_ in _RETIRED)
