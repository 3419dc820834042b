"""Where a database is put, and what writes conversations down, for the tests here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.store import Store
from backend.store.journal import Journals


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "play ground #1.db"


@pytest.fixture
def journals(store: Store) -> Iterator[Journals]:
    opened = Journals(store)
    yield opened
    opened.recorder.close()
