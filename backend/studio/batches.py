"""A batch: many requests at once, from a table.

    rows = read(text)                                   # CSV, JSON Lines or a list in JSON
    wanted = requests(rows, "Translate: {{text}}", {"model": ..., "max_tokens": 64})

All problems of a table are reported together, with the number of each row. Nothing is requested here. The
results are read in backend/studio/batch_results.py.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence

from backend.text import clean
from backend.types import JSON
from backend.untrusted import Unreadable, fields, integer, line, objects, parsed, string

MOST = 10_000  # requests at once: the provider accepts 100,000, but this page displays them
LARGEST = 8_000_000  # characters of a table
MAX_TOKENS = 1_024  # the provider's default
TEMPLATE = "{{prompt}}"
_COLUMNS = 200
_TOLD, _NUMBERS = 8, 3  # problems that are listed, and row numbers in each
_PLACE = re.compile(r"\{\{\s*([^{}]{1,100}?)\s*\}\}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # the form of a custom id (Anthropic's reference, Message Batches)
_IDS = ("custom_id", "id")
_ROLES = ("user", "assistant")

Row = Mapping[str, JSON]


class BadRows(ValueError):
    """A table that cannot be sent. `str()` has a sentence for each problem, with the numbers of its rows.
    `problems`: the number of a row and its problem, 0 for the whole table.
    """

    def __init__(self, *problems: tuple[int, str]) -> None:
        rows: dict[str, list[int]] = {}
        for number, words in problems:
            rows.setdefault(words, []).append(number)
        sentences = [_of_rows(numbers, words) for words, numbers in list(rows.items())[:_TOLD]]
        more = [f"And {len(rows) - _TOLD:,} more."] if len(rows) > _TOLD else []
        super().__init__(" ".join([*sentences, *more]))


def _of_rows(numbers: Sequence[int], words: str) -> str:
    if not numbers[0]:
        return words
    listing = ", ".join(map(str, numbers[:_NUMBERS]))
    more = f" and {len(numbers) - _NUMBERS:,} more" if len(numbers) > _NUMBERS else ""
    return f"Row{'s' if len(numbers) > 1 else ''} {listing}{more}: {words}"


# ---- in -----------------------------------------------------------------------------------------------------


def read(given: str) -> list[Row]:
    """The rows of a table, each a value by its column. Raises BadRows."""
    if len(given) > LARGEST:
        raise BadRows((0, f"The table has more than {LARGEST:,} characters."))
    given = clean(given).strip("\ufeff \t\r\n")
    if not given:
        raise BadRows((0, "The table is empty."))
    rows = _json(given) if given[0] in "[{" else _csv(given)
    if not rows:
        raise BadRows((0, "The table has a head, and no row."))
    if len(rows) > MOST:
        raise BadRows((0, f"{len(rows):,} rows: {MOST:,} go at once."))
    return rows


def _json(given: str) -> list[Row]:
    """JSON Lines, or one list of objects."""
    if given[0] == "[":
        try:
            rows = parsed(given)
        except Unreadable as error:
            raise BadRows((0, f"The list is no valid JSON: {error}")) from None
        return _checked_rows([fields(row) or None for row in rows] if isinstance(rows, list) else [])
    return _checked_rows([_line(one) for one in _lines(given)])


def _lines(given: str) -> list[str]:
    """The lines of JSON Lines: a text in them may contain what Python also treats as a line end (U+2028)."""
    return [written for one in given.split("\n") if (written := one.strip("\ufeff \t\r"))]


def _line(written: str) -> Row | None:
    try:
        return fields(parsed(written)) or None
    except Unreadable:
        return None


def _checked_rows(rows: Sequence[Row | None]) -> list[Row]:
    wrong = [(number, "no JSON object.") for number, row in enumerate(rows, 1) if row is None]
    if wrong:
        raise BadRows(*wrong)
    return [row for row in rows if row is not None]


def _csv(given: str) -> list[Row]:
    """A table with a header. The separator is the most frequent one in it: comma, semicolon or tab."""
    head = given.partition("\n")[0]
    mark = max(",;\t", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(given), delimiter=mark, strict=True))
    except csv.Error as error:
        raise BadRows((0, f"The table cannot be read: {error}.")) from None
    names = [name.strip() for name in rows[0]][:_COLUMNS]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadRows(*((0, f"The head has the column “{line(name, 60)}” twice.") for name in twice))
    found, wrong = list[Row](), list[tuple[int, str]]()
    filled = (cells for cells in rows[1:] if any(cell.strip() for cell in cells))
    for number, cells in enumerate(filled, 1):
        if len(cells) > len(names):
            wrong.append((number, f"{len(cells)} cells, the head has {len(names)}."))
        found.append(dict(zip(names, cells, strict=False)))
    if wrong:
        raise BadRows(*wrong)
    return found


# ---- requests -----------------------------------------------------------------------------------------------


def requests(rows: Sequence[Row], template: str, parameters: Mapping[str, JSON]) -> list[JSON]:
    """The requests of a table. A row may already be one (`params`, or `body` as in OpenAI's batches); the
    columns of any other are put into the template. Raises BadRows.
    """
    made, wrong, ids = list[JSON](), list[tuple[int, str]](), dict[str, int]()
    for number, row in enumerate(rows, 1):
        id_ = _id(row, number)
        if not _ID.fullmatch(id_):
            wrong.append((number, f"the id “{line(id_, 70)}” is none: letters, digits, - and _, 64 at most."))
        elif id_ in ids:
            wrong.append((number, f"the id “{id_}” is that of row {ids[id_]} as well."))
        ids.setdefault(id_, number)
        try:
            made.append({"custom_id": id_, "params": _parameters(row, template, parameters)})
        except ValueError as error:
            wrong.append((number, str(error)))
    if wrong:
        raise BadRows(*wrong)
    return made


def _id(row: Row, number: int) -> str:
    found = next((row[name] for name in _IDS if row.get(name) not in (None, "")), f"row-{number}")
    return str(found) if isinstance(found, str | int) else ""


def _parameters(row: Row, template: str, parameters: Mapping[str, JSON]) -> dict[str, JSON]:
    """The parameters of a row. Raises ValueError with a sentence."""
    own = row.get("params", row.get("body"))
    if own is None:
        prompt = _fill(template or TEMPLATE, row)
        return {**parameters, "messages": [{"role": "user", "content": prompt}]}
    inside = dict(fields(own))
    messages = objects(inside.get("messages"))
    system_prompts = [string(one.get("content")) for one in messages if one.get("role") == "system"]
    rest: list[JSON] = [dict(one) for one in messages if one.get("role") != "system"]
    if not rest or any(fields(one).get("role") not in _ROLES or not fields(one).get("content") for one in rest):
        raise ValueError("its messages are missing, empty, or of nobody.")
    system: dict[str, JSON] = {"system": "\n\n".join(system_prompts)} if system_prompts else {}
    longest = inside.get("max_tokens", parameters.get("max_tokens"))
    if integer(longest) is None or (integer(longest) or 0) < 1:
        raise ValueError("its max_tokens is no whole number above 0.")
    return {**parameters, **system, **inside, "messages": rest}


def _fill(template: str, row: Row) -> str:
    """The template with the columns of a row filled in. Raises ValueError."""
    missing = [name for name in _PLACE.findall(template) if name not in row]
    if missing:
        names = ", ".join(f"“{line(name, 60)}”" for name in row) or "none"
        raise ValueError(f"there is no column “{line(missing[0], 60)}”, only {names}.")
    prompt = _PLACE.sub(lambda place: _cell(row[place[1]]), template).strip()
    if not prompt:
        raise ValueError("nothing is asked.")
    return prompt


def _cell(value: JSON) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
