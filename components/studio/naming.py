"""What the models of a family are called in lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from backend.studio.models import StudioModel
from components.studio import words


def names(models: Sequence[StudioModel]) -> dict[str, str]:
    """By id what each model is called; with its id where another one is called the same."""
    labels = {model.id: _label(model) for model in models}
    count = Counter(labels.values())
    return {id_: label if count[label] == 1 else f"{label} · {id_}" for id_, label in labels.items()}


def _label(model: StudioModel) -> str:
    name = model.label if not model.developer else f"{model.label} · {model.developer}"
    return words.RETIRED.format(name=name) if model.retired else name
