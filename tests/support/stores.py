"""Stores in files for the tests."""

from __future__ import annotations

import re
import tempfile
import time
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, text

from backend.store import Store, schema

_MADE = re.compile(r"CREATE TABLE (\w+)")


def open_store(url: str) -> Store:
    return Store.open(url, pauses=(0.05,))


def ready(path: Path) -> str:
    """Put an empty database that has every migration there; its URL.

    Opening it takes a third of what a new one takes: 11 ms of a processor instead of 34. Tests of how a database
    begins give an address where there is none yet.
    """
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(_empty())
    return f"sqlite:///{path}"


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        Store.open(f"sqlite:///{path}").close()
        return path.read_bytes()


def without_later_tables(connection: Connection, step: int) -> None:
    """Drop what this step of the schema and those after it have made, so that they can be taken again."""
    for later in reversed(schema.STEPS[connection.dialect.name][step:]):
        for statement in reversed(later):  # a table goes before the one that it refers to
            if isinstance(statement, str) and (made := _MADE.match(statement)):
                connection.execute(text(f"DROP TABLE {made[1]}"))


def forget_the_process(store: Store) -> None:
    """As after kill -9: what worked on jobs has not been heard of for a while."""
    store.edit(lambda connection: connection.execute(text("UPDATE jobs SET beat = 0")) and None)


def well(store: Store, seconds: float = 20) -> bool:
    """The database is back, or comes back within so many seconds."""
    end = time.monotonic() + seconds
    while store.trouble and time.monotonic() < end:
        time.sleep(0.02)
    return not store.trouble
