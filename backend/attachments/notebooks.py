"""A Jupyter notebook (.ipynb) as Markdown: its cells and their text output.

Pictures in it are left out, with a note: base64 text would fill a prompt and tell
nothing. Runs only in the process of reading_process.py.
"""

from __future__ import annotations

import json
import re

from backend.attachments.attachment import Content, count
from backend.text import fenced
from backend.types import JSON
from backend.untrusted import Object, fields, items, objects, string

_MARK = re.compile(rb'"nbformat"\s*:\s*\d')
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")  # colour codes in a traceback


def is_one(data: bytes) -> bool:
    """Whether this is JSON that declares a notebook version."""
    return data.lstrip().startswith(b"{") and b'"cells"' in data and _MARK.search(data) is not None


def read(data: bytes, characters: int, end: float) -> Content:
    """The cells in order; a file that only looks like a notebook is returned unchanged."""
    value = fields(json.loads(data))
    cells = objects(value.get("cells"))
    if not any("cell_type" in cell for cell in cells):
        return Content(data.decode(), [])
    language = string(fields(fields(value.get("metadata")).get("kernelspec")).get("language"))
    texts: list[str] = []
    length = pictures = 0
    for cell in cells:
        parts, drawn = _cell(cell, language)
        texts += parts
        pictures += drawn
        length += sum(map(len, parts))
        if length > characters:
            break
    facts = [f"without the {count(pictures, 'picture')} in it"] if pictures else []
    texts += [f"[{fact[0].upper()}{fact[1:]}.]" for fact in facts]  # the model should know it as well
    return Content("\n\n".join(texts), ["a notebook", count(len(cells), "cell"), *facts])


def _cell(cell: Object, language: str) -> tuple[list[str], int]:
    source = _join_lines(cell.get("source"))
    if cell.get("cell_type") != "code":
        return [source] if source else [], 0
    outputs = [_output(output) for output in objects(cell.get("outputs"))]
    printed = "\n".join(text.rstrip("\n") for text, _ in outputs if text)
    pictures = sum(picture for _, picture in outputs)
    code = [fenced(source, language)] if source else []
    return [*code, *([f"Output:\n\n{fenced(printed)}"] if printed else [])], pictures


def _output(output: Object) -> tuple[str, bool]:
    """The text that was printed, shown or raised, and whether there was a picture besides."""
    if output.get("output_type") == "error":
        return _COLOURS.sub("", "\n".join(map(string, items(output.get("traceback"))))), False
    data = fields(output.get("data"))
    shown = data.get("text/plain", data.get("text/markdown"))
    return _join_lines(output.get("text", shown)), any(kind.startswith("image/") for kind in data)


def _join_lines(written: JSON) -> str:
    """A text, or a list of lines joined."""
    return string(written) or "".join(map(string, items(written)))
