"""What writes conversations down, for the tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.store import Store
from backend.store.journal import Journals


@pytest.fixture
def journals(store: Store) -> Iterator[Journals]:
    opened = Journals(store)
    yield opened
    opened.recorder.close()
