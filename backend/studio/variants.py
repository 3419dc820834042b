"""Repeats a run with another seed, or adapts it to another model of its family. Sends nothing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from backend.studio import form_requests
from backend.studio.families import Way
from backend.studio.fields import MAIN, Field, form
from backend.studio.models import StudioModel
from backend.studio.task import Given, Task
from backend.types import JSON

_FILES = ("picture", "sound", "clip", "document")
_SEED = 2**31 - 1  # the largest seed that every model accepts


@dataclass(frozen=True)
class FittedTask:
    """A task for another model. `left_out`: the names of settings that it lacks."""

    task: Task
    left_out: tuple[str, ...] = ()


def takes_seed(model: StudioModel) -> bool:
    return "seed" in model.fields


def seeded(task: Task, model: StudioModel) -> Task:
    """The task with a random seed within the model's limits."""
    low, high = Field("seed", model.fields.get("seed", {})).span
    least, most = int(max(low or 1, 1)), int(min(high or _SEED, _SEED))
    return replace(task, body={**task.body, "seed": least + secrets.randbelow(max(1, most - least + 1))})


def fitted(task: Task, model: StudioModel, way: Way) -> FittedTask:
    """The same input for another model. Raises ValueError with a sentence if that requires something else."""
    fields = {field.name: field for field in form(model)}
    body: dict[str, JSON] = {"model": model.id}
    left = [name for name in task.body if name not in ("model", "messages", *MAIN)]
    for name in list(left):
        if (field := fields.get(name)) and field.kind not in _FILES and _accepts(field, task.body[name]):
            body[name] = task.body[name]
            left.remove(name)
    if text := next((field for name in MAIN if (field := fields.get(name))), None):
        given = next((task.body[name] for name in MAIN if task.body.get(name)), task.input_text or None)
        body |= {text.name: text.parse(given)} if given is not None else {}
    files = _files(task.files, fields, left)
    _require(model, {*body, *files})
    form_field = next((name for name in files if fields[name].binary and name != "mask"), "")
    lists = tuple(name for name in files if fields[name].as_list)
    path = way.edits if form_field and way.edits else way.path
    made = replace(
        task, model=model.id, path=path, poll=way.poll, form=form_field, body=body, files=files, lists=lists
    )
    return FittedTask(form_requests.tasks_of(made, way)[0], tuple(left))


def _accepts(field: Field, value: JSON) -> bool:
    try:
        return field.parse(value) == value
    except ValueError:
        return False


def _files(
    given: Mapping[str, tuple[Given, ...]], fields: Mapping[str, Field], left: list[str]
) -> dict[str, tuple[Given, ...]]:
    """The files under the other model's names for them; files without a field are added to `left`."""
    files: dict[str, tuple[Given, ...]] = {}
    for name, several in given.items():
        kind = Field(name, {}).kind
        places = [name, *(other for other, field in fields.items() if field.kind == kind and other != "mask")]
        place = next((one for one in places if one in fields and one not in files), None)
        if place is None or len(several) > fields[place].several:
            left.append(name)
        else:
            files[place] = several
    return files


def _require(model: StudioModel, given: set[str]) -> None:
    missing = [Field(name, {}).label for name in model.required if name not in given]
    if missing:
        raise ValueError(f"{model.label} needs something that this run has not: {', '.join(missing)}.")
    if model.one_of and sum(bool(set(group) & given) for group in model.one_of) != 1:
        raise ValueError(f"{model.label} needs another kind of input.")
