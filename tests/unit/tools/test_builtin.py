"""The tools on offer: right where they can be compared, bounded and clear where somebody tries to hurt them."""

from __future__ import annotations

import json
import math
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from basics import ROOT, ask
from hypothesis import given
from hypothesis import strategies as st
from schema_values import value_of

from backend.catalog import bundled
from backend.protocol.wire import payload
from backend.schema import lint
from backend.tools.builtin import EXAMPLES, FUNCTIONS, current_time
from backend.tools.builtin.currency import Currency, rates
from backend.tools.builtin.orders import ROWS
from backend.tools.builtin.units import KINDS, Unit
from backend.tools.calls import Function, describe, outcome, problems
from backend.types import ToolCall


def call(function: Function | str, arguments: object = "") -> str:
    """What the model reads after calling a tool with these arguments."""
    name = function if isinstance(function, str) else function.__name__
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return outcome(ToolCall("call_1", name, text), FUNCTIONS).content


def use(name: str, **arguments: object) -> Any:
    """The result of a tool that is expected to work."""
    found = outcome(ToolCall("call_1", name, json.dumps(arguments)), FUNCTIONS)
    assert found.ok, found.content
    return json.loads(found.content)


def refused(name: str, **arguments: object) -> str:
    """The words of a tool that is expected to refuse."""
    found = outcome(ToolCall("call_1", name, json.dumps(arguments)), FUNCTIONS)
    assert not found.ok, found.content
    assert "Traceback" not in found.content
    assert "pydantic" not in found.content
    assert len(found.content) < 1_500
    return found.content


def calculated(expression: str) -> Any:
    return use("calculator", expression=expression)["result"]


# ---- all of them ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_tool_is_a_sound_definition(function: Function) -> None:
    tool = describe(function)
    assert lint({"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}) == []
    assert len(tool.description) < 500


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_tool_comes_with_a_question_and_arguments_that_work(name: str) -> None:
    question, arguments = EXAMPLES[name]
    assert question.endswith((".", "?"))
    made = ToolCall("c", name, json.dumps(arguments))
    assert problems(made, describe(FUNCTIONS[name])) == []
    found = outcome(made, FUNCTIONS)
    assert found.ok
    assert found.cut is None


@pytest.mark.parametrize("name", FUNCTIONS)
@given(st.data())
def test_no_tool_can_be_made_to_raise(name: str, data: st.DataObject) -> None:
    schema = describe(FUNCTIONS[name]).parameters
    arguments = {
        argument: data.draw(value_of(inner))
        for argument, inner in schema["properties"].items()  # type: ignore[union-attr]
    }
    found = outcome(ToolCall("c", name, json.dumps(arguments)), FUNCTIONS)
    assert "Error: " not in found.content or not found.ok
    assert not any(word in found.content for word in ("TypeError", "KeyError", "OverflowError", "RecursionError"))


def test_the_tools_go_over_the_wire_together() -> None:
    sent = json.dumps(payload(ask(tools=tuple(map(describe, FUNCTIONS.values())))))
    assert len(sent) < 16_000  # a model reads this before every question


# ---- the calculator -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("2 + 3 * 4", 14),
        ("(1249 - 0.2 * 1249) / 1.19", 839.663865546218),
        ("0.1 + 0.2", 0.3),
        ("2^10", 1024),
        ("2**0.5", math.sqrt(2)),
        ("-7 // 2", -4),
        ("7 % 3", 1),
        ("6 × 7 − 2", 40),
        ("10 ÷ 4", 2.5),
        ("round(10 / 3, 2)", 3.33),
        ("factorial(20)", math.factorial(20)),
        ("comb(49, 6)", 13983816),
        ("hypot(3, 4)", 5),
        ("sin(pi / 2)", 1),
        ("log(8, 2)", 3),
        ("ln(e)", 1),
        ("max(1, 2, 3) + min(4, 5)", 7),
        ("1e3", 1000),
        ("2 ** 100", 2**100),
        ("+-+5", -5),
        ("10**-3", 0.001),
    ],
)
def test_it_calculates(expression: str, result: float) -> None:
    assert calculated(expression) == pytest.approx(result, rel=1e-13)


