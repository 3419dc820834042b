"""Estimates how long a run of a model takes, from earlier runs."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

LAST = 20  # runs that are considered


def usual(past: Sequence[float], documented: Sequence[float]) -> float | None:
    """Seconds: the median of the latest runs whose end was observed, otherwise that of the documentation. A run
    that was found finished a day later is not counted.
    """
    if past:
        return max(0.0, median(past[:LAST]))
    return sum(documented) / len(documented) if documented else None
