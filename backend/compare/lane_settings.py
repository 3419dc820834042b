"""The settings that the lanes of a race share, and the overrides of each lane.

A lane stores only what differs from the shared defaults, so a change of a default reaches every lane that
does not override it.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backend.catalog import ID_LIMIT
from backend.parameters import PARAMETERS
from backend.types import JSON
from backend.untrusted import fields

PROMPT = 50_000  # characters of a system prompt that are stored with a lane
_PARAMETERS = {parameter.name: parameter for parameter in PARAMETERS}


@dataclass(frozen=True)
class LaneSettings:
    """The settings of one lane. `connection` is a name known to the caller; `parameters` holds set ones by wire
    name.
    """

    connection: str = ""
    model: str = ""
    parameters: Mapping[str, JSON] = field(default_factory=dict)
    system_prompt: str = ""


@dataclass(frozen=True)
class Overrides:
    """The overrides of a lane; None: the default. A parameter that is None here is not sent."""

    connection: str | None = None
    model: str | None = None
    parameters: Mapping[str, JSON] = field(default_factory=dict)
    system_prompt: str | None = None

    def over(self, shared: LaneSettings) -> LaneSettings:
        """The effective settings of the lane."""
        merged = {**shared.parameters, **self.parameters}
        return LaneSettings(
            shared.connection if self.connection is None else self.connection,
            shared.model if self.model is None else self.model,
            {name: value for name, value in merged.items() if value is not None},
            shared.system_prompt if self.system_prompt is None else self.system_prompt,
        )

    def differences(self, shared: LaneSettings) -> list[tuple[str, JSON]]:
        """What differs from the defaults: [("temperature", 1.2)]. None: the parameter is not sent."""
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

    # ---- stored with a conversation--------------------------------------------------------------------

    def as_json(self) -> dict[str, JSON]:
        """As JSON. Never a key: a connection is a name."""
        own: dict[str, JSON] = {"parameters": dict(self.parameters)} if self.parameters else {}
        for name in ("connection", "model", "system_prompt"):
            if (value := getattr(self, name)) is not None:
                own[name] = value
        return own


def read(kept: JSON) -> Overrides:
    """The overrides that `as_json` wrote, from an untrusted file: invalid values are left out."""
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
    """The differences that several lanes have in common."""
    return [one for one in differences[0] if all(one in others for others in differences)] if differences else []


def prompt_difference(shared: str, own: str) -> Sequence[tuple[str, str]]:
    """The lines in which two system prompts differ: ("-", line) is only in the shared one, ("+", line) only in the
    lane's.
    """
    compared = difflib.ndiff(shared[:PROMPT].splitlines(), own[:PROMPT].splitlines())
    return [(line[0], line[2:]) for line in compared if line[0] in "-+ "]
