"""Experiments and suites as CSV: a line for each answer, and nothing in it that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import time

from backend.compare import grid as grids
from backend.compare import tables
from backend.compare.grid import Grid, axis
from backend.compare.suite.results import Cell, CheckResult, Results
from backend.formats import archive
from backend.jobs.job import Job, JobStep
from backend.types import Message, Timing, Usage

GRID = Grid((axis("temperature", "0, 0.7"), axis("top_p", "unset, 0.9")), runs=2)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def job_of(grid: Grid) -> Job:
    now = time.time()
    plan = {**grids.as_json(grid), "prompt": "?"}
    return Job("i", "grid", "T", "done", "", None, 0, "", 0.0, "", now, now, plan=plan)


def test_an_experiment_has_a_line_for_each_run_with_its_values_and_figures() -> None:
    said = Message("assistant", '=HYPERLINK("x")\nTwo, "so"', finish_reason="stop", model="m", usage=Usage(3, 5))
    said = archive.message({**archive.body(said), "timing": {"first_token": 0.5, "total": 2.0}})
    assert said.timing == Timing(0.5, 2.0)
    done = JobStep(0, {"cell": 2, "run": 1}, "done", usd=1e-7, result={"message": archive.body(said)})
    failed = JobStep(1, {"cell": 9, "run": 0}, "failed")
    first, second = read(tables.of_experiment(job_of(GRID), [done, failed]))
    assert (first["temperature"], first["run"], first["state"]) == ("0.7", "2", "done")
    assert first["answer"] == '\'=HYPERLINK("x")\nTwo, "so"'
    assert [first[name] for name in ("tokens_in", "tokens_out", "first_token_seconds", "seconds", "usd")] == [
        *("3", "5", "0.5", "2.0", "1e-07")
    ]
    assert (second["state"], second["answer"], second["temperature"]) == ("failed", "", "")


def test_a_suite_has_a_line_for_each_row_and_lane_with_the_checks_that_did_not_pass() -> None:
    missed = CheckResult("contains Paris", passed=False, why="It is not there.")
    cell = Cell("r1", 1, "failed", (missed, CheckResult("short", passed=True)), "Lyon", cost=0.1, seconds=2.0)
    results = Results("S", (("r1", "@France"),), ("A", "B"), {("r1", 1): cell})
    before = Results("S", results.rows, ("B",), {("r1", 0): Cell("r1", 0, "passed")})
    waits, failed = read(tables.of_suite(results, before))
    assert (waits["before"], failed["before"]) == ("", "passed"), "a lane is known by its name"
    assert (waits["row"], waits["lane"], waits["state"], waits["failed_checks"]) == ("'@France", "A", "waiting", "")
    assert failed["number"] == "1" and failed["answer"] == "Lyon" and failed["usd"] == "0.1"
    assert failed["failed_checks"] == '[{"check": "contains Paris", "why": "It is not there."}]'
