"""What the lanes of a race share, and what each has of its own.

A lane holds only what differs from the defaults of all lanes, so a change of the defaults reaches every lane that
has no value of its own there.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backend.catalog import ID_LIMIT
from backend.parameters import PARAMETERS
from backend.types import JSON
from backend.untrusted import fields

PROMPT = 50_000  # characters of a system prompt that are kept with a lane
_PARAMETERS = {parameter.name: parameter for parameter in PARAMETERS}


@dataclass(frozen=True)
class LaneSettings:
    """How one lane asks. `connection` is a name that the caller knows; parameters by wire name, set ones only."""

    connection: str = ""
    model: str = ""
    parameters: Mapping[str, JSON] = field(default_factory=dict)
    system_prompt: str = ""


@dataclass(frozen=True)
class Overrides:
    """What a lane has of its own; None: as the others. A parameter that is None here is not sent."""

    connection: str | None = None
    model: str | None = None
    parameters: Mapping[str, JSON] = field(default_factory=dict)
    system_prompt: str | None = None

    def over(self, shared: LaneSettings) -> LaneSettings:
        """The settings of the lane."""
        merged = {**shared.parameters, **self.parameters}
        return LaneSettings(
            shared.connection if self.connection is None else self.connection,
            shared.model if self.model is None else self.model,
            {name: value for name, value in merged.items() if value is not None},
            shared.system_prompt if self.system_prompt is None else self.system_prompt,
        )

    def differences(self, shared: LaneSettings) -> list[tuple[str, JSON]]:
        """What is asked in another way than the defaults say: [("temperature", 1.2)]. None: it is not sent."""
        own = self.over(shared)
        pairs: list[tuple[str, JSON]] = []
        for name in ("connection", "model", "system_prompt"):
            if getattr(own, name) != getattr(shared, name):
                pairs.append((name, getattr(own, name)))
        names = [*dict.fromkeys((*self.parameters, *shared.parameters))]
        pairs += [
            (name, own.parameters.get(name))
            for name in names
            if own.parameters.get(name) != shared.parameters.get(name)
        ]
        return pairs

    # ---- kept with a conversation ---------------------------------------------------------------------

    def kept(self) -> dict[str, JSON]:
        """As JSON. Never a key: a connection is a name."""
        own: dict[str, JSON] = {"parameters": dict(self.parameters)} if self.parameters else {}
        for name in ("connection", "model", "system_prompt"):
            if (value := getattr(self, name)) is not None:
                own[name] = value
        return own


def read(kept: JSON) -> Overrides:
    """What `kept` wrote, out of a file of anybody's: what makes no sense is left out."""
    own = fields(kept)
    parameters: dict[str, JSON] = {}
    for name, value in fields(own.get("parameters")).items():
        if name not in _PARAMETERS:
            continue
        try:
            parameters[name] = None if value is None else _PARAMETERS[name].parse(value)
        except ValueError:
            continue
    prompt, connection, model = (own.get(name) for name in ("system_prompt", "connection", "model"))
    return Overrides(
        connection[:ID_LIMIT] if isinstance(connection, str) else None,
        model[:ID_LIMIT] if isinstance(model, str) else None,
        parameters,
        prompt[:PROMPT] if isinstance(prompt, str) else None,
    )


def in_common(differences: Sequence[Sequence[tuple[str, JSON]]]) -> list[tuple[str, JSON]]:
    """Of the differences of several lanes those that all of them have."""
    return [one for one in differences[0] if all(one in others for others in differences)] if differences else []


def prompt_difference(shared: str, own: str) -> Sequence[tuple[str, str]]:
    """The lines of two system prompts: ("-", line) is only in the shared one, ("+", line) only in the lane's."""
    compared = difflib.ndiff(shared[:PROMPT].splitlines(), own[:PROMPT].splitlines())
    return [(line[0], line[2:]) for line in compared if line[0] in "-+ "]
