"""Stores in files for the tests."""

from __future__ import annotations

from backend.store import Store


def opened(url: str) -> Store:
    return Store.open(url, pauses=(0.05,))
