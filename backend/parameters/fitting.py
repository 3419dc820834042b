"""Fits the visitor's values to one model: what is sent, and what is kept back, each with a reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from backend.catalog import ModelInfo
from backend.parameters.parameter import Parameter, spoken_range
from backend.parameters.table import CACHE, PARAMETERS, parameter_named
from backend.types import JSON, Dialect

_PLAIN = Dialect()


@dataclass(frozen=True)
class Fitted:
    """`body` is the part of the request that was set, `sent` the names of the parameters in it. `kept_back` has
    the reason for each other one; those in `wrong` cannot be sent at all, the rest on the visitor's request.
    """

    body: Mapping[str, JSON] = field(default_factory=dict)
    sent: frozenset[str] = frozenset()
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
    """Fit values, by wire name, to a model and its wire format; for an unknown model everything is allowed.

    `anyway` are the names to send although they do not fit, `refused` those the server rejected before.
    """
    body: dict[str, JSON] = {}
    sent: set[str] = set()
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
            reason = (
                _beside(parameter, values)
                or _unwritable_reason(parameter, value, dialect, stream=stream)
                or misfit(parameter, value, model, refused, dialect)
            )
        if reason:
            kept_back[name] = reason
        else:
            sent.add(name)
            body[parameter.field] = merged(body.get(parameter.field), parameter.to_wire(value))
    return Fitted(body, frozenset(sent), kept_back, frozenset(wrong))


def merged(before: JSON, value: JSON) -> JSON:
    """Merge two parts of one field."""
    if not (isinstance(before, dict) and isinstance(value, dict)):
        return value
    return {**before, **{name: merged(before.get(name), item) for name, item in value.items()}}


def _beside(parameter: Parameter, values: Mapping[str, object]) -> str:
    """Why another value excludes this one, or is required and missing."""
    if parameter.needs and not values.get(parameter.needs):
        return f"Only together with “{parameter_named(parameter.needs).label}”."
    name, chosen = parameter.unless
    if not name or values.get(name) not in chosen:
        return ""
    return f"Not together with {parameter_named(name).label.lower()}: {values[name]}."


def _unwritable_reason(parameter: Parameter, value: JSON, dialect: Dialect, *, stream: bool) -> str:
    """Why the value cannot be written in this wire format; "" if it can."""
    name = parameter.field
    if name == CACHE and not dialect.caching:
        return "This model is not known to take marks for a cache."
    if name in dialect.streaming_only and value is not False and not stream:
        return "Sent only while the answer is streamed."
    return dialect.without.get(parameter.name) or dialect.without.get(name, "")


def misfit(
    parameter: Parameter, value: JSON, model: ModelInfo | None, refused: Collection[str], dialect: Dialect = _PLAIN
) -> str:
    """Why this model would not accept the value, as far as is known; "" if it may."""
    own_name = dialect.names.get(parameter.field, parameter.field)
    if {parameter.name, parameter.field, own_name} & set(refused):
        return "This model refused it before."
    if model is None:
        return ""
    listed = model.lists(own_name)
    if listed is False and parameter.field != CACHE:
        return "Not listed for this model."
    if listed and parameter.usual and value not in parameter.usual:
        return f"This model lists {', '.join(parameter.usual)}."
    low, high = model.limit(parameter.name) or (parameter.usual_span if listed else (None, None))
    if isinstance(value, int | float) and not ((low is None or low <= value) and (high is None or value <= high)):
        return f"This model takes values {spoken_range(low, high)}."
    return ""


def body(values: Mapping[str, object]) -> dict[str, JSON]:
    """The part of a request body that was set, for any model. Raises ValueError for the first invalid value."""
    fitted = fit(values)
    for reason in fitted.kept_back.values():
        raise ValueError(reason)
    return dict(fitted.body)
