"""Stores in files for the tests."""

from __future__ import annotations

import re

from sqlalchemy import Connection, text

from backend.store import Store, schema

_MADE = re.compile(r"CREATE TABLE (\w+)")


def opened(url: str) -> Store:
    return Store.open(url, pauses=(0.05,))


def without_later_tables(connection: Connection, step: int) -> None:
    """Drop what this step of the schema and those after it have made, so that they can be taken again."""
    for later in schema.STEPS[connection.dialect.name][step:]:
        for statement in later:
            if isinstance(statement, str) and (made := _MADE.match(statement)):
                connection.execute(text(f"DROP TABLE {made[1]}"))
