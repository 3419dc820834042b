"""Reads the file `.env` beside app.py, in any usual encoding.

PowerShell's `>` writes UTF-16, old versions of Notepad the system's code page; python-dotenv reads UTF-8 only.
"""

from __future__ import annotations

import codecs
import os
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

FILE = Path(__file__).parents[1] / ".env"


def values() -> dict[str, str | None]:
    """Its values by name; empty if there is no such file, or if it cannot be read (see `problem`)."""
    return {} if problem() or not FILE.is_file() else dict(dotenv_values(stream=StringIO(_text(FILE.read_bytes()))))


def problem() -> str:
    """Why the file cannot be read, as a sentence for the owner; "" if it can, or if there is none."""
    if FILE.is_file() and not os.access(FILE, os.R_OK):
        return "The file .env may not be read by the user who runs this app."
    return ""


def _text(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")  # names and keys are ASCII in any case
