"""The file `.env` beside app.py, in whichever encoding an editor or a shell has written it.

PowerShell's `>` writes UTF-16, an older Notepad the code page of the system: python-dotenv reads UTF-8 alone.
"""

from __future__ import annotations

import codecs
import os
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

FILE = Path(__file__).parents[1] / ".env"


def values() -> dict[str, str | None]:
    """What stands in it, by name; nothing where there is no such file, or `problem` says why."""
    return {} if problem() or not FILE.is_file() else dict(dotenv_values(stream=StringIO(_text(FILE.read_bytes()))))


def problem() -> str:
    """Why the file that is there cannot be read, for whoever has put it there; else ""."""
    if FILE.is_file() and not os.access(FILE, os.R_OK):
        return "The file .env may not be read by the user who runs this app."
    return ""


def _text(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")  # names and keys are ASCII in it
