"""The verdict of a moderation model on a text: safe, unsafe with its reasons, or no verdict at all.

Two ways: OpenAI's `/moderations` (a row of categories for each text), and guard models, whose whole answer is a
word and codes. It does NOT judge anything itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from backend.types import JSON
from backend.untrusted import Object, fields, numeral, text

State = Literal["safe", "unsafe", "none"]
# Names of Llama Guard 3's codes, from its model card.
CODES = {
    "S1": "violent crimes",
    "S2": "non-violent crimes",
    "S3": "sex-related crimes",
    "S4": "child sexual exploitation",
    "S5": "defamation",
    "S6": "specialized advice",
    "S7": "privacy",
    "S8": "intellectual property",
    "S9": "indiscriminate weapons",
    "S10": "hate",
    "S11": "suicide and self-harm",
    "S12": "sexual content",
    "S13": "elections",
    "S14": "code interpreter abuse",
}
_SCORES = 3  # scores of a text that are shown
_CODE = re.compile(r"[SO]?\d{1,2}", re.IGNORECASE)


@dataclass(frozen=True)
class ModerationVerdict:
    """`reasons` as text, `raw` the model's output; `scores`: the highest ones, whatever the verdict."""

    state: State
    reasons: tuple[str, ...] = ()
    raw: str = ""
    scores: tuple[str, ...] = ()


def of_guard(answer: str) -> ModerationVerdict:
    """The verdict in a guard model's answer: its first non-empty line, followed by codes. "not unsafe", or a
    sentence, is no verdict.
    """
    raw = text(answer, 2_000).strip()
    lines = [line.strip() for line in raw.splitlines() if line.strip()]
    word = lines[0].lower() if lines else ""
    if word == "safe":
        return ModerationVerdict("safe", raw=raw)
    if word == "unsafe":
        codes = [code.upper() for code in _CODE.findall(" ".join(lines[1:]))]
        return ModerationVerdict(
            "unsafe", tuple([f"{code}: {CODES[code]}" if code in CODES else code for code in codes]), raw
        )
    return ModerationVerdict("none", raw=raw)


def of_row(row: JSON) -> ModerationVerdict:
    """The verdict in a row of OpenAI's `results`."""
    whole = fields(row)
    scores, hits = fields(whole.get("category_scores")), fields(whole.get("categories"))
    named = [name for name, hit in hits.items() if hit is True]
    # Mistral's rows have categories, but no overall flag.
    flagged = whole.get("flagged", bool(named) if any(isinstance(hit, bool) for hit in hits.values()) else None)
    if not isinstance(flagged, bool):
        return ModerationVerdict("none")
    reasons = []
    for name in named[:30]:
        score = numeral(scores.get(name))
        reasons.append(f"{text(name, 60)} ({score:.0%})" if score is not None else text(name, 60))
    return ModerationVerdict("unsafe" if flagged else "safe", tuple(reasons), scores=_highest(scores))


def _highest(scores: Object) -> tuple[str, ...]:
    known = [(score, name) for name, value in list(scores.items())[:100] if (score := numeral(value)) is not None]
    return tuple([f"{text(name, 60)} ({score:.1%})" for score, name in sorted(known, reverse=True)[:_SCORES]])
