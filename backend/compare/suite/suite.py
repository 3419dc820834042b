"""A suite as a value, and the plan of a run: every input filled in and each check validated before any request.

It does NOT read files (file.py, rows.py) and sends nothing (lane_work.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from backend.compare.lane_settings import Overrides
from backend.compare.race import MOST as LANES
from backend.compare.suite import checks, filling, grading
from backend.compare.suite.check import Check
from backend.compare.suite.grading import Grading
from backend.types import Tool
from backend.untrusted import Unreadable

ROWS = 2_000
CHECKS = 50  # checks of a row, those for all rows included
VALUE = 100_000  # characters of a variable
PROMPT = 100_000  # characters of a prompt
TOLD = 5  # problems that are listed at once


@dataclass(frozen=True)
class Row:
    """One input: the values of the variables, and checks for it alone."""

    variables: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    name: str = ""

    @property
    def key(self) -> str:
        """Identifies the row in this suite and in later versions of it."""
        return hashlib.sha256(json.dumps(dict(self.variables), sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Suite:
    """`prompt` is sent to each lane for each row; `checks` apply to every row. `lanes`: how each differs."""

    name: str = ""
    prompt: str = ""
    rows: tuple[Row, ...] = ()
    checks: tuple[Check, ...] = ()
    lanes: tuple[Overrides, ...] = ()
    tools: tuple[Tool, ...] = ()
    grading: Grading = field(default_factory=Grading)


@dataclass(frozen=True)
class Case:
    """A row with its question and checks filled in."""

    key: str
    name: str
    question: str
    values: Mapping[str, str]
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Plan:
    """Everything that a run needs to know about a suite."""

    name: str
    cases: tuple[Case, ...]
    tools: tuple[Tool, ...]
    grading: Grading

    @property
    def needs_grader(self) -> bool:
        """Whether a model has to grade."""
        return any(check.kind == "graded" for case in self.cases for check in case.checks)


class SuiteRefused(Unreadable):
    """A suite that cannot be run. `problems` are sentences for the visitor."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        more = len(self.problems) - TOLD
        shown = " ".join(self.problems[:TOLD])
        super().__init__(f"{shown} There are {more} more problems." if more > 0 else shown)


def plan(suite: Suite, system_prompts: Iterable[str] = (), most: int = ROWS) -> Plan:
    """Fill in every row, up to a limit. Raises SuiteRefused: then nothing may be run."""
    problems = list(_problems(suite, [filling.names(prompt) for prompt in system_prompts], most))
    if problems:
        raise SuiteRefused(problems)
    cases = tuple(_cases(suite))
    if found := list(_filled_problems(cases)):
        raise SuiteRefused(found)
    return Plan(suite.name, cases, suite.tools, suite.grading)


def _cases(suite: Suite) -> Iterator[Case]:
    seen: dict[str, int] = {}
    for place, row in enumerate(suite.rows, 1):
        seen[row.key] = seen.get(row.key, 0) + 1
        key = row.key if seen[row.key] == 1 else f"{row.key}-{seen[row.key]}"
        filled = tuple(check.with_values(row.variables) for check in (*suite.checks, *row.checks))
        name = row.name or next(iter(row.variables.values()), "") or str(place)
        yield Case(
            key, " ".join(name.split())[:80], filling.fill(suite.prompt, row.variables), row.variables, filled
        )


def _problems(suite: Suite, of_lanes: Sequence[Sequence[str]], most: int) -> Iterator[str]:
    if not suite.prompt.strip():
        yield "The suite has no prompt."
    if len(suite.prompt) > PROMPT:
        yield f"The prompt is longer than {PROMPT:,} characters."
    if not suite.rows:
        yield "The suite has no rows."
    if len(suite.rows) > most:
        yield f"The suite has {len(suite.rows):,} rows; {most:,} is the most."
        return
    if len(suite.lanes) > LANES:
        yield f"The suite has {len(suite.lanes)} lanes; {LANES} is the most."
    every = (*suite.checks, *(check for row in suite.rows for check in row.checks))
    if not every:
        yield "The suite has no checks."
    if any(check.kind == "graded" for check in every) and (problem := grading.wrong(suite.grading)):
        yield f"Grading: {problem}"
    prompts = [suite.prompt, *(lane.system_prompt or "" for lane in suite.lanes)]
    needed = list(dict.fromkeys(name for prompt in prompts for name in filling.names(prompt)))
    needed += [name for names in of_lanes for name in names if name not in needed]
    for place, row in enumerate(suite.rows, 1):
        yield from (f"Row {place}: {problem}" for problem in _row_problems(suite, row, needed))


def _row_problems(suite: Suite, row: Row, needed: Iterable[str]) -> Iterator[str]:
    both = (*suite.checks, *row.checks)
    wanted = dict.fromkeys((*needed, *(name for check in both for name in check.variables)))
    lacking = [name for name in wanted if name not in row.variables]
    if lacking:
        yield f"the variable {lacking[0][:60]} has no value."
    if len(both) > CHECKS:
        yield f"it has {len(both)} checks; {CHECKS} is the most."
    if any(len(value) > VALUE for value in row.variables.values()):
        yield f"a value is longer than {VALUE:,} characters."


def _filled_problems(cases: Iterable[Case]) -> Iterator[str]:
    """Problems of filled-in checks. Each check is tried once: two thousand rows share most of theirs."""
    tried: dict[str, str] = {}
    for place, case in enumerate(cases, 1):
        for check in case.checks:
            known = repr(check)
            if known not in tried:
                tried[known] = checks.wrong(check)
            if tried[known]:
                yield f"Row {place}: the check {check.kind}: {tried[known]}"
