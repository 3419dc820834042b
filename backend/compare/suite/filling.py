"""The variables of a prompt and of a check: `{{country}}`, replaced in one pass.

Nothing is evaluated, and a value is not searched for variables again. It has NO defaults or forms: those
belong to the prompt library (backend/library/prompts.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from backend.types import JSON

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
VARIABLE = re.compile(r"\{\{[ \t]{0,9}([A-Za-z_][A-Za-z0-9_]{0,99})[ \t]{0,9}\}\}")
# Template syntax besides plain variables: Nunjucks and Jinja, as promptfoo uses them.
_MARKS = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")


def names(text: str) -> tuple[str, ...]:
    """The variables of a text in order, each once."""
    return tuple(dict.fromkeys(VARIABLE.findall(text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with the values of its variables; a variable without a value stays unchanged."""
    return VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)


def fill_json(value: JSON, values: Mapping[str, str]) -> JSON:
    """`fill` for every text in a JSON value; names of fields stay unchanged."""
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, list):
        return [fill_json(item, values) for item in value]
    if isinstance(value, dict):
        return {name: fill_json(item, values) for name, item in value.items()}
    return value


def names_in(value: JSON) -> tuple[str, ...]:
    """The variables of every text in a JSON value."""
    if isinstance(value, str):
        return names(value)
    inner = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
    return tuple(dict.fromkeys(name for item in inner for name in names_in(item)))


def is_more(text: str) -> bool:
    """Whether a text of another program contains template syntax other than plain variables."""
    return bool(_MARKS.search(VARIABLE.sub("", text)))
