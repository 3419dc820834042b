"""Rows of a suite from a table: CSV with a header line, or JSONL with one object per line.

A column is a variable. A cell is always a text, never a formula or an address.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from backend.compare.suite import filling
from backend.compare.suite.suite import ROWS, VALUE, Row
from backend.text import clean
from backend.types import JSON
from backend.untrusted import Unreadable, decoded, fields, parsed

SIZE = 20_000_000  # bytes of a file
COLUMNS = 100
_NESTED = 20


def read(source: bytes, name: str = "") -> tuple[Row, ...]:
    """The rows of a file; its `name` tells the format. Raises Unreadable with a message for the visitor."""
    if len(source) > SIZE:
        raise Unreadable(f"The file is larger than {SIZE // 1_000_000} MB.")
    try:
        written = clean(decoded(source))
    except UnicodeDecodeError:
        raise Unreadable("The file is no text in UTF-8.") from None
    lines = name.lower().endswith((".jsonl", ".ndjson")) or written.lstrip().startswith("{")
    rows = tuple(of_jsonl(written) if lines else of_csv(written))
    if not rows:
        raise Unreadable("There are no rows in the file.")
    return rows


def of_csv(written: str) -> Iterator[Row]:
    """Rows of a CSV whose first line names the columns; separated by commas, semicolons or tabs."""
    first = written.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(written, newline=""), delimiter=separator, strict=True)
    csv.field_size_limit(max(csv.field_size_limit(), VALUE))
    try:
        names = _names([name.strip() for name in next(reader, [])])
        for number, values in enumerate((line for line in reader if any(line)), 1):
            _bounded(number)
            if len(values) != len(names):
                mismatch = f"{len(values)} values, but the first line has {len(names)} names"
                raise Unreadable(f"Row {number}: {mismatch}.")
            yield Row(dict(zip(names, values, strict=True)))
    except csv.Error:
        raise Unreadable(f"Line {reader.line_num}: this is not CSV. Look at the quotation marks there.") from None


def of_jsonl(written: str) -> Iterator[Row]:
    """Rows of lines like {"country": "France", "capital": "Paris"}. A value that is not a text is written as
    JSON.
    """
    for number, line in enumerate((line for line in written.split("\n") if line.strip()), 1):
        _bounded(number)
        try:
            value = parsed(line, nested=_NESTED)
        except Unreadable:
            raise Unreadable(f"Row {number}: this is not JSON.") from None
        if not isinstance(value, dict):
            raise Unreadable(f"Row {number}: this is no object with names and values.")
        yield Row(variables(value, f"Row {number}: "))


def variables(value: JSON, where: str = "") -> dict[str, str]:
    """The variables of an object. Raises Unreadable for names that no prompt can contain."""
    given = fields(value)
    _names(list(given), where)
    return {
        name: item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
        for name, item in given.items()
    }


def _names(names: list[str], where: str = "") -> list[str]:
    for name in names:
        if not filling.NAME.fullmatch(name):
            column = f'"{name[:60]}"' if name else "a column without a name"
            raise Unreadable(f"{where}{column} is no name of a variable: letters A-Z, digits and _ only.")
    if len(set(names)) < len(names):
        raise Unreadable(f"{where}Two columns have the same name.")
    if len(names) > COLUMNS:
        raise Unreadable(f"{where}There are more than {COLUMNS} columns.")
    return names


def _bounded(number: int) -> None:
    if number > ROWS:
        raise Unreadable(f"There are more than {ROWS:,} rows in the file.")
