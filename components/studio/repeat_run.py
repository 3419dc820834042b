"""Repeats a run, in a popover under its result: unchanged, with another seed, or with another model beside it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from backend import errors
from backend.studio import task as tasks
from backend.studio import variants
from backend.studio.families import Family
from backend.studio.models import StudioModel
from backend.studio.shelf import Shelf
from backend.studio.task import FileGone, Given, Task
from components.elements.markdown import plain
from components.session import tab
from components.session.session import Session
from components.session.studio_runs import Run
from components.studio import words
from components.studio.attempting import attempt, set_toast
from components.studio.model_names import names

_BEGUN = "studio.again.begun"  # what was begun last, and when
_DOUBLE = 1.5  # seconds within which a second click means the first


def draw(session: Session, family: Family, run: Run) -> None:
    """The popover. Its content is drawn while it is open."""
    id_ = run.job.id
    label, key = words.AGAIN, f"studio.again.{id_}"
    popover = st.popover(label, icon=":material/repeat:", type="tertiary", key=key, on_change="rerun")
    if not popover.open:
        return
    model = session.studio.model(family, run.task.model)
    with popover:
        _button(words.SAME_AGAIN, "same", id_, partial(same, session, run, model))
        if variants.takes_seed(model):
            _button(words.VARY_SEED, "seed", id_, partial(same, session, run, model, vary=True))
        if len(run.steps) == 1 and family.gives != "rows":  # each row of a batch names its model
            _beside(session, family, run)


def _button(label: str, name: str, id_: str, do: partial[None]) -> None:
    st.button(label, key=f"studio.{name}.{id_}", on_click=attempt, args=(do,), width="stretch")


def _beside(session: Session, family: Family, run: Run) -> None:
    others = names([one for one in session.studio.models(family) if one.id != run.task.model])
    if not others:
        return
    chosen = st.selectbox(
        words.BESIDE_MODEL,
        list(others),
        index=None,
        key=_beside_key(run),
        format_func=lambda one: others.get(one, one),
        placeholder=words.MODEL_PLACEHOLDER_SHORT,
    )
    way = family.way(session.studio.connection.endpoint)
    if chosen is None or way is None:
        return
    model = session.studio.model(family, chosen)
    try:
        fitted = variants.fitted(run.task, model, way)
    except ValueError as error:
        st.caption(plain(str(error)))
        return
    if fitted.left_out:
        st.caption(words.LEFT_OUT.format(names=plain(", ".join(fitted.left_out))))
    do = partial(_begin, session, run, [replace(fitted.task, beside=first(run))], model)
    _button(words.RUN_BESIDE, "beside", run.job.id, do)


def _beside_key(run: Run) -> str:
    return f"studio.beside_model.{run.job.id}"


def first(run: Run) -> str:
    """The run that this one is compared with: itself if it is alone."""
    return run.task.beside or run.job.id


def groups(runs: Sequence[Run]) -> list[list[Run]]:
    """Runs that are displayed side by side, the first of them first; each group at the position of its newest
    run.
    """
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(first(run), []).append(run)
    return [sorted(group, key=lambda run: run.job.created) for group in found.values()]


def same(session: Session, run: Run, model: StudioModel, *, vary: bool = False) -> None:
    """Start a run with the same settings; with `vary` with another seed."""
    asked = [replace(tasks.read(step.task), beside="", query_of="") for step in run.steps]
    _begin(session, run, [variants.seeded(task, model) for task in asked] if vary else asked, model)


def _begin(session: Session, run: Run, asked: Sequence[Task], model: StudioModel) -> None:
    """Start a run with copies of its files, as they are deleted with it. Raises an APIError with a message."""
    key = (run.job.id, asked[0].model, asked[0].body.get("seed") == run.task.body.get("seed"))
    before, at = tab.value_as(tuple, _BEGUN) or (None, 0.0)
    if before == key and time.time() - at < _DOUBLE:
        return
    tab.put(_BEGUN, (key, time.time()))
    if session.studio.kept.server_of(run) != session.studio.connection.endpoint.digest:
        raise errors.BadInput(title=words.OF_ANOTHER_SERVER, hint="")
    shelf = session.studio.shelf
    try:
        session.studio.begin([replace(task, files=_copy_files(task.files, shelf)) for task in asked], model)
    except FileGone:
        raise errors.BadInput(title=words.FILE_GONE, hint=words.FILE_GONE_HINT) from None
    tab.put(_beside_key(run), None)
    set_toast(words.BEGUN_AGAIN, "play_arrow")


def _copy_files(files: Mapping[str, tuple[Given, ...]], shelf: Shelf) -> dict[str, tuple[Given, ...]]:
    """The task with copies of its files. Raises FileGone."""
    copies = {
        name: tuple([Given(shelf.copy(one.id), one.name) for one in several]) for name, several in files.items()
    }
    if not all(one.id for several in copies.values() for one in several):
        raise FileGone
    return copies
