"""All parameters: the rows of sampling.py and services.py joined, and lookup by name or group.

Ranges and options are those of the provider's schemas (https://docs.aimlapi.com); a parameter that fewer
than one model in twenty lists is left to the extra JSON, except speech, which has no other control.
"""

from __future__ import annotations

from functools import cache

from backend.parameters.parameter import Group, Parameter
from backend.parameters.sampling import SAMPLING
from backend.parameters.services import SERVICES

GROUPS: dict[Group, str] = {
    "common": "Sampling",
    "output": "Output",
    "sampling": "More sampling",
    "reasoning": "Reasoning",
    "search": "Web search",
    "provider": "Provider",
}

CACHE = "cache_control"  # not a field of a body: it is written into the messages

PARAMETERS: tuple[Parameter, ...] = (*SAMPLING, *SERVICES)


@cache
def _by_name() -> dict[str, Parameter]:
    return {parameter.name: parameter for parameter in PARAMETERS}


def parameter_named(name: str) -> Parameter:
    """The parameter with this wire name. Raises KeyError."""
    return _by_name()[name]


_BY_GROUP: dict[Group, tuple[Parameter, ...]] = {
    group: tuple(parameter for parameter in PARAMETERS if parameter.group == group) for group in GROUPS
}


def parameters_of(group: Group) -> tuple[Parameter, ...]:
    """The parameters of one group, in the order of the panel."""
    return _BY_GROUP[group]
