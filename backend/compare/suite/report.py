"""The results of a run as a table for a terminal.

Names and answers are untrusted: one line each, without control characters.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend.answer import cost
from backend.compare.suite.results import Cell, Results, change
from backend.untrusted import line

_WORDS = {"passed": "pass", "failed": "FAIL", "error": "ERROR", "waiting": "-"}
_CHANGES = {"better": " (was failing)", "worse": " (was passing)", "new": "", "": ""}
_NAME, _LANE, _WHY = 40, 30, 200  # characters
_FAILURES = 100  # failures that are explained in full


def table(results: Results, before: Results | None = None) -> str:
    """A line per row, a column per lane, then the failures with reasons, then the summary."""
    lanes = [line(name, _LANE) for name in results.lanes]
    shown = [["", *lanes]]
    for key, name in results.rows:
        cells = [results.cell(key, lane) for lane in range(len(lanes))]
        shown.append(
            [line(name, _NAME), *(_WORDS[cell.state] + _CHANGES[change(before, cell, results)] for cell in cells)]
        )
    widths = [max(len(row[column]) for row in shown) for column in range(len(lanes) + 1)]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in shown
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    failures = list(_failures(results))
    if failures:
        lines += ["", *failures[:_FAILURES]]
    if len(failures) > _FAILURES:
        lines.append(f"... and {len(failures) - _FAILURES} more lines; --json has them all.")
    return "\n".join([*lines, "", summary(results)])


def summary(results: Results) -> str:
    """`9 of 10 passed, 1 failed. $0.0012.`"""
    parts = [f"{results.count('passed'):,} of {results.total:,} passed"]
    for state, words in (("failed", "failed"), ("error", "without an answer"), ("waiting", "not asked")):
        if count := results.count(state):  # type: ignore[arg-type]
            parts.append(f"{count:,} {words}")
    money = f"{cost.dollars(results.usd)}" if results.usd else ""
    if results.unpriced:
        money += f"{', ' if money else ''}the cost of {results.unpriced:,} answers is not known"
    return f"{', '.join(parts)}." + (f" {money[0].upper()}{money[1:]}." if money else "")


def _failures(results: Results) -> Iterator[str]:
    for key, name in results.rows:
        for lane, lane_name in enumerate(results.lanes):
            cell = results.cell(key, lane)
            if cell.state in ("failed", "error"):
                yield f"{line(name, _NAME)} · {line(lane_name, _LANE)}"
                yield from (f"    {why}" for why in _reasons(cell))


def _reasons(cell: Cell) -> Iterator[str]:
    if cell.failure:
        yield line(cell.failure, _WHY)
    for verdict in cell.verdicts:
        if not verdict.passed:
            yield f"{line(verdict.check, _WHY)}: {line(verdict.why, _WHY)}"
    if cell.state == "failed":
        yield f"answer: {line(cell.answer, _WHY)}"
