"""Which models there are. A bundled list, so that the picker is never empty and start-up never waits.

The list tells what was known when it was made; the server decides what exists. Any other id may be typed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from backend.client import ChatClient
from backend.text import clean

_BUNDLED = Path(__file__).parent / "data" / "models.json"
ID_LIMIT = 200  # characters of a model id that are shown and sent
LIST_LIMIT = 2_000  # models offered by one server that are listed


@dataclass(frozen=True)
class ModelInfo:
    """What is known about a model. `context_length` in tokens; None means unknown."""

    id: str
    aliases: tuple[str, ...] = ()
    name: str = ""
    developer: str = ""
    context_length: int | None = None
    retired: bool = False

    @property
    def short_name(self) -> str:
        """The id without its developer."""
        return self.id.rpartition("/")[2]


@cache
def bundled() -> tuple[ModelInfo, ...]:
    """The models of AI/ML API, the project's own first, retired ones last and marked."""
    return tuple(
        ModelInfo(
            row["id"],
            tuple(row["aliases"]),
            row["name"] or "",
            row["developer"] or "",
            row["context_length"],
            row["retired"],
        )
        for row in json.loads(_BUNDLED.read_text("utf-8"))
    )


@cache
def _by_id() -> dict[str, ModelInfo]:
    return {name.lower(): model for model in reversed(bundled()) for name in (*model.aliases, model.id)}


def find(model_id: str) -> ModelInfo:
    """What is known about an id or alias, in any spelling; an unknown id is itself and nothing more."""
    return _by_id().get(model_id.lower(), ModelInfo(model_id))


def successor(model: ModelInfo) -> ModelInfo | None:
    """A living model of the same developer to offer in place of a retired one."""
    family = model.short_name.split("-")[0].lower()
    living = [other for other in bundled() if not other.retired and other.developer == model.developer]
    return next((other for other in living if other.short_name.lower().startswith(family)), None) or next(
        iter(living), None
    )


def listed(client: ChatClient) -> tuple[str, ...]:
    """The ids a server lists at GET /models, in its order. Raises APIError.

    An id with a line break or an invisible character in it could look like another one: it is left out.
    """
    body = client.get("models")
    rows = body.get("data") if isinstance(body, dict) else body
    ids = (row.get("id") if isinstance(row, dict) else row for row in rows or ()) if isinstance(rows, list) else ()
    kept = dict.fromkeys(clean(found).strip()[:ID_LIMIT] for found in ids if isinstance(found, str))
    return tuple(found for found in kept if found and found.isprintable())[:LIST_LIMIT]
