"""The bundled script, bundled/scripts/tour.json: it plays without a key and without a network."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from backend.demos import script_file
from backend.demos.script import Script

_FILE = Path(__file__).parent / "bundled" / "scripts" / "tour.json"


@cache
def tour() -> Script:
    """The same script each time."""
    return script_file.read(_FILE.read_bytes())
