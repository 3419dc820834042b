"""Restores the settings of a run in the form."""

from __future__ import annotations

import json

from backend.studio.families import Family
from backend.studio.fields import Field, form
from backend.studio.models import StudioModel
from backend.studio.task import Task
from backend.types import JSON
from components.session import tab
from components.studio import files
from components.studio.form import extra_key, key


def fill(family: Family, model: StudioModel, task: Task) -> None:
    """Put the settings of a run back into the form. Files are not restored: they have to be chosen again."""
    fields = {field.name: field for field in form(model)}
    texts = [item for item in (task.body.get("input"), task.input_text) if item]
    for name, field in fields.items():
        value = task.body.get(name, texts[0] if name in ("input", "query") and texts else None)
        tab.put_setting(key(family, model, field), _typed(field, value))
    rest = {name: value for name, value in task.body.items() if name not in (*fields, "model", "messages")}
    tab.put_setting(extra_key(family), _json(rest) if rest else "")


def _typed(field: Field, value: JSON) -> object:
    """A sent value in its widget's form."""
    if value is None:
        return None if field.kind in ("number", "integer", "choice", "flag") else ""
    if field.kind == "document" and isinstance(value, dict):
        return next((link for name, link in value.items() if name != "type"), "")
    if field.kind in (*files.KINDS, "lines", "text"):
        return "\n".join(map(str, value)) if isinstance(value, list) else str(value)
    return _json(value) if field.kind == "json" else value


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
