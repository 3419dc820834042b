"""Replaces the forms of a key in texts and JSON. The caller provides the forms (redaction.py)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

from backend.text import without_controls
from backend.types import JSON

PLACEHOLDER = "[key]"
LEFT_OUT = "(left out: a part of the key stands in it)"
ESCAPED = re.compile(r"\\[u/bf]")  # JSON can escape a key, or controls within it, in ways that only parsing undoes
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)


def without_forms(text: str, forms: tuple[str, ...]) -> str:
    """A text without any of these forms, and without controls: what is shown has none, and in between they would
    have hidden a key. Nothing of it is left if the key is there in the escapes of HTML or of an address.
    """
    if not forms:
        return text
    text = without_controls(text)
    for form in forms:
        text = text.replace(form, PLACEHOLDER)
    return LEFT_OUT if any(form in read for read in _readings(text) for form in forms) else text


def _readings(text: str) -> Iterator[str]:
    """The text as pages and addresses are read, where that makes a difference."""
    if "&" in text:
        yield html.unescape(text)
    if "%" in text:
        yield (once := unquote(text))
        yield unquote(once)


def bare(text: str, forms: tuple[str, ...]) -> str:
    """A text that may be JSON, whole or broken, without the key, even if it appears only after parsing."""
    text = without_forms(text, forms)
    if ESCAPED.search(text):
        read = without_controls(_ESCAPE.sub(_meaning, text))
        if any(form in read for form in forms):
            return LEFT_OUT
    return text


def _meaning(escape: re.Match[str]) -> str:
    """The character of an escape in a string; none for those of controls."""
    if code := escape[1] or escape[2]:
        return chr(int(code, 16))
    return escape[3] if escape[3] not in "bf" else ""


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
