"""The tools with data: orders, dice, texts, models, dates, the clock."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from basics import ROOT
from hypothesis import given
from hypothesis import strategies as st
from running_tools import refusal, use

from backend.catalog import bundled
from backend.tools.builtin import FUNCTIONS, current_time
from backend.tools.builtin.orders import ROWS
from backend.tools.calls import Function, outcome
from backend.types import ToolCall


def call(function: Function | str, arguments: object = "") -> str:
    """What the model reads after calling a tool with these arguments."""
    name = function if isinstance(function, str) else function.__name__
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return outcome(ToolCall("call_1", name, text), FUNCTIONS).content


# ---- the orders -----------------------------------------------------------------------------------------


def test_order_1042_is_there_and_late() -> None:
    order = use("find_order", number=1042)
    assert (order["status"], order["late"], order["days_late"]) == ("in transit", True, 4)
    assert (order["promised"], order["as_of"], order["delivered"]) == ("2026-02-09", "2026-02-13", None)
    assert (order["total"], order["currency"]) == (567.0, "USD")
    assert [item["quantity"] for item in order["items"]] == [1, 2]


def test_an_order_that_is_not_there_is_said_and_which_are() -> None:
    assert refusal("find_order", number=7) == "Error: there is no order 7; the numbers run from 901 to 1060."


def test_every_order_can_be_found_and_agrees_with_the_table() -> None:
    total = sum(use("find_order", number=number)["total"] for number in range(901, 1061))
    found = use("query_orders", sql="SELECT sum(quantity * price) FROM items")["rows"][0][0]
    assert total == pytest.approx(found)


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT count(*) FROM orders", [[160]]),
        ("SELECT as_of, currency FROM about;", [["2026-02-13", "USD"]]),
        ("SELECT number FROM orders WHERE number = 1042 AND promised < (SELECT as_of FROM about)", [[1042]]),
        (
            "WITH late AS (SELECT number FROM orders WHERE delivered > promised) SELECT count(*) > 5 FROM late",
            [[1]],
        ),
        (
            "SELECT c.name FROM customers c JOIN orders o ON o.customer = c.id WHERE o.number = 1042",
            [["Jonas Weber"]],
        ),
        ("SELECT upper(name) FROM products WHERE name LIKE 'vas%'", [["VASE"]]),
        ("SELECT strftime('%Y', '2026-02-13'), NULL, x'00'", [["2026", None, "(1 bytes)"]]),
        ("VALUES (1), (2)", [[1], [2]]),
        (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n",
            [[1], [2], [3]],
        ),
        ("SELECT number, rank() OVER (ORDER BY number) FROM orders LIMIT 1", [[901, 1]]),
    ],
)
def test_questions_in_sql_are_answered(sql: str, rows: list[Any]) -> None:
    assert use("query_orders", sql=sql)["rows"] == rows


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM orders",
        "UPDATE orders SET status = 'paid'",
        "INSERT INTO about VALUES ('2030-01-01', 'EUR')",
        "DROP TABLE items",
        "CREATE TABLE t (a)",
        "CREATE TEMP TABLE t (a)",
        "CREATE TEMP TABLE t AS SELECT * FROM orders",
        "ATTACH DATABASE '/tmp/other.db' AS other",
        "ATTACH ':memory:' AS other",
        "DETACH main",
        "PRAGMA database_list",
        "PRAGMA writable_schema = 1",
        "SELECT * FROM pragma_database_list",
        "SELECT * FROM sqlite_master",
        "SELECT sql FROM sqlite_schema",
        "SELECT load_extension('/tmp/evil.so')",
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('/tmp/x', 'y')",
        "SELECT fts3_tokenizer('simple')",
        "SELECT zeroblob(1000000000)",
        "SELECT randomblob(1000000000)",
        "SELECT printf('%1000000000d', 1)",
        "VACUUM INTO '/tmp/copy.db'",
        "BEGIN",
        "COMMIT",
        "SAVEPOINT s",
        "REINDEX",
        "ANALYZE",
        "SELECT 1; DROP TABLE orders",
        "SELECT * FROM nothing",
        "SELECT nothing FROM orders",
        "SELEC 1",
        "SELECT ?",
        "SELECT :name",
        "SELECT 'a",
        "SELECT " + "(" * 500 + "1" + ")" * 500,
        "SELECT replace('" + "a" * 1000 + "', 'a', '" + "b" * 1000 + "')",
        " UNION ".join(["SELECT 1"] * 50),
    ],
)
def test_sql_that_is_more_than_a_question_is_refused_in_words(sql: str) -> None:
    before = (ROOT / "backend/data/orders.sqlite").read_bytes()
    words = refusal("query_orders", sql=sql)
    assert words.startswith("Error: ")
    assert not any(name in words for name in ("OperationalError", "DatabaseError", "ProgrammingError"))
    assert (ROOT / "backend/data/orders.sqlite").read_bytes() == before


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM items a, items b, items c, items d",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n ORDER BY i DESC",
        "SELECT a.number FROM orders a, orders b, orders c, orders d ORDER BY a.number || b.number || c.number",
    ],
)
def test_a_query_without_end_is_ended(sql: str) -> None:
    assert refusal("query_orders", sql=sql).startswith("Error: the query took too long and was ended")


def test_a_pattern_made_to_be_slow_is_refused() -> None:
    assert refusal("query_orders", sql="SELECT 'a' LIKE '" + "%a" * 100 + "'").startswith(
        "Error: SQLite says: LIKE"
    )


def test_only_so_many_rows_and_characters_come_back() -> None:
    found = use("query_orders", sql="SELECT number FROM orders")
    assert len(found["rows"]) == ROWS
    assert found["note"] == f"only the first {ROWS} rows are shown"
    wide = use("query_orders", sql="SELECT group_concat(name) FROM customers, orders")
    assert len(wide["rows"][0][0]) < 300


def test_the_sample_orders_are_what_the_script_makes(tmp_path: Path) -> None:
    script = ROOT / "scripts" / "sample_orders.py"
    subprocess.run([sys.executable, str(script), str(tmp_path / "made.sqlite")], check=True)

    def dump(file: Path) -> list[str]:
        with sqlite3.connect(file) as database:
            return list(database.iterdump())

    assert dump(tmp_path / "made.sqlite") == dump(ROOT / "backend/data/orders.sqlite")


# ---- dice, texts, models --------------------------------------------------------------------------------


@given(st.integers(1, 100), st.integers(2, 10_000), st.integers(-10, 10), st.none() | st.integers(0, 2**31))
def test_dice_stay_within_their_sides_and_repeat_with_their_seed(
    dice: int, sides: int, add: int, seed: int | None
) -> None:
    first = use("roll_dice", dice=dice, sides=sides, add=add, seed=seed)
    assert len(first["rolls"]) == dice
    assert all(1 <= roll <= sides for roll in first["rolls"])
    assert first["total"] == sum(first["rolls"]) + add
    assert use("roll_dice", dice=dice, sides=sides, add=add, seed=first["seed"]) == first


def test_dice_without_a_seed_differ() -> None:
    assert use("roll_dice", dice=100, sides=10_000) != use("roll_dice", dice=100, sides=10_000)


@pytest.mark.parametrize("arguments", [{"dice": 0}, {"dice": 101}, {"sides": 1}, {"dice": "two"}, {"seed": -1}])
def test_impossible_dice_are_refused(arguments: dict[str, object]) -> None:
    assert next(iter(arguments)) in refusal("roll_dice", **arguments)


def test_a_text_is_counted() -> None:
    found = use("text_statistics", text="One fish. Two fish!\n\nRed fish, blue-green fish?", count="FISH")
    assert (found["words"], found["sentences"], found["lines"]) == (8, 3, 3)
    assert found["count of 'FISH'"] == 4
    assert found["frequent_words"]["fish"] == 4
    assert found["longest_word"] == "blue-green"
    assert use("text_statistics", text="strawberry", count="r")["count of 'r'"] == 3


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "日本語。", "." * 20_000, "a" * 20_000, "a." * 10_000, " ." * 10_000]
)
def test_odd_texts_are_counted_too(text: str) -> None:
    assert use("text_statistics", text=text)["characters"] == len(text)


def test_a_model_is_found_by_words_of_its_name() -> None:
    found = use("find_model", words="GEMINI flash", limit=3)
    assert 1 <= len(found["models"]) <= 3
    assert all("gemini" in model["id"].lower() for model in found["models"])
    assert use("find_model", words="no such model at all") == {"found": 0, "models": []}


def test_models_are_found_by_what_they_can_read_and_longest_first() -> None:
    found = use("find_model", min_context=1_000_000, limit=20)
    lengths = [model["context_length"] for model in found["models"]]
    assert lengths == sorted(lengths, reverse=True)
    assert min(lengths) >= 1_000_000
    living = [model for model in bundled() if not model.retired and (model.context_length or 0) >= 1_000_000]
    assert found["found"] == len(living)


# ---- dates ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "time", "weekday"),
    [
        ({"moment": "2026-01-31", "add_months": 1}, "2026-02-28 00:00", "Saturday"),
        ({"moment": "2024-02-29", "add_months": 12}, "2025-02-28 00:00", "Friday"),
        ({"moment": "2026-02-13", "add_days": 90}, "2026-05-14 00:00", "Thursday"),
        ({"moment": "2026-02-13T14:30", "add_hours": 10.5}, "2026-02-14 01:00", "Saturday"),
        ({"moment": "2026-03-28T12:00", "time_zone": "Paris", "add_days": 1}, "2026-03-29 12:00", "Sunday"),
        ({"moment": "2026-03-28T12:00", "time_zone": "Paris", "add_hours": 24}, "2026-03-29 13:00", "Sunday"),
        ({"moment": "2026-02-13T14:30Z", "time_zone": "Tokyo"}, "2026-02-13 23:30", "Friday"),
    ],
)
def test_dates_are_reckoned(arguments: dict[str, object], time: str, weekday: str) -> None:
    found = use("date_and_time", **arguments)
    assert (found["time"], found["weekday"]) == (time, weekday)


def test_a_time_is_told_in_another_zone() -> None:
    found = use("date_and_time", moment="2026-07-01T09:00", time_zone="New York", show_in="Europe/Berlin")
    assert (found["elsewhere"]["time"], found["elsewhere"]["time_zone"]) == ("2026-07-01 15:00", "Europe/Berlin")


@pytest.mark.parametrize(
    ("start", "end", "days", "working"),
    [
        ("2026-02-13", "2026-02-13", 0, 0),
        ("2026-02-13", "2026-02-16", 3, 1),
        ("2026-02-13", "2026-12-24", 314, 224),
        ("2026-02-16", "2026-02-13", -3, -1),
    ],
)
def test_the_days_between_two_dates_are_counted(start: str, end: str, days: int, working: int) -> None:
    assert use("date_and_time", moment=start, until=end)["until"] == {"days": days, "working_days": working}


def test_weeks_and_days_of_the_year_are_told() -> None:
    found = use("date_and_time", moment="2027-01-01")
    assert (found["iso_week"], found["day_of_year"]) == ("2026-W53", 1)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"moment": "13.2.2026"}, "is no date; write it like 2026-02-13"),
        ({"moment": "2026-02-30"}, "is no date"),
        ({"moment": "tomorrow"}, "is no date"),
        ({"moment": "9999-12-31", "add_days": 1}, "outside the years 1 to 9999"),
        ({"moment": "0001-01-01", "add_days": -1}, "outside the years"),
        ({"moment": "0001-01-01", "add_months": -1}, "outside the years"),
        ({"moment": "2026-02-13", "time_zone": "Atlantis"}, "no time zone is called 'Atlantis'"),
        ({"moment": "2026-02-13", "until": "soon"}, "'soon' is no date"),
        ({"moment": "x" * 50}, "moment: "),
    ],
)
def test_dates_that_cannot_be_are_said(arguments: dict[str, object], word: str) -> None:
    assert word in refusal("date_and_time", **arguments)


# ---- the clock ------------------------------------------------------------------------------------------


def clock(**arguments: object) -> dict[str, str]:
    answer = json.loads(call(current_time, arguments))
    assert isinstance(answer, dict)
    return answer


@pytest.mark.parametrize(
    ("asked", "zone"),
    [
        ("Tokyo", "Asia/Tokyo"),
        ("tokyo", "Asia/Tokyo"),
        (" Tokyo ", "Asia/Tokyo"),
        ("Europe/Paris", "Europe/Paris"),
        ("europe/paris", "Europe/Paris"),
        ("New York", "America/New_York"),
        ("new_york", "America/New_York"),
        ("UTC", "UTC"),
        ("gmt", "UTC"),
        ("Z", "UTC"),
    ],
)
def test_a_zone_is_found_by_its_name_or_its_city(asked: str, zone: str) -> None:
    assert clock(city_or_zone=asked)["time_zone"] == zone


@pytest.mark.parametrize(
    "asked", ["Atlantis", "", " ", "/", "..", "../../etc/passwd", "/etc/passwd", "a\nb", "x" * 9999]
)
def test_a_place_without_a_zone_is_said(asked: str) -> None:
    found = call(current_time, {"city_or_zone": asked})
    assert found.startswith("Error: no time zone is called ")
    assert len(found) < 200


@pytest.mark.parametrize("hours", [0, 1, -1, 0.5, 24, 4380, -4380, 8760, -8760])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "America/New_York", "Australia/Sydney", "Asia/Kolkata"])
def test_the_clock_is_right_also_on_the_other_side_of_summer(zone: str, hours: float) -> None:
    before = datetime.now(UTC)
    told = clock(city_or_zone=zone, add_hours=hours)
    after = datetime.now(UTC)
    right = [(moment + timedelta(hours=hours)).astimezone(ZoneInfo(zone)) for moment in (before, after)]
    assert told["time"] in {moment.strftime("%Y-%m-%d %H:%M") for moment in right}
    assert told["weekday"] in {moment.strftime("%A") for moment in right}


@pytest.mark.parametrize("hours", [8761, -8761, 1e300, "many", None, [1]])
def test_hours_without_end_are_refused(hours: object) -> None:
    found = call(current_time, {"city_or_zone": "UTC", "add_hours": hours})
    assert found.startswith("Error: the arguments do not fit. add_hours: ")


@given(st.text(max_size=30), st.floats())
def test_the_clock_takes_anything(place: str, hours: float) -> None:
    found = call(current_time, {"city_or_zone": place, "add_hours": hours})
    assert found.startswith("Error: ") or set(json.loads(found)) == {"time_zone", "time", "weekday"}
