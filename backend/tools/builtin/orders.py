"""The orders of a small sample shop, in a real SQLite file: one looked up by number, or any question asked in SQL.

The SQL is written by a model and hostile. The file is opened read-only; an authorizer allows only reading these
tables with known functions; sizes are limited inside SQLite, and a query is interrupted after a number of steps.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field

_FILE = Path(__file__).parents[2] / "data" / "orders.sqlite"  # made by scripts/sample_orders.py
ROWS = 50  # rows of a result
CELL = 200  # characters of a text in it
STEPS = 5_000_000  # steps of SQLite's virtual machine: well under a second
_TICK = 10_000  # steps between two checks
TABLES = ("about", "customers", "products", "orders", "items")
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 100_000,  # bytes of a text or row
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 4_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 50,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 10,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 10,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 50,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
# fmt: off
_FUNCTIONS = {
    "abs", "avg", "coalesce", "count", "date", "datetime", "glob", "group_concat", "ifnull", "iif", "instr",
    "julianday", "length", "like", "lower", "ltrim", "max", "min", "nullif", "rank", "replace", "round",
    "row_number", "rtrim", "sign", "strftime", "substr", "substring", "sum", "total", "trim", "upper",
}
# fmt: on


def find_order(
    number: Annotated[int, Field(description="The order's number, for example 1042.", ge=1, le=999_999)],
) -> dict[str, object]:
    """Look up one order of the sample shop by its number: who ordered what, the total in US dollars, and whether
    it is late as of the day the data stands at (`as_of`). For questions about many orders use query_orders.
    """
    with _database() as database:
        row = database.execute(
            "SELECT o.*, c.name, c.city, c.country, a.as_of, a.currency FROM orders o, about a "
            "JOIN customers c ON c.id = o.customer WHERE o.number = ?",
            (number,),
        ).fetchone()
        if row is None:
            first, last = database.execute("SELECT min(number), max(number) FROM orders").fetchone()
            raise ValueError(f"there is no order {number}; the numbers run from {first} to {last}.")
        items = database.execute(
            "SELECT p.name, i.quantity, i.price FROM items i JOIN products p ON p.id = i.product "
            "WHERE i.order_number = ? ORDER BY p.id",
            (number,),
        ).fetchall()
    return _order(row, items)


def _order(row: sqlite3.Row, items: list[sqlite3.Row]) -> dict[str, object]:
    ended = row["delivered"] or row["as_of"]
    days_late = (date.fromisoformat(ended) - date.fromisoformat(row["promised"])).days
    late = row["status"] != "cancelled" and days_late > 0
    return {
        "number": row["number"],
        "status": row["status"],
        "late": late,
        **({"days_late": days_late} if late else {}),
        "ordered": row["ordered"],
        "promised": row["promised"],
        "delivered": row["delivered"],
        "carrier": row["carrier"],
        "customer": f"{row['name']}, {row['city']}, {row['country']}",
        "items": [
            {"product": item["name"], "quantity": item["quantity"], "price": item["price"]} for item in items
        ],
        "total": round(sum(item["quantity"] * item["price"] for item in items), 2),
        "currency": row["currency"],
        "as_of": row["as_of"],
    }


def query_orders(
    sql: Annotated[
        str,
        Field(
            description="One SELECT of SQLite. Tables: customers(id, name, city, country); "
            "products(id, name, category, price); "
            "orders(number, customer, ordered, promised, delivered, status, carrier), status is "
            "'delivered', 'in transit' or 'cancelled', dates are texts like '2026-02-13', delivered may be NULL; "
            "items(order_number, product, quantity, price); about(as_of, currency). Joins: orders.customer = "
            "customers.id, items.order_number = orders.number, items.product = products.id.",
            max_length=4_000,
        ),
    ],
) -> dict[str, object]:
    """Ask the sample shop's database in SQL: counts, sums, rankings, anything over many orders. Read-only; prices
    are US dollars. Today is about.as_of. Example: SELECT status, count(*) FROM orders GROUP BY status. At most 50
    rows.
    """
    with _database() as database:
        _fence(database)
        try:
            cursor = database.execute(sql)
            rows = cursor.fetchmany(ROWS + 1)
        except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as fault:
            raise ValueError(_words(fault)) from None
        return {
            "columns": [column[0][:CELL] for column in cursor.description or ()],
            "rows": [[_cell(value) for value in row] for row in rows[:ROWS]],
            **({"note": f"only the first {ROWS} rows are shown"} if len(rows) > ROWS else {}),
        }


@contextlib.contextmanager
def _database() -> Iterator[sqlite3.Connection]:
    """The file, opened read-only; `immutable` because it is never written, so no lock file is needed."""
    with contextlib.closing(sqlite3.connect(f"{_FILE.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        database.row_factory = sqlite3.Row
        yield database


def _fence(database: sqlite3.Connection) -> None:
    """Limit the connection to reading these tables, with these functions, for this many steps."""
    for limit, most in _LIMITS.items():
        database.setlimit(limit, most)
    ticks = iter(range(STEPS // _TICK))
    database.set_progress_handler(lambda: next(ticks, None) is None, _TICK)
    database.set_authorizer(_authorize)


def _authorize(
    action: int, first: str | None, second: str | None, _schema: str | None, _trigger: str | None
) -> int:
    match action:
        case sqlite3.SQLITE_SELECT | sqlite3.SQLITE_RECURSIVE:
            return sqlite3.SQLITE_OK
        case sqlite3.SQLITE_READ if first in TABLES or not first:
            return sqlite3.SQLITE_OK
        case sqlite3.SQLITE_FUNCTION if (second or "").lower() in _FUNCTIONS:
            return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _words(fault: Exception) -> str:
    message = str(fault)[:300]
    if "interrupted" in message:
        return "the query took too long and was ended; join on the keys, or ask for less."
    if "not authorized" in message or "prohibited" in message or "readonly" in message:
        return f"only SELECT on {', '.join(TABLES)} with the usual functions is allowed here ({message})."
    return f"SQLite says: {message}. Tables: {', '.join(TABLES)}."


def _cell(value: object) -> object:
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    return f"{value[:CELL]}..." if isinstance(value, str) and len(value) > CELL else value
