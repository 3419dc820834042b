"""The bundled recordings in display order: bundled/N-name.json."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from backend.demos import document
from backend.demos.recording import Recording

_FOLDER = Path(__file__).parent / "bundled"


@cache
def shelf() -> Mapping[str, Recording]:
    """The recordings by name."""
    files = sorted(_FOLDER.glob("*.json"))
    return {file.stem.partition("-")[2]: document.read(file.read_bytes()) for file in files}
