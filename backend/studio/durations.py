"""How long a run of a model takes, by those before it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

LAST = 20  # runs that count


def usual(past: Sequence[float], documented: Sequence[float]) -> float | None:
    """Seconds: of runs that were seen to end, the newest first, else of what the documents show. One that
    was found a day later says nothing: of several the middle one counts."""
    if past:
        return max(0.0, median(past[:LAST]))
    return sum(documented) / len(documented) if documented else None
