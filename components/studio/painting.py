"""A brush for the mask of a picture: painted parts may change, the rest stays. The browser returns strokes,
never pixels (painting.js); backend/studio/masks.py renders the mask. Keyboard users upload a mask as a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path

import streamlit as st

from backend.attachments import pictures
from backend.attachments.attachment import data_url
from backend.studio import masks
from backend.studio.masks import Stroke
from components.session import tab
from components.studio import words

_HERE = Path(__file__).parent
_SIDE = 1_024  # pixels of the picture that is painted on
_WORDS = {"paint": words.PAINT, "brush": words.BRUSH, "undo": words.UNDO_STROKE, "clear": words.CLEAR_STROKES}


class Painting:
    """The painted mask of one tab: its picture, and a small copy of that."""

    def __init__(self) -> None:
        self.of = ""
        self.shown = ""
        self.strokes: tuple[Stroke, ...] = ()

    def look_at(self, picture: bytes) -> None:
        """Set the picture; another one begins without strokes."""
        if (digest := hashlib.sha256(picture).hexdigest()) != self.of:
            small = pictures.preview(data_url("image/png", picture), _SIDE)
            self.of, self.shown, self.strokes = digest, data_url("image/jpeg", small) if small else "", ()


@cache
def _component() -> Callable[..., object]:
    """The component, registered once per process."""
    return st.components.v2.component(
        "studio_mask",
        css=(_HERE / "painting.css").read_text("utf-8"),
        js=(_HERE / "painting.js").read_text("utf-8"),
    )


def draw(picture: bytes | None) -> None:
    """The picture with the brush; a sentence if there is none yet."""
    if picture is None:
        st.caption(words.PAINT_LATER)
        return
    painting = tab.one(Painting)
    painting.look_at(picture)
    if not painting.shown:
        st.caption(words.PAINT_NOT)
        return
    key = f"studio.mask.{painting.of[:12]}"
    data = {
        "picture": painting.shown,
        "whole": masks.WHOLE,
        "words": _WORDS,
        "strokes": [_flat(stroke) for stroke in painting.strokes],
    }
    _component()(key=key, data=data, on_strokes_change=partial(_on_paint, key), height="content")


def _flat(stroke: Stroke) -> dict[str, object]:
    return {**asdict(stroke), "points": [number for point in stroke.points for number in point]}


def _on_paint(key: str) -> None:
    held = tab.value(key)
    tab.one(Painting).strokes = masks.strokes(held.get("strokes") if isinstance(held, Mapping) else None)


def strokes(picture: bytes) -> tuple[Stroke, ...]:
    """The strokes painted on a picture."""
    painting = tab.one(Painting)
    return painting.strokes if hashlib.sha256(picture).hexdigest() == painting.of else ()
