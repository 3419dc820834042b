"""The results of a run: a cell for each row and lane, as a value, as JSON, and compared with an earlier run.

Everything in a cell but its state is untrusted text. It contains no key: a request is its body.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from backend.types import JSON
from backend.untrusted import (
    Object,
    Unreadable,
    clean_json,
    fields,
    integer,
    line,
    number,
    objects,
    one_of,
    parsed,
    text,
)

FORMAT, VERSION = "llm-playground/suite-results", 1
FILE = 60_000_000  # characters of a file of results
CELLS = 12_000
CellState = Literal["waiting", "passed", "failed", "error"]
STATES: tuple[CellState, ...] = get_args(CellState)
Change = Literal["", "better", "worse", "new"]


@dataclass(frozen=True)
class CheckResult:
    """The result of one check. `cost` of grading in US dollars; None: none, or not known."""

    check: str
    passed: bool
    why: str = ""
    cost: float | None = None


@dataclass(frozen=True)
class Cell:
    """One row asked of one lane. `failure`: why there is no answer, or why it was not asked. `calls`: (tool,
    arguments). `cost` of the answer in US dollars, None if unknown; `seconds` it took. `asked` is a digest of the
    request and of its checks.
    """

    row: str
    lane: int
    state: CellState = "waiting"
    verdicts: tuple[CheckResult, ...] = ()
    answer: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    request: Mapping[str, JSON] = field(default_factory=dict)
    failure: str = ""
    cost: float | None = None
    seconds: float | None = None
    asked: str = ""


@dataclass(frozen=True)
class Results:
    """`rows`: (key, name) in order; `lanes`: their names. A cell that is absent is waiting."""

    name: str
    rows: tuple[tuple[str, str], ...]
    lanes: tuple[str, ...]
    cells: Mapping[tuple[str, int], Cell]

    def cell(self, row: str, lane: int) -> Cell:
        return self.cells.get((row, lane)) or Cell(row, lane)

    def count(self, state: CellState) -> int:
        return sum(self.cell(row, lane).state == state for row, _ in self.rows for lane in range(len(self.lanes)))

    @property
    def total(self) -> int:
        return len(self.rows) * len(self.lanes)

    @property
    def passed(self) -> bool:
        """Whether every cell passed."""
        return self.total > 0 and self.count("passed") == self.total

    @property
    def usd(self) -> float:
        """The known part of the cost, grading included."""
        paid = (cell.cost or 0.0 for cell in self.cells.values())
        return sum(paid) + sum(verdict.cost or 0.0 for cell in self.cells.values() for verdict in cell.verdicts)

    @property
    def unpriced(self) -> int:
        """The number of answers whose cost is unknown."""
        return sum(cell.cost is None and cell.state in ("passed", "failed") for cell in self.cells.values())


def counterpart(before: Results, cell: Cell, now: Results) -> Cell | None:
    """The cell of another run of which the row and the name of the lane are the same; None if it has no answer."""
    lane = now.lanes[cell.lane]
    found = before.cell(cell.row, before.lanes.index(lane)) if lane in before.lanes else None
    return None if found is None or found.state == "waiting" else found


def change(before: Results | None, cell: Cell, now: Results) -> Change:
    """How a cell differs from another run."""
    if before is None or cell.state == "waiting":
        return ""
    earlier = counterpart(before, cell, now)
    if earlier is None:
        return "new"
    was, is_ = earlier.state == "passed", cell.state == "passed"
    return "" if was == is_ else "better" if is_ else "worse"


def done_before(before: Results, now: Results) -> dict[tuple[str, int], Cell]:
    """The cells of an earlier run that passed, at their positions in a new run."""
    kept: dict[tuple[str, int], Cell] = {}
    for lane, name in enumerate(now.lanes):
        if name in before.lanes:
            for row, _ in now.rows:
                earlier = before.cell(row, before.lanes.index(name))
                if earlier.state == "passed":
                    kept[row, lane] = replace(earlier, lane=lane)
    return kept


# ---- as JSON ----------------------------------------------------------------------------------------------


def as_json(results: Results) -> dict[str, JSON]:
    """The results as JSON, for a file and for other programs."""
    cells = [results.cell(row, lane) for row, _ in results.rows for lane in range(len(results.lanes))]
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": results.name,
        "passed": results.passed,
        "counts": {state: results.count(state) for state in STATES},
        "usd": results.usd,
        "unpriced": results.unpriced,
        "rows": [{"key": key, "name": name} for key, name in results.rows],
        "lanes": list(results.lanes),
        "cells": [_cell(cell) for cell in cells],
    }


def _cell(cell: Cell) -> dict[str, JSON]:
    verdicts: list[JSON] = [kept_verdict(verdict) for verdict in cell.verdicts]
    return {
        "row": cell.row,
        "lane": cell.lane,
        "state": cell.state,
        "checks": verdicts,
        "answer": cell.answer,
        "calls": [{"tool": name, "arguments": given} for name, given in cell.calls],
        "request": clean_json(dict(cell.request)),
        "failure": cell.failure,
        "usd": cell.cost,
        "seconds": cell.seconds,
        "asked": cell.asked,
    }


def kept_verdict(verdict: CheckResult) -> dict[str, JSON]:
    """A verdict as JSON."""
    return {"check": verdict.check, "passed": verdict.passed, "why": verdict.why, "usd": verdict.cost}


def read_verdict(kept: Object) -> CheckResult:
    """The verdict that `kept_verdict` wrote, possibly from an untrusted file."""
    return CheckResult(
        text(kept.get("check"), 500),
        kept.get("passed") is True,
        text(kept.get("why"), 2_000),
        number(kept.get("usd")),
    )


def step_result(cell: Cell) -> dict[str, JSON]:
    """A cell as the result of a step, which already knows its row, lane and request."""
    document = {name: value for name, value in _cell(cell).items() if name not in ("row", "lane", "request")}
    return {"cell": {name: value for name, value in document.items() if value not in (None, "", [])}}


def read_cell(result: Mapping[str, JSON]) -> Cell:
    """The cell that `step_result` wrote."""
    return _read_cell(fields(result.get("cell")))


def read(source: str | bytes) -> Results:
    """The results that `as_json` wrote, from an untrusted file. Raises Unreadable with a message for the
    visitor.
    """
    return of_value(parsed(source, FILE, "The file is too large for results of a suite."))


def of_value(value: JSON) -> Results:
    """`read` for a parsed file."""
    item = fields(value)
    if item.get("format") != FORMAT or (integer(item.get("version")) or 0) > VERSION:
        raise Unreadable("The file does not hold results of a suite, or is from a newer playground.")
    rows = tuple((line(row.get("key"), 80), line(row.get("name"), 80)) for row in objects(item.get("rows"), 2_000))
    names = item.get("lanes")
    lanes = tuple(line(name, 200) for name in (names if isinstance(names, list) else [])[:6])
    cells = (_read_cell(cell) for cell in objects(item.get("cells"), CELLS))
    return Results(line(item.get("name"), 100), rows, lanes, {(cell.row, cell.lane): cell for cell in cells})


def _read_cell(cell: Object) -> Cell:
    verdicts: Sequence[Object] = objects(cell.get("checks"), 50)
    return Cell(
        line(cell.get("row"), 80),
        integer(cell.get("lane")) or 0,
        one_of(cell.get("state"), STATES) or "waiting",
        tuple(map(read_verdict, verdicts)),
        text(cell.get("answer")),
        tuple(
            (text(call.get("tool"), 200), text(call.get("arguments"))) for call in objects(cell.get("calls"), 100)
        ),
        fields(cell.get("request")),
        text(cell.get("failure"), 2_000),
        number(cell.get("usd")),
        number(cell.get("seconds")),
        line(cell.get("asked"), 80),
    )
