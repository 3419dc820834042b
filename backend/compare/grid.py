"""A grid: the values of up to two parameters, each combination asked several times. Without a parameter it is one
cell: the same request, again and again.

    grid = Grid((axis("temperature", "0, 0.7, 1.5"), axis("top_p", "0.5, 1")), runs=3)
    for cell in grid.cells(): ...   # {"temperature": 0.0, "top_p": 0.5}, ...

What is typed is validated here, with a message for the visitor; whether a model accepts a value is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backend import parameters
from backend.parameters import Parameter
from backend.parameters.parameter import unescaped
from backend.types import JSON

NOT_SENT = "unset"  # typed for a value that is not sent
VALUES = 100  # of one parameter
_TYPED = 20_000  # characters
COMMAS = ("number", "integer", "choice", "flag", "date")  # values of other kinds may contain a comma: one per line
_RANGE = re.compile(r"\s*(-?[\d.]+)\s*\.\.\s*(-?[\d.]+)(?:\s+step\s+([\d.]+))?\s*", re.IGNORECASE)
_FLAGS = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


class BadGrid(ValueError):
    """A grid that cannot be asked. `str()` is a sentence for the visitor."""


@dataclass(frozen=True)
class Axis:
    """A parameter by its wire name, and its values in order; None: the parameter is not sent."""

    name: str
    values: tuple[JSON, ...]


@dataclass(frozen=True)
class Grid:
    """Up to two axes, the rows first. `runs` requests for each cell."""

    axes: tuple[Axis, ...] = ()
    runs: int = 1

    @property
    def size(self) -> int:
        """The number of requests."""
        count = self.runs
        for one in self.axes:
            count *= len(one.values)
        return count

    def cells(self) -> Iterator[dict[str, JSON]]:
        """The values of each cell, row by row. The index in this list identifies a cell."""
        down = self.axes[0] if self.axes else None
        across = self.axes[1] if len(self.axes) > 1 else None
        for first in down.values if down else (None,):
            for second in across.values if across else (None,):
                cell: dict[str, JSON] = {down.name: first} if down else {}
                yield {**cell, across.name: second} if across else cell

    def check(self, most: int) -> None:
        """Raises BadGrid if it is too large, or names the same parameter twice."""
        if self.runs < 1:
            raise BadGrid("Ask each cell at least once.")
        names = [one.name for one in self.axes]
        if len(set(names)) < len(names):
            raise BadGrid("Choose two different parameters.")
        if self.size > most:
            sides = [f"{len(one.values):,} values" for one in self.axes] or ["1 request"]
            times = f" × {self.runs:,} runs" if self.runs > 1 else ""
            raise BadGrid(f"{' × '.join(sides)}{times} are {self.size:,} requests: there is room for {most:,}.")


def axis(name: str, typed: str) -> Axis:
    """A parameter with the values typed for it. Raises BadGrid that names the invalid value."""
    try:
        parameter = parameters.parameter_named(name)
    except KeyError:
        raise BadGrid(f"There is no parameter “{name[:60]}”.") from None
    if len(typed) > _TYPED:
        raise BadGrid(f"{parameter.label}: at most {_TYPED:,} characters.")
    values: list[JSON] = []
    for word in _words(parameter, typed):
        value = None if word.lower() == NOT_SENT else _value(parameter, word)
        if value in values and not _alike(value, values):
            raise BadGrid(f"{parameter.label}: “{word[:60]}” is there twice.")
        values.append(value)
        if len(values) > VALUES:
            raise BadGrid(f"{parameter.label}: at most {VALUES} values.")
    if not values:
        raise BadGrid(f"{parameter.label} has no value yet.")
    return Axis(name, tuple(values))


def _alike(value: JSON, values: list[JSON]) -> bool:
    """Equal in Python, but a different value: True and 1."""
    return not any(value == other and type(value) is type(other) for other in values)


def _words(parameter: Parameter, typed: str) -> list[str]:
    """The typed values, one by one; a range is expanded."""
    if parameter.kind in ("number", "integer") and (match := _RANGE.fullmatch(typed)):
        return _range(parameter, *match.groups())
    separators = r"[,;\n]" if parameter.kind in COMMAS else r"\n"
    return [word.strip() for word in re.split(separators, typed) if word.strip()]


def _range(parameter: Parameter, low: str, high: str, step: str | None) -> list[str]:
    try:
        first, last, by = float(low), float(high), float(step) if step else parameter.step or 1.0
    except ValueError:
        raise BadGrid(f"{parameter.label}: a range looks like 0..1 step 0.25.") from None
    if last < first or by <= 0:
        raise BadGrid(f"{parameter.label}: a range goes up, in steps: 0..1 step 0.25.")
    count = int((last - first) / by + 1e-9) + 1
    if count > VALUES:
        raise BadGrid(
            f"{parameter.label}: {low}..{high} in steps of {by:g} are {count:,} values; at most {VALUES}."
        )
    return [f"{round(first + place * by, 6):g}" for place in range(count)]


def _value(parameter: Parameter, word: str) -> JSON:
    given: object = word
    if parameter.kind == "flag":
        given = _FLAGS.get(word.lower(), word)
    elif parameter.kind == "strings":
        given = unescaped(word)
    try:
        value = parameter.parse(given)
    except ValueError as error:
        raise BadGrid(f"{parameter.label}: “{word[:60]}” does not fit. {error}") from None
    if value is None:
        raise BadGrid(f"{parameter.label}: “{word[:60]}” is no value.")
    return value


def value_label(value: JSON) -> str:
    """A value in few characters, for the edge of a map."""
    if value is None:
        return NOT_SENT
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def read(kept: Mapping[str, JSON]) -> Grid:
    """A grid from a plan or a file. Raises BadGrid."""
    axes: list[Axis] = []
    given, runs = kept.get("axes"), kept.get("runs")
    for entry in given if isinstance(given, list) else []:
        name, values = (entry.get("name"), entry.get("values")) if isinstance(entry, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(values, list) or not 0 < len(values) <= VALUES:
            raise BadGrid("The file does not say which parameters the grid has.")
        axes.append(Axis(name, tuple(values)))
    if len(axes) > 2 or isinstance(runs, bool) or not isinstance(runs, int):
        raise BadGrid("The file does not say which parameters the grid has.")
    return Grid(tuple(axes), runs)


def as_json(grid: Grid) -> dict[str, JSON]:
    """The grid as JSON, for `read`."""
    return {"axes": [{"name": one.name, "values": list(one.values)} for one in grid.axes], "runs": grid.runs}
