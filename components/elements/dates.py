"""Times as text for people."""

from __future__ import annotations

import time
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st

from components.elements import words

_SIZES = (
    (86_400, words.DAY_AGO, words.DAYS_AGO),
    (3_600, words.HOUR_AGO, words.HOURS_AGO),
    (60, words.MINUTE_AGO, words.MINUTES_AGO),
)


def ago(then: float) -> str:
    """A time, in seconds since 1970, relative to now: `3 hours ago`."""
    seconds = max(0.0, time.time() - then)
    for size, one, several in _SIZES:
        if seconds >= size:
            count = int(seconds // size)
            return (one if count == 1 else several).format(count=count)
    return words.JUST_NOW


def day_and_time(then: float) -> str:
    """A time, in seconds since 1970, in the visitor's time zone: `2026-03-29 03:30`."""
    return f"{datetime.fromtimestamp(then, _zone()):%Y-%m-%d %H:%M}"


def _zone() -> tzinfo | None:
    """The time zone of the browser; None, the server's zone, if it is unknown."""
    name = st.context.timezone
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, LookupError, OSError):
        return None