@given(
    st.recursive(
        st.integers(0, 99).map(str),
        lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        max_leaves=12,
    )
)
def test_it_calculates_as_python_does(expression: str) -> None:
    assert calculated(expression) == eval(expression)


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        ("9**9**9", "more than 1,000 digits"),
        ("9**9**9**9", "more than 1,000 digits"),
        ("(9**99)**99", "more than 1,000 digits"),
        ("9.0**9**9", "too large"),
        ("2**(10**300)", "more than 1,000 digits"),
        ("10**1001", "more than 1,000 digits"),
        ("*".join(["9**900"] * 20), "more than 1,000 digits"),
        ("factorial(100000)", "whole numbers from 0 to 400"),
        ("factorial(factorial(100))", "whole numbers from 0 to 400"),
        ("factorial(-1)", "whole numbers"),
        ("factorial(2.5)", "whole numbers"),
        ("comb(10**9, 5*10**8)", "whole numbers"),
        ("perm(10**9)", "whole numbers"),
        ("exp(10000)", "too large"),
        ("1e308 * 10", "too large"),
        ("1e999", "too large"),
        ("1 / 0", "divides by zero"),
        ("0 ** -1", "divides by zero"),
        ("1 % 0", "divides by zero"),
        ("(-8) ** (1/3)", "not a real number"),
        ("sqrt(-1)", "negative"),
        ("log(0)", "above 0"),
        ("2j", "only real numbers"),
        ("round(1, 10**9)", "at most 15"),
        ("sqrt()", "wrong number"),
        ("sqrt(1, 2)", "wrong number"),
        ("1 +", "no arithmetic expression"),
        ("", "no arithmetic expression"),
        ("20% of 50", "Write 20 % as 0.20"),
        ("1,000 * 2", "only numbers"),
        ("x + 1", "'x' is not known"),
        ("True + 1", "only real numbers"),
        ("'a' * 10**9", "only numbers"),
        ("[1] * 10**9", "only numbers"),
        ("__import__('os').system('id')", "only numbers"),
        ("().__class__.__bases__", "only numbers"),
        ("(lambda: 1)()", "only numbers"),
        ("eval('1')", "'eval' is not known"),
        ("open('/etc/passwd')", "'open' is not known"),
        ("max(*[1, 2])", "only numbers"),
        ("round(1, ndigits=2)", "'round' is not known"),
        ("[x for x in (1, 2)]", "only numbers"),
        ("1 if 1 else 2", "only numbers"),
        ("1 < 2", "only numbers"),
        ("1 << 10**9", "only numbers"),
        ("f'{1}'", "only numbers"),
        ("a := 1", "no arithmetic expression"),
        ("(" * 400 + "1" + ")" * 400, "no arithmetic expression"),
        ("-" * 900 + "1", "50 levels"),
        ("abs(" * 60 + "1" + ")" * 60, "50 levels"),
    ],
)
def test_what_it_cannot_calculate_is_said_at_once(expression: str, word: str) -> None:
    assert word in refused("calculator", expression=expression)


@pytest.mark.parametrize("expression", ["1+" * 5_000 + "1", "(" * 10_000, "9" * 10_000, "-" * 10_000])
def test_ten_kilobytes_are_refused_unread(expression: str) -> None:
    assert refused("calculator", expression=expression).startswith("Error: the arguments do not fit. expression: ")


@given(st.text(alphabet="0123456789+-*/%^().,e pisqrtlogfactorial", max_size=60))
def test_it_takes_any_text(expression: str) -> None:
    found = outcome(ToolCall("c", "calculator", json.dumps({"expression": expression})), FUNCTIONS)
    assert "Error: " not in found.content or not found.ok
    assert not any(word in found.content for word in ("TypeError", "OverflowError", "ZeroDivisionError"))


# ---- units ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "to", "result"),
    [
        (42.195, "km", "mi", 26.2187574565),
        (100, "C", "F", 212),
        (-40, "F", "C", -40),
        (0, "K", "C", -273.15),
        (1, "lb", "g", 453.59237),
        (1, "gal_us", "L", 3.785411784),
        (1, "GiB", "MB", 1073.741824),
        (1, "kWh", "kJ", 3600),
        (1, "atm", "psi", 14.6959487755),
        (100, "km/h", "mph", 62.1371192237),
        (180, "deg", "rad", math.pi),
        (1, "year", "day", 365.25),
        (8, "bit", "B", 1),
        (1, "acre", "m2", 4046.8564224),
        (3, "tsp_us", "tbsp_us", 1),
    ],
)
def test_it_converts(value: float, unit: str, to: str, result: float) -> None:
    assert use("convert_units", value=value, unit=unit, to=to) == {"value": pytest.approx(result), "unit": to}


def test_every_unit_that_is_told_is_in_exactly_one_table() -> None:
    assert sorted(get_args(Unit)) == sorted(unit for factors in KINDS.values() for unit in factors)


