"""The bundled list of AI/ML API's models, so that the picker is never empty and start-up never waits.

It tells what the provider's documents said when it was made (scripts/models.py); the server decides what
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
    """Every model the documents know: the project's own first, retired ones last and marked."""
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
    """What is known about an id or alias, in any spelling; an unknown id is itself and nothing more."""
    return snapshot().find(model_id)


def successor(model: ModelInfo) -> ModelInfo | None:
    """The nearest living model of the same developer, to offer in place of a retired one."""
    return snapshot().successor(model)


def able(kind: MediaKind) -> ModelInfo | None:
    """A living, well-known model that takes pictures, sounds or documents."""
    return snapshot().able(kind)
