"""ONE table of sampling parameters: what they are called, what they take, what they mean.

The panel, the request, validation and help are loops over PARAMETERS. A value of None is not sent: the
server decides. Ranges are those of the provider's schemas (AI/ML API reference, section 2.2).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from backend.types import JSON

Kind = Literal["number", "integer", "strings"]
STOP_LIMIT = 4  # sequences the API takes


@dataclass(frozen=True)
class Parameter:
    """One field of a request body. `name` is the wire name; `minimum`..`maximum` are inclusive.

    `neutral` is where a model usually stands when nothing is sent: "auto" has its place on the slider there.
    """

    name: str
    label: str
    help: str
    kind: Kind
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    neutral: float | None = None

    @property
    def choices(self) -> tuple[float, ...]:
        """The values a slider offers; empty where there is no natural slider."""
        if self.minimum is None or self.maximum is None or self.step is None or self.kind != "number":
            return ()
        steps = round((self.maximum - self.minimum) / self.step)
        return tuple(round(self.minimum + index * self.step, 4) for index in range(steps + 1))

    def parse(self, value: object) -> JSON:
        """`value` as the API takes it, None when unset. Raises ValueError with a sentence for the visitor."""
        if value is None or value == "" or value == [] or value == ():
            return None
        if self.kind == "strings":
            return self._strings(value)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError(f"{self.label} must be a number.")
        try:
            number = float(value)
        except OverflowError:  # an integer of hundreds of digits
            number = math.inf
        except ValueError:
            raise ValueError(f"{self.label} must be a number.") from None
        low = self.minimum if self.minimum is not None else float("-inf")
        high = self.maximum if self.maximum is not None else float("inf")
        if not (low <= number <= high and math.isfinite(number)):
            raise ValueError(f"{self.label} must be {self._range()}.")
        if self.kind == "number":
            return number
        if number != int(number):
            raise ValueError(f"{self.label} must be a whole number.")
        return int(number)

    def _strings(self, value: object) -> JSON:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            raise ValueError(f"{self.label} must be text.")
        kept: list[JSON] = [item.replace("\\n", "\n").replace("\\t", "\t") for item in items if item]
        if len(kept) > STOP_LIMIT:
            raise ValueError(f"{self.label}: at most {STOP_LIMIT}.")
        return kept or None

    def _range(self) -> str:
        if self.maximum is None:
            return f"{self.minimum:g} or more"
        return f"between {self.minimum:g} and {self.maximum:g}"


PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "temperature",
        "Temperature",
        "How adventurous the wording is. 0 nearly always says the likeliest thing; higher is more surprising.",
        "number",
        0,
        2,
        0.05,
        neutral=1,
    ),
    Parameter(
        "top_p",
        "Top P",
        "Choose only among the likeliest words that together make up this share. Lower is more focused. "
        "Change this or temperature, not both.",
        "number",
        0.05,
        1,
        0.05,
        neutral=1,
    ),
    Parameter(
        "max_tokens",
        "Max tokens",
        "The longest answer allowed, in tokens (about 4 characters each). Reasoning counts too: a small limit "
        "can leave no room for the answer.",
        "integer",
        1,
        None,
        1,
    ),
    Parameter(
        "frequency_penalty",
        "Frequency penalty",
        "Higher makes words less likely each time they are used again; negative invites repetition.",
        "number",
        -2,
        2,
        0.1,
        neutral=0,
    ),
    Parameter(
        "presence_penalty",
        "Presence penalty",
        "Higher pushes towards words not used yet, so towards new topics.",
        "number",
        -2,
        2,
        0.1,
        neutral=0,
    ),
    Parameter(
        "stop",
        "Stop sequences",
        "",  # said in the widget's placeholder: a "Help for Stop sequences" button is taken for Stop by ear
        "strings",
    ),
    Parameter(
        "seed",
        "Seed",
        "The same seed and settings give (nearly) the same answer again, where the model supports it.",
        "integer",
        1,
        2**53 - 1,
        1,
    ),
)


def body(values: Mapping[str, object]) -> dict[str, JSON]:
    """The part of a request body that was set. Raises ValueError for the first value out of range."""
    parsed = {parameter.name: parameter.parse(values.get(parameter.name)) for parameter in PARAMETERS}
    return {name: value for name, value in parsed.items() if value is not None}
