"""Stores in files for the tests."""

from __future__ import annotations

from store_promises import *  # noqa: F403

from backend.store import Store


def opened(url: str) -> Store:
    return Store.open(url, pauses=(0.05,))
