"""The cells of an Excel file as CSV, sheet by sheet, with values as Excel shows them.

A formula is given as its last result, as Excel saved it; as the formula itself only if there is no result.
Nothing is calculated, and no macro runs. Runs only in the process of reading_process.py.
"""

from __future__ import annotations

import csv
import io
import re
import time
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import Any, NamedTuple

from openpyxl import load_workbook

from backend.attachments.attachment import Content, UnreadableDocument, count

COLUMNS = 16_384  # columns of a row in Excel
SHEETS = 200
_UNSOLVED = re.compile(rb"</f>\s*(<v\s*/>|<v></v>)?\s*</c>")
_AROUND = 70  # characters for the heading of each sheet: its name and what is left out
_LOOK = 2_000_000  # bytes of a sheet that are searched for missing results


class _Sheet(NamedTuple):
    """The `lines` of CSV that were read, each with its row number; `cut`: there is more."""

    name: str
    lines: list[tuple[int, str]]
    cut: bool


def read(archive: zipfile.ZipFile, characters: int, end: float) -> Content:
    """The sheets with their names. Each gets a share of the characters; what a small one leaves goes to the large
    ones.
    """
    books = [_book(archive, results=True)]
    books += [_book(archive, results=False)] if _is_unsolved(archive) else []
    names = [sheet.title for sheet in books[0].worksheets]
    if not names:
        raise UnreadableDocument("has no sheet with cells. Save it as an ordinary .xlsx, or as .csv.")
    sheets = [_sheet([book[name] for book in books], characters, end) for name in names[:SHEETS]]
    room = max(0, characters - sum(len(sheet.name) + _AROUND for sheet in sheets))
    rooms = shares([sum(len(line) + 1 for _, line in sheet.lines) for sheet in sheets], room)
    pairs = list(zip(sheets, rooms, strict=True))
    texts = [_text(sheet, room) for sheet, room in pairs if sheet.lines or sheet.cut]
    facts = ["an Excel file", count(len(names), "sheet")]
    facts += ["some of them hidden"] if any("(hidden)" in sheet.name for sheet in sheets) else []
    if len(names) > SHEETS or any("are left out.]" in text for text in texts):
        facts.append("not all rows: what is left out is said in the text")
    return Content("\n\n".join(texts), facts)


def shares(sizes: list[int], room: int) -> list[int]:
    """The share of `room` for each: the small ones get all they need, and the large ones share the rest equally."""
    given = [0] * len(sizes)
    waiting = sorted(range(len(sizes)), key=sizes.__getitem__)
    for position, place in enumerate(waiting):
        given[place] = min(sizes[place], room // (len(waiting) - position))
        room -= given[place]
    return given


def _book(archive: zipfile.ZipFile, *, results: bool) -> Any:
    source = archive.fp
    if source is None:
        raise ValueError("closed")
    return load_workbook(source, read_only=True, data_only=results, keep_links=False)


def _is_unsolved(archive: zipfile.ZipFile) -> bool:
    """Whether there are formulas without a result: other programs write such files, and Excel has not opened them
    yet.
    """
    parts = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
    return any(_UNSOLVED.search(archive.open(part).read(_LOOK)) for part in parts[:SHEETS])


def _sheet(sheets: list[Any], characters: int, end: float) -> _Sheet:
    """The non-empty rows of one sheet. `sheets`: with the results, and where needed with the formulas."""
    name = sheets[0].title + ("" if sheets[0].sheet_state == "visible" else " (hidden)")
    lines, length = [], 0
    for sheet in sheets:
        sheet.reset_dimensions()  # the declared size may be wrong
    for number, rows in enumerate(zip(*(sheet.iter_rows() for sheet in sheets), strict=False), start=1):
        line = _line(_values(rows)) if rows[0] else ""
        if line:
            lines.append((number, line))
            length += len(line) + 1
        if length > characters or time.monotonic() >= end:
            return _Sheet(name, lines, cut=True)
    return _Sheet(name, lines, cut=False)


def _values(rows: tuple[tuple[Any, ...], ...]) -> Iterator[str]:
    for cells in zip(*(row[:COLUMNS] for row in rows), strict=False):
        yield next((display_text(cell.value, cell.number_format) for cell in cells if cell.value is not None), "")


def _line(values: Iterable[str]) -> str:
    out = io.StringIO()
    kept = list(values)
    while kept and not kept[-1].strip():
        kept.pop()
    csv.writer(out, lineterminator="").writerow(kept)
    return out.getvalue()


def _text(sheet: _Sheet, room: int) -> str:
    """A sheet as it is sent, with a note about what is left out."""
    kept: list[str] = []
    for number, line in sheet.lines:
        room -= len(line) + 1
        if room < 0:
            return f"[Sheet {sheet.name}]\n" + "\n".join([*kept, f"[Row {number} and those below are left out.]"])
        kept.append(line)
    if sheet.cut:
        after = sheet.lines[-1][0] + 1 if sheet.lines else 1
        kept.append(f"[Row {after} and those below are left out.]")
    return f"[Sheet {sheet.name}]\n" + "\n".join(kept)


def display_text(value: object, form: str) -> str:
    """A value roughly as Excel shows it: percentages, dates, leading zeros. Currency and thousands stay plain
    numbers.
    """
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        bare = value.time() == clock() and not re.search("[hs]", form, re.I)
        return value.date().isoformat() if bare else value.isoformat(" ", "seconds")
    if isinstance(value, (date, clock)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, (int, float)):
        return _number(value, form)
    return str(getattr(value, "text", value))  # a formula over several cells is an object


def _number(value: float, form: str) -> str:
    if percent := re.fullmatch(r"[#,]*0(?:\.(0+))?%", form):
        return f"{value * 100:.{len(percent[1] or '')}f}%"
    if re.fullmatch("0{2,20}", form) and float(value).is_integer() and value >= 0:
        return f"{int(value):0{len(form)}}"
    if isinstance(value, int) and abs(value) < 10**15:
        return str(value)
    return f"{value:.15g}"  # as many digits as Excel uses: 0.1 + 0.2 is 0.3
