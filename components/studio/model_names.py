"""The display names of a family's models."""

from __future__ import annotations

from collections.abc import Sequence

from backend.studio import chat_models, models
from backend.studio.models import StudioModel
from backend.studio.task import Task
from backend.text import distinct
from components.studio import words


def names(offered: Sequence[StudioModel]) -> dict[str, str]:
    """The display name of each model by id; with the id if another one has the same name."""
    return distinct({model.id: _label(model) for model in offered})


def of_run(task: Task) -> str:
    """The display name of a run's model; its id if it is undocumented."""
    if chat_models.is_of_chat(task.family):
        known = next((one for one in chat_models.of(task.family) if one.id == task.model), None)
    else:
        known = models.find(task.model)
    return known.label if known else task.model


def _label(model: StudioModel) -> str:
    name = model.label if not model.developer else f"{model.label} · {model.developer}"
    return words.RETIRED.format(name=name) if model.retired else name
