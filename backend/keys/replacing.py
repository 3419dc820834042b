"""Replaces the forms of a key in texts and JSON. The caller provides the forms (redaction.py)."""

from __future__ import annotations

import re

from backend.types import JSON

PLACEHOLDER = "[key]"
LEFT_OUT = "(left out: a part of the key stands in it)"
ESCAPED = re.compile(r"\\[u/]")  # JSON can escape a key in ways that only parsing undoes
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)


def without_forms(text: str, forms: tuple[str, ...]) -> str:
    """A text without any of these forms."""
    for form in forms:
        text = text.replace(form, PLACEHOLDER)
    return text


def bare(text: str, forms: tuple[str, ...]) -> str:
    """A text that may be JSON, whole or broken, without the key, even if it appears only after parsing."""
    text = without_forms(text, forms)
    if ESCAPED.search(text):
        read = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)) if escape[1] else escape[2], text)
        if any(form in read for form in forms):
            return LEFT_OUT
    return text


def redacted_json(value: JSON, forms: tuple[str, ...]) -> JSON:
    """JSON without these forms in its texts and names. Raises ValueError if it is nested almost too deeply for
    the parser.
    """
    try:
        return _json_without_forms(value, forms)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _json_without_forms(value: JSON, forms: tuple[str, ...]) -> JSON:
    if isinstance(value, str):
        return without_forms(value, forms)
    if isinstance(value, dict):
        return {without_forms(name, forms): _json_without_forms(item, forms) for name, item in value.items()}
    return [_json_without_forms(item, forms) for item in value] if isinstance(value, list) else value
