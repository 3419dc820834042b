"""Times as the visitor reads them."""

from __future__ import annotations

import time

import pytest
import streamlit as st

from components.elements.dates import ago, day_and_time

SPRING = 1_774_746_000.0  # 2026-03-29 01:00 UTC: in Berlin the clock goes from 02:00 to 03:00


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("Europe/Berlin", "2026-03-29 01:59", "2026-03-29 03:00"),
        ("America/New_York", "2026-03-28 20:59", "2026-03-28 21:00"),
        ("Asia/Kathmandu", "2026-03-29 06:44", "2026-03-29 06:45"),
    ],
)
def test_a_time_is_told_by_the_visitors_clock(
    monkeypatch: pytest.MonkeyPatch, zone: str, before: str, after: str
) -> None:
    monkeypatch.setattr(type(st.context), "timezone", zone)
    assert (day_and_time(SPRING - 60), day_and_time(SPRING)) == (before, after)


@pytest.mark.parametrize("zone", [None, "", "../../etc/passwd", "Mars/Base", "Europe", "\0", "x" * 10_000])
def test_without_a_zone_from_the_browser_the_servers_is_named(
    monkeypatch: pytest.MonkeyPatch, zone: str | None
) -> None:
    monkeypatch.setattr(type(st.context), "timezone", zone)
    assert day_and_time(SPRING) == time.strftime("%Y-%m-%d %H:%M", time.localtime(SPRING))


def test_a_time_in_the_future_is_just_now() -> None:
    assert ago(time.time() + 5000) == ago(time.time())
