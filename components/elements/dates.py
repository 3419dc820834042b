"""Times as people say them."""

from __future__ import annotations

import time


def ago(then: float) -> str:
    """A time, in seconds since 1970, as people say it: `3 hours ago`."""
    seconds = max(0.0, time.time() - then)
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "just now"
