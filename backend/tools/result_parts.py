"""The content of a result besides the text for the model: pictures, audio, links, files, structured content.

Values only, and hostile: they are shown as what they are, and never followed or run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from backend.text import clean
from backend.types import JSON

PartKind = Literal["text", "picture", "audio", "link", "file", "structured"]


@dataclass(frozen=True)
class ResultPart:
    """One piece of a result. `text` is its text, `data` a picture or audio as a data: URL, `address` a link's."""

    kind: PartKind
    text: str = ""
    media_type: str = ""
    data: str = ""
    address: str = ""
    value: JSON = None


# Phrases that address the model rather than its reader. They match plain text, and do
# NOT find hidden instructions.
_ORDERS = re.compile(
    r"(?:ignore|disregard|forget|override)\s+(?:\w+\s+){0,3}(?:previous|prior|above|earlier|preceding|system)\b"
    r"|(?:do\s+not|don't|never)\s+(?:tell|inform|mention\s+(?:\w+\s+){0,3}to|reveal\s+(?:\w+\s+){0,3}to|show)\s+"
    r"(?:\w+\s+){0,2}(?:the\s+)?user"
    r"|without\s+(?:telling|informing|asking)\s+the\s+user"
    r"|(?:important|urgent|new)\s+(?:system\s+)?(?:notice|instructions?|directives?)\s*(?:to|for|:)"
    r"|<\s*/?\s*(?:system|important|instructions?|assistant)\s*>"
    r"|\[\s*(?:system|inst)\s*\]"
    r"|you\s+(?:must|should)\s+(?:now|always|first|instead)\s+(?:call|use|send|reply|respond|run|read)"
    r"|(?:before|after)\s+(?:using|calling)\s+this\s+tool\b",
    re.IGNORECASE,
)
_READ = 50_000  # characters that are searched
_TAGS = re.compile("[\U000e0020-\U000e007e]")  # invisible characters that models read
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")  # behind an emoji: one for each byte


def orders(text: str) -> str:
    """The phrase in a text that looks like an instruction to the model, "" if there is none."""
    if hidden := _TAGS.findall(text[:_READ]):
        return "".join(chr(ord(letter) - 0xE0000) for letter in hidden)[:120]
    if selectors := _SELECTORS.search(text[:_READ]):
        return _of_selectors(selectors[0])
    found = _ORDERS.search(text[:_READ])
    return " ".join(found[0].split())[:120] if found else ""


def _of_selectors(selectors: str) -> str:
    """The words that variation selectors stand for, 1 to 256 for a byte each."""
    codes = (ord(letter) for letter in selectors[:120])
    written = bytes(code - 0xFE00 if code < 0xFE10 else code - 0xE0100 + 16 for code in codes)
    return " ".join(clean(written.decode("utf-8", "replace")).split())
