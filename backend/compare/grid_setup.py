"""The form of a grid before it is run: as a form shows it, as a link carries it, or restored from an earlier run.

    setup = SetUp("Name an animal.", (("temperature", "0, 0.7, 1.5"),), runs=3)
    read(setup.kept()) == setup
    setup.grid.check(400)

A link is untrusted: its sizes are limited here, and the values of a parameter are validated by `grid`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from backend.compare import grid as grids
from backend.compare.grid import BadGrid, Grid, axis
from backend.compare.kept_requests import length
from backend.jobs.job import Bounds, Job
from backend.parameters import PARAMETERS, parameter_named
from backend.text import clean
from backend.types import JSON, Tool
from backend.untrusted import fields, integer, items, number, objects, string

PROMPT = 50_000  # characters
LONGEST = 10_000_000  # tokens of an answer
CAP = 1_000_000.0  # US dollars
_OF_THE_FORM = {"max_tokens", "stream_options"}  # the length has a field of its own; every stream reports its usage
_ODD = "The link does not hold an experiment that can be asked."


@dataclass(frozen=True)
class SetUp:
    """`axes`: wire names of parameters and their values as typed, rows first. `longest`: tokens of an answer,
    `cap`: US dollars for all; None: no limit.
    """

    prompt: str
    axes: tuple[tuple[str, str], ...] = ()
    runs: int = 1
    longest: int | None = None
    cap: float | None = None

    @property
    def grid(self) -> Grid:
        """The grid. Raises BadGrid for invalid values."""
        return Grid(tuple(axis(name, typed) for name, typed in self.axes), self.runs)

    def as_json(self) -> dict[str, JSON]:
        """As JSON."""
        axes: list[JSON] = [{"name": name, "values": typed} for name, typed in self.axes]
        value: dict[str, JSON] = {"prompt": self.prompt, "axes": axes, "runs": self.runs}
        limits: dict[str, JSON] = {"longest": self.longest, "cap": self.cap}
        return {**value, **{name: limit for name, limit in limits.items() if limit is not None}}


def read(value: Mapping[str, JSON]) -> SetUp:
    """The form that `as_json` wrote, from an untrusted link. Raises BadGrid."""
    axes = [fields(entry) for entry in items(value.get("axes"))]
    runs, longest, cap = integer(value.get("runs")), integer(value.get("longest")), number(value.get("cap"))
    prompt = clean(string(value.get("prompt")))
    if len(axes) > 2 or runs is None or len(prompt) > PROMPT:
        raise BadGrid(_ODD)
    if not 1 <= runs <= Bounds().steps or not 1 <= (longest or 1) <= LONGEST or not 0 <= (cap or 0) <= CAP:
        raise BadGrid(_ODD)
    setup = SetUp(
        prompt, tuple((string(one.get("name")), string(one.get("values"))) for one in axes), runs, longest, cap
    )
    setup.grid.check(Bounds().steps)
    return setup


def of_job(job: Job) -> SetUp:
    """The form of a grid that was run. Raises BadGrid if it cannot be typed into a form."""
    asked = grids.read(job.plan)
    axes = tuple((one.name, _typed(one.name, one.values)) for one in asked.axes)
    longest = None if "max_tokens" in dict(axes) else length(fields(job.plan.get("request")))
    setup = SetUp(string(job.plan.get("prompt")), axes, asked.runs, longest, job.cap)
    if setup.grid != asked:
        raise BadGrid(_ODD)
    return read(setup.as_json())


def parameters_of(job: Job) -> dict[str, JSON]:
    """What all requests of a grid set besides the axes, by wire name, without the length of an answer."""
    varied = {one.name for one in grids.read(job.plan).axes} | _OF_THE_FORM
    body, found = fields(job.plan.get("request")), dict[str, JSON]()
    for parameter in PARAMETERS:
        try:
            value = parameter.found_in(body)
        except ValueError:
            continue
        if value is not None and parameter.name not in varied:
            found[parameter.name] = value
    return found


def tools_of(job: Job) -> tuple[Tool, ...]:
    """The tools in the requests of a grid, whichever of the three wire formats they use."""
    found = []
    for one in objects(fields(job.plan.get("request")).get("tools")):
        definition = fields(one.get("function")) or one
        schema = fields(definition.get("parameters")) or fields(definition.get("input_schema"))
        if name := string(definition.get("name")):
            found.append(Tool(name, string(definition.get("description")), schema))
    return tuple(found)


def _typed(name: str, values: tuple[JSON, ...]) -> str:
    """Values as they are typed for a parameter; see grid.axis."""
    try:
        separator = ", " if parameter_named(name).kind in grids.COMMAS else "\n"
    except KeyError:
        raise BadGrid(_ODD) from None
    return separator.join(_word(value) for value in values)


def _word(value: JSON) -> str:
    if isinstance(value, list) and len(value) == 1:  # several strings at once cannot be typed
        return str(value[0]).replace("\n", "\\n").replace("\t", "\\t")
    short = grids.value_label(value)
    exact = value is None or isinstance(value, bool | str) or (isinstance(value, float) and float(short) == value)
    return short if exact else json.dumps(value)