@given(st.sampled_from(sorted(KINDS)), st.floats(1, 1e6), st.data())
def test_there_and_back_is_where_it_began(kind: str, value: float, data: st.DataObject) -> None:
    unit, to = data.draw(st.sampled_from(sorted(KINDS[kind]))), data.draw(st.sampled_from(sorted(KINDS[kind])))
    there = use("convert_units", value=value, unit=unit, to=to)["value"]
    back = use("convert_units", value=there, unit=to, to=unit)
    assert back["value"] == pytest.approx(value, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("value", "unit", "to", "word"),
    [
        (1, "kg", "km", "kg is a unit of mass and km one of length; mass has kg, g"),
        (-300, "C", "F", "below absolute zero"),
        (1e308, "km", "mm", "too large"),
        (1, "parsec", "km", "unit: should be 'm', 'km'"),
        ("many", "m", "km", "value: should be a valid number"),
    ],
)
def test_what_cannot_be_converted_is_said(value: Any, unit: str, to: str, word: str) -> None:
    assert word in refused("convert_units", value=value, unit=unit, to=to)


# ---- money ----------------------------------------------------------------------------------------------


def test_money_is_converted_at_the_days_rate_and_the_day_is_said() -> None:
    found = use("convert_currency", amount=453.6, currency="USD", to="EUR")
    assert (found["amount"], found["currency"], found["date"]) == (382.40, "EUR", "2026-02-13")
    assert found["source"].startswith("European Central Bank")


def test_two_other_currencies_are_converted_by_way_of_the_euro() -> None:
    assert use("convert_currency", amount=100, currency="GBP", to="USD")["amount"] == round(
        100 / 0.8716 * 1.1862, 2
    )


def test_every_currency_that_is_told_has_a_rate() -> None:
    table = rates()["per_euro"]
    assert sorted(get_args(Currency)) == sorted(table)
    assert table["EUR"] == 1
    assert all(rate > 0 for rate in table.values())
    assert date.fromisoformat(rates()["date"])


def test_an_unknown_currency_is_said() -> None:
    assert "to: should be 'EUR', 'USD'" in refused("convert_currency", amount=1, currency="USD", to="Euro")


# ---- the orders -----------------------------------------------------------------------------------------


def test_order_1042_is_there_and_late() -> None:
    order = use("find_order", number=1042)
    assert (order["status"], order["late"], order["days_late"]) == ("in transit", True, 4)
    assert (order["promised"], order["as_of"], order["delivered"]) == ("2026-02-09", "2026-02-13", None)
    assert (order["total"], order["currency"]) == (567.0, "USD")
    assert [item["quantity"] for item in order["items"]] == [1, 2]


def test_an_order_that_is_not_there_is_said_and_which_are() -> None:
    assert refused("find_order", number=7) == "Error: there is no order 7; the numbers run from 901 to 1060."


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
    words = refused("query_orders", sql=sql)
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
    assert refused("query_orders", sql=sql).startswith("Error: the query took too long and was ended")


def test_a_pattern_made_to_be_slow_is_refused() -> None:
    assert refused("query_orders", sql="SELECT 'a' LIKE '" + "%a" * 100 + "'").startswith(
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
def test_dice_fall_within_their_sides_and_again_with_the_seed_they_tell(
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
    assert next(iter(arguments)) in refused("roll_dice", **arguments)


def test_a_text_is_counted() -> None:
    found = use("text_statistics", text="One fish. Two fish!\n\nRed fish, blue-green fish?", count="FISH")
    assert (found["words"], found["sentences"], found["lines"]) == (8, 3, 3)
    assert found["count of 'FISH'"] == 4
    assert found["frequent_words"]["fish"] == 4
    assert found["longest_word"] == "blue-green"


def test_the_r_in_strawberry_are_three() -> None:
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


def test_models_are_found_by_what_they_can_read_and_longest_first() -> None:
    found = use("find_model", min_context=1_000_000, limit=20)
    lengths = [model["context_length"] for model in found["models"]]
    assert lengths == sorted(lengths, reverse=True)
    assert min(lengths) >= 1_000_000
    living = [model for model in bundled() if not model.retired and (model.context_length or 0) >= 1_000_000]
    assert found["found"] == len(living)


def test_a_model_nobody_knows_is_not_found() -> None:
    assert use("find_model", words="no such model at all") == {"found": 0, "models": []}


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
    assert word in refused("date_and_time", **arguments)


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


@pytest.mark.parametrize("hours", ["NaN", "Infinity", "-Infinity"])
def test_hours_that_are_no_number_are_refused(hours: str) -> None:
    found = call(current_time, f'{{"city_or_zone": "UTC", "add_hours": {hours}}}')
    assert found.startswith("Error: ")


@given(st.text(max_size=30), st.floats())
def test_the_clock_takes_anything(place: str, hours: float) -> None:
    found = call(current_time, {"city_or_zone": place, "add_hours": hours})
    assert found.startswith("Error: ") or set(json.loads(found)) == {"time_zone", "time", "weekday"}
