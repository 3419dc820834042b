"""Preserves the form across a reload: the browser tab stores it (draft.js), and returns it once.
It is never in the database or in another tab, and contains no key of a connection.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import streamlit as st

from backend.studio.families import FAMILIES, Family
from backend.studio.fields import LETTERS, Field, form
from backend.studio.models import StudioModel
from backend.text import clean
from backend.types import JSON
from backend.untrusted import fields
from components.session import tab
from components.session.session import Session
from components.studio import files
from components.studio.form import extra_key, key
from components.studio.results import model_key

_HERE = Path(__file__).parent
_WIDGET = "studio.draft"
_WAITING = "studio.draft.waiting"  # what the browser returned, until its field is drawn; None: not received yet
_LOST = "studio.draft.lost"  # the names of the files that were chosen before the reload, by the uploader's key
_NOW = "studio.draft.now"  # the values of the fields that were drawn in this tab
_FIELDS = 300  # that are kept
_ID = 200


@cache
def _component() -> Callable[..., object]:
    return st.components.v2.component("studio_draft", js=(_HERE / "draft.js").read_text("utf-8"))


def put_back_model(family: Family) -> None:
    """Restore the model chosen before the reload. Before its widget is drawn."""
    waiting = _waiting()
    if isinstance(id_ := waiting.pop(model_key(family), None), str) and not tab.value(model_key(family)):
        tab.put(model_key(family), clean(id_)[:_ID].strip())


def put_back(family: Family, model: StudioModel) -> None:
    """Restore the fields of a form, as far as the values are valid. Before they are drawn."""
    waiting = _waiting()
    for field in form(model):
        name = key(family, model, field)
        value = waiting.pop(name, None)
        if tab.value(name) in (None, "") and _fits(field, value):
            tab.put(name, clean(value) if isinstance(value, str) else value)
        uploader = key(family, model, field, files.UPLOADER)
        if isinstance(gone := waiting.pop(uploader, None), str):
            tab.put(_LOST, {**_lost(), uploader: clean(gone)[:_ID]})
    extra = waiting.pop(extra_key(family), None)
    if isinstance(extra, str) and not tab.value(extra_key(family)):
        tab.put(extra_key(family), clean(extra[:LETTERS]))


def lost_files(family: Family, model: StudioModel) -> str:
    """The names of the files that this form had before the reload and has not again: they are not stored."""
    uploaders = [key(family, model, field, files.UPLOADER) for field in form(model)]
    lost = {name: gone for name, gone in _lost().items() if not files.chosen(name)}
    tab.put(_LOST, lost)
    return ", ".join(lost[name] for name in uploaders if name in lost)


def forget_lost_files() -> None:
    """Do without them."""
    tab.put(_LOST, {})


def keep(session: Session, family: Family, model: StudioModel | None) -> None:
    """Have the browser tab store the content of the form. After the form is drawn."""
    names = [extra_key(family)]
    if model is not None:
        names += [key(family, model, field) for field in form(model)]
    uploaders = [key(family, model, field, files.UPLOADER) for field in form(model)] if model else []
    now: dict[str, object] = dict(fields(tab.value(_NOW)))
    for name in (model_key(family), *names):
        now.pop(name, None)
        if (value := tab.value(name)) not in (None, "") and _is_kept(session, value):
            now[name] = value
    for name in uploaders:
        now.pop(name, None)
        if chosen := files.chosen(name):
            now[name] = ", ".join(chosen)[:_ID]
    now = dict(list(now.items())[-_FIELDS:])
    tab.put(_NOW, now)
    received = tab.value(_WAITING) is not None
    data = {"values": {**_waiting(), **now}, "names": names, "heard": received}
    with st.container(key="studio.draft.place", height=1, border=False):
        _component()(key=_WIDGET, data=data, height=1, on_draft_change=_given_back)


def _waiting() -> dict[str, JSON]:
    kept = tab.value(_WAITING)
    return kept if isinstance(kept, dict) else {}


def _lost() -> dict[str, str]:
    kept = tab.value(_LOST)
    return kept if isinstance(kept, dict) else {}


def _given_back() -> None:
    """Untrusted, as anything from a browser: only valid field values are accepted, when the field is drawn."""
    given = fields(getattr(tab.value(_WIDGET), "draft", None))
    if given and tab.value(_WAITING) is None:
        names = [name for name in given if name.startswith(tuple(f"studio.{family}" for family in FAMILIES))]
        tab.put(_WAITING, {name: given[name] for name in names[:_FIELDS]})


def _fits(field: Field, value: JSON) -> bool:
    """Whether the widget of a field can hold it."""
    if field.kind == "choice":
        return value in field.options
    if field.kind == "flag":
        return isinstance(value, bool)
    if field.kind in ("number", "integer"):
        whole = field.kind == "integer"
        return (
            isinstance(value, int if whole else int | float) and not isinstance(value, bool) and abs(value) < 2**53
        )
    return (
        isinstance(value, str)
        and len(value) <= LETTERS
        and field.kind in ("text", "lines", "json", "table", *files.KINDS)
    )


def _is_kept(session: Session, value: object) -> bool:
    """Whether it is stored: no key is, and nothing too large for a browser."""
    if not isinstance(value, str):
        return True
    return len(value) <= LETTERS and not any(one in value for one in session.connections.keys)
