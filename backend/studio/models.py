"""The documented models of the families, each with its own parameters: a bundled list.

The source is the provider's documentation (https://docs.aimlapi.com): parameters are the JSON schemas of its own
reference, without the prose. The parameters of OpenAI-compatible servers are defined here, after OpenAI's
reference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from backend.studio.families import FAMILIES, Name

_FILE = Path(__file__).parents[1] / "data" / "studio_models.json"
Schema = Mapping[str, Any]  # of one field, as in OpenAPI 3.0


@dataclass(frozen=True)
class StudioModel:
    """One model. `fields`: wire name -> JSON schema. `seconds`: how long documented runs took."""

    id: str
    family: Name
    developer: str = ""
    name: str = ""
    fields: Mapping[str, Schema] = field(default_factory=dict, hash=False)
    required: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()  # groups of fields of which exactly one has to be set
    aliases: tuple[str, ...] = ()
    seconds: tuple[float, ...] = ()
    retired: bool = False

    @property
    def label(self) -> str:
        return self.name or self.id


@cache
def bundled() -> Mapping[str, StudioModel]:
    """Every documented model of a supported family, by id."""
    document = json.loads(_FILE.read_text("utf-8"))
    schemas: list[Schema] = document["schemas"]
    return {row["id"]: _model(row, schemas) for row in document["models"] if row["family"] in FAMILIES}


def _model(row: Mapping[str, Any], schemas: list[Schema]) -> StudioModel:
    if row["family"] == "moderation":  # guard models use the chat endpoint: a text is their only input
        return replace(of_any_server("moderation", row["id"]), name=row["name"], retired=bool(row.get("retired")))
    return StudioModel(
        row["id"],
        row["family"],
        row["developer"],
        row["name"],
        {name: schemas[place] for name, place in row["fields"].items()},
        tuple(row.get("required", ())),
        tuple(tuple(group) for group in row.get("one_of", ())),
        tuple(row.get("aliases", ())),
        tuple(row.get("seconds", ())),
        bool(row.get("retired")),
    )


def of(family: Name) -> tuple[StudioModel, ...]:
    """The models of a family, callable ones first."""
    models = (model for model in bundled().values() if model.family == family)
    return tuple(sorted(models, key=lambda model: model.retired))


def find(id_: str) -> StudioModel | None:
    """The documented model with this id or alias."""
    if id_ in bundled():
        return bundled()[id_]
    return next((model for model in bundled().values() if id_ in model.aliases), None)


# ---- what every OpenAI-compatible server takes (https://platform.openai.com/docs/api-reference) -----------------

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 1, "maximum": 10, "default": 1}
_OPEN: Mapping[Name, tuple[Mapping[str, Schema], tuple[str, ...]]] = {
    "image": (
        {
            "prompt": {"type": "string", "maxLength": 32_000},
            "n": _COUNT,
            "size": {
                "type": "string",
                "enum": ["auto", "256x256", "512x512", "1024x1024", "1024x1536", "1536x1024", "1792x1024"],
            },
            "quality": {"type": "string", "enum": ["auto", "low", "medium", "high", "standard", "hd"]},
            "response_format": {"type": "string", "enum": ["url", "b64_json"]},
            "output_format": {"type": "string", "enum": ["png", "jpeg", "webp"]},
            "background": {"type": "string", "enum": ["auto", "transparent", "opaque"]},
            "style": {"type": "string", "enum": ["vivid", "natural"]},
            "image": {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": 16},
            "mask": {"type": "string", "format": "binary"},
        },
        ("prompt",),
    ),
    "speech": (
        {
            "input": {"type": "string", "maxLength": 4096},
            "voice": {"type": "string", "examples": ["alloy", "coral", "nova", "sage"]},
            "response_format": {"type": "string", "enum": ["mp3", "opus", "aac", "flac", "wav", "pcm"]},
            "speed": {"type": "number", "minimum": 0.25, "maximum": 4, "default": 1},
            "instructions": _TEXT,
        },
        ("input", "voice"),
    ),
    "transcription": (
        {
            "file": {"type": "string", "format": "binary"},
            "language": _TEXT,
            "prompt": _TEXT,
            "response_format": {"type": "string", "enum": ["json", "text", "srt", "verbose_json", "vtt"]},
            "temperature": {"type": "number", "minimum": 0, "maximum": 1},
        },
        ("file",),
    ),
    "embeddings": (
        {"input": {"type": "array", "items": _TEXT}, "dimensions": {"type": "integer", "minimum": 1}},
        ("input",),
    ),
    "moderation": ({"input": {"type": "array", "items": _TEXT}}, ("input",)),
}


def of_this_machine(id_: str, name: str) -> StudioModel:
    """A local model: its only input is texts."""
    return StudioModel(
        id_, "embeddings", name=name, fields={"input": _OPEN["embeddings"][0]["input"]}, required=("input",)
    )


def of_any_server(family: Name, id_: str) -> StudioModel:
    """A model of an OpenAI-compatible server, of which only the id is known."""
    fields, required = _OPEN[family]
    return StudioModel(id_, family, fields=fields, required=required)
