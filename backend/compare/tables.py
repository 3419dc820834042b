"""The results of an experiment or a suite as CSV, one line for each answer: for a spreadsheet, R or pandas.

    temperature,run,state,answer,...
    0.7,1,done,It is blue.,...

A text that a spreadsheet would evaluate as a formula has a quote before it. Unknown values are empty cells.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence

from backend.answer.usage import reported
from backend.compare import grid as grids
from backend.compare.cell_statistics import message
from backend.compare.suite.results import Cell, Results, counterpart
from backend.jobs.job import Job, JobStep
from backend.protocol import wire
from backend.text import clean, harmless_cell
from backend.types import JSON
from backend.untrusted import integer, string

_ANSWERED = ("state", "answer", "reasoning", "finish_reason", "model", "tokens_in", "tokens_out")
_MEASURED = ("first_token_seconds", "seconds", "usd")
_CHECKED = ("number", "row", "lane", "state", "answer", "failed_checks", "failure", "seconds", "usd", "before")


def of_experiment(job: Job, steps: Sequence[JobStep]) -> str:
    """One line for each request: the values of its cell, the number of the run, the answer and its figures."""
    layout = grids.read(job.plan)
    cells, names = list(layout.cells()), [axis.name for axis in layout.axes]
    return _csv_text((*names, "run", *_ANSWERED, *_MEASURED), (_run(step, cells) for step in steps))


def of_suite(results: Results, before: Results | None = None) -> str:
    """One line for each row and lane, with the failed checks and their reasons as JSON, and the state in another
    run.
    """
    lines: list[dict[str, object]] = []
    for number, (key, name) in enumerate(results.rows, 1):
        for place, lane in enumerate(results.lanes):
            cell = results.cell(key, place)
            other = counterpart(before, cell, results) if before else None
            lines.append({"number": number, **_cell(name, lane, cell), "before": other.state if other else None})
    return _csv_text(_CHECKED, lines)


def _run(step: JobStep, cells: Sequence[Mapping[str, JSON]]) -> dict[str, object]:
    place, run = integer(step.task.get("cell")) or 0, integer(step.task.get("run")) or 0
    of_cell = cells[place] if 0 <= place < len(cells) else {}
    line: dict[str, object] = {name: _value(value) for name, value in of_cell.items()}
    line |= {"run": run + 1, "state": step.state, "usd": step.usd}
    if (said := message(step)) is not None:
        reasoning, answer = wire.thinking(said)
        counts = reported(said.usage)
        line |= {"answer": answer or said.refusal, "reasoning": reasoning, "finish_reason": said.finish_reason}
        line |= {"model": said.model, "tokens_in": counts.into, "tokens_out": counts.out}
        line |= {"first_token_seconds": said.timing.first_token, "seconds": said.timing.total}
    return line


def _value(value: JSON) -> object:
    return json.dumps(value) if isinstance(value, list | dict) else value


def _cell(row: str, lane: str, cell: Cell) -> dict[str, object]:
    failed = [{"check": verdict.check, "why": verdict.why} for verdict in cell.verdicts if not verdict.passed]
    return {
        "row": row,
        "lane": lane,
        "state": cell.state,
        "answer": cell.answer,
        "failed_checks": json.dumps(failed, ensure_ascii=False) if failed else None,
        "failure": cell.failure,
        "seconds": cell.seconds,
        "usd": cell.cost,
    }


def _csv_text(columns: Sequence[str], lines: Iterable[Mapping[str, object]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(map(_csv_cell, columns))
    for line in lines:
        writer.writerow([_csv_cell(line.get(name)) for name in columns])
    return text.getvalue()


def _csv_cell(value: object) -> object:
    return harmless_cell(clean(string(value))) if isinstance(value, str) else value
