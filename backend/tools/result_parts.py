"""The content of a result besides the text for the model: pictures, audio, links, files, structured content.

Values only, and hostile: they are shown as what they are, and never followed or run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from backend.invisible import hidden_words
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


def orders(text: str) -> str:
    """The phrase in a text that looks like an instruction to the model, "" if there is none."""
    if smuggled := hidden_words(text[:_READ]):
        return smuggled
    spaced = " ".join(text[:_READ].split())  # where spaces may stand twice, thousands of them would take minutes
    found = _ORDERS.search(spaced)
    return found[0][:120] if found else ""
