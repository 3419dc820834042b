"""The bundled list of AI/ML API's models, so that the picker is never empty and start-up never waits.

It contains the provider's documentation at the time it was made (scripts/models.py); the server decides what
exists. Any other id may be typed.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from backend.catalog.listing import Listing
from backend.catalog.model import ModelInfo
from backend.types import MediaKind

_BUNDLED = Path(__file__).parents[1] / "data" / "models.json"


@cache
def snapshot() -> Listing:
    """Every documented model: the project's defaults first, retired ones last and marked."""
    body = json.loads(_BUNDLED.read_text("utf-8"))
    sets = [frozenset(names) for names in body["sets"]]  # shared: a few dozen sets serve hundreds of models
    return Listing(tuple(_model(row, sets) for row in body["models"]))


def _model(row: dict[str, Any], sets: list[frozenset[str]]) -> ModelInfo:
    fields = dict(row)
    for name in row.keys() & {"capabilities", "parameters", "parts", "roles"}:
        fields[name] = sets[row[name]]
    for name in row.keys() & {"aliases", "documented_as"}:
        fields[name] = tuple(row[name])
    fields["limits"] = {name: (low, high) for name, (low, high) in row.get("limits", {}).items()}
    return ModelInfo(**fields)


def bundled() -> tuple[ModelInfo, ...]:
    """The bundled models that are offered for chat."""
    return snapshot().models


def find(model_id: str) -> ModelInfo:
    """The entry for an id or alias, in any spelling; an unknown id gets an empty entry."""
    return snapshot().find(model_id)


def successor(model: ModelInfo) -> ModelInfo | None:
    """The most similar current model of the same developer, to suggest for a retired one."""
    return snapshot().successor(model)


def able(kind: MediaKind) -> ModelInfo | None:
    """A current, well-known model that accepts pictures, sounds or documents."""
    return snapshot().able(kind)
