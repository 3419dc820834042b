"""The aspect ratios of pictures and clips, as far as their request tells: for the placeholders until they
arrive.
"""

from __future__ import annotations

import re

from backend.studio.models import StudioModel
from backend.studio.task import Task
from backend.types import JSON
from backend.untrusted import fields, numeral, string

MOST = 4  # frames
_NAMES = ("aspect_ratio", "ratio", "image_size", "size")
_WORDS = {
    "square": 1.0, "square_hd": 1.0, "portrait_4_3": 3 / 4, "portrait_16_9": 9 / 16,
    "landscape_4_3": 4 / 3, "landscape_16_9": 16 / 9,
}  # fmt: skip
_SIDES = re.compile(r"(\d{1,5}(?:\.\d{1,3})?)\s?[:x*]\s?(\d{1,5}(?:\.\d{1,3})?)")
_NARROWEST = 1 / 4  # a placeholder is not drawn narrower than this, nor wider than its inverse


def aspect_ratios(task: Task, model: StudioModel | None) -> list[float]:
    """Width divided by height of each requested picture; [] if the request does not tell."""
    if task.family not in ("image", "video"):
        return []
    known = model.fields if model else {}
    values = [task.body.get(name, known.get(name, {}).get("default")) for name in _NAMES]
    shape = next((found for value in values if (found := _shape(value))), None)
    wanted = max((numeral(task.body.get(name)) or 1.0 for name in task.about.counts), default=1.0)
    return [] if shape is None else [shape] * int(min(MOST, max(1.0, wanted)))


def _shape(value: JSON) -> float | None:
    sides = _SIDES.fullmatch(string(value).strip().lower())
    wide, high = (sides[1], sides[2]) if sides else (fields(value).get("width"), fields(value).get("height"))
    across, down = numeral(wide) or 0.0, numeral(high) or 0.0
    found = across / down if across > 0 and down > 0 else _WORDS.get(string(value))
    return found and min(1 / _NARROWEST, max(_NARROWEST, found))
