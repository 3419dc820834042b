"""Copies budgets, pause and visits of guests from a read-only database to a writable one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, column, insert, select, table, text

from backend.store import Store

_SPENDING = ("id", "guest", "began", "ends", "settled", "messages", "tokens", "micros")
_VISITS = ("guest", "budget", "admitted", "link", "ended", "seen")
_TABLES = (
    table("guest_spending", *map(column, _SPENDING)),
    table("guest_visits", *map(column, _VISITS)),
)
_HOUSE = text("SELECT paused, secret FROM guest_house")
_KEEP_HOUSE = text("UPDATE guest_house SET paused = :paused, secret = :secret")
Rows = Sequence[Mapping[str, object]]


def carry(old: Store, new: Store) -> None:
    """Copy as much as can be read. `new` is empty."""
    nothing: tuple[list[Rows], Rows] = ([], [])
    tables, house = old.read(_read, nothing)

    def write(connection: Connection) -> None:
        for place, rows in zip(_TABLES, tables, strict=False):
            if rows:
                connection.execute(insert(place), [dict(row) for row in rows])
        for row in house:
            connection.execute(_KEEP_HOUSE, dict(row))

    new.edit(write)


def _read(connection: Connection) -> tuple[list[Rows], Rows]:
    tables: list[Rows] = [[dict(row) for row in connection.execute(select(one)).mappings()] for one in _TABLES]
    return tables, [dict(row) for row in connection.execute(_HOUSE).mappings()]
