"""Ledgers for the tests here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stores import ready

from backend.guests.ledger import Ledger
from backend.store import Store


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return Ledger(store)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger where it does not matter in which database."""
    opened = Store.open(ready(tmp_path / "one.db"))
    yield Ledger(opened)
    opened.close()
