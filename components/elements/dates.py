"""Times as people say them."""

from __future__ import annotations

import time

from components.elements import words

_SIZES = (
    (86_400, words.DAY_AGO, words.DAYS_AGO),
    (3_600, words.HOUR_AGO, words.HOURS_AGO),
    (60, words.MINUTE_AGO, words.MINUTES_AGO),
)


def ago(then: float) -> str:
    """A time, in seconds since 1970, as people say it: `3 hours ago`."""
    seconds = max(0.0, time.time() - then)
    for size, one, several in _SIZES:
        if seconds >= size:
            count = int(seconds // size)
            return (one if count == 1 else several).format(count=count)
    return words.JUST_NOW
