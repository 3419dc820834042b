"""Values that a visitor set -> what is sent to one model, and what is kept back, with the reason in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from backend.catalog import ModelInfo
from backend.parameters.parameter import Parameter, spoken_range
from backend.parameters.table import PARAMETERS
from backend.types import JSON, Dialect

_PLAIN = Dialect()


@dataclass(frozen=True)
class Fitted:
    """`body` is the part of the request that was set. `kept_back` tells for wire names why they are not in it;
    those in `wrong` cannot be sent at all, the others when the visitor says so.
    """

    body: Mapping[str, JSON] = field(default_factory=dict)
    kept_back: Mapping[str, str] = field(default_factory=dict)
    wrong: frozenset[str] = frozenset()


def fit(
    values: Mapping[str, object],
    model: ModelInfo | None = None,
    anyway: Collection[str] = (),
    refused: Collection[str] = (),
    dialect: Dialect = _PLAIN,
    *,
    stream: bool = True,
) -> Fitted:
    """Fit values, by wire name, to a model and the way it is asked; of an unknown model everything is allowed.

    `anyway` are the names to send although they do not fit, `refused` those the server refused before.
    """
    body: dict[str, JSON] = {}
    kept_back: dict[str, str] = {}
    wrong: set[str] = set()
    for parameter in PARAMETERS:
        name = parameter.name
        try:
            value = parameter.parse(values.get(name))
        except ValueError as error:
            kept_back[name] = str(error)
            wrong.add(name)
            continue
        if value is None:
            continue
        reason = ""
        if name not in anyway:
            reason = _unwritten(name, value, dialect, stream=stream) or misfit(
                parameter, value, model, refused, dialect.names.get(name, name)
            )
        if reason:
            kept_back[name] = reason
        else:
            body[name] = parameter.sent(value)
    return Fitted(body, kept_back, frozenset(wrong))


def _unwritten(name: str, value: JSON, dialect: Dialect, *, stream: bool) -> str:
    """Why the value has no place in the request as it is written; "" when it has one."""
    if name in dialect.streaming_only and value is not False and not stream:
        return "Sent only while the answer is streamed."
    return dialect.without.get(name, "")


def misfit(
    parameter: Parameter, value: JSON, model: ModelInfo | None, refused: Collection[str], name: str = ""
) -> str:
    """Why this model would not take the value, as far as it is known; "" when nothing speaks against it. `name` is
    what the field is called where it is sent."""
    if parameter.name in refused:
        return "This model refused it before."
    if model is None:
        return ""
    if model.lists(name or parameter.name) is False:
        return "Not listed for this model."
    limit = model.limit(parameter.name)
    if limit and isinstance(value, int | float) and not limit[0] <= value <= limit[1]:
        return f"This model takes values {spoken_range(*limit)}."
    return ""


def body(values: Mapping[str, object]) -> dict[str, JSON]:
    """The part of a request body that was set, for any model. Raises ValueError for the first wrong value."""
    fitted = fit(values)
    for reason in fitted.kept_back.values():
        raise ValueError(reason)
    return dict(fitted.body)
