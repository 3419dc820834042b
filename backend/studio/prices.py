"""Estimates the cost of a run before it begins, from the prices in the server's own list. Without a listed price
there
is no estimate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.answer.cost import MILLION, Price
from backend.catalog.pricing import Unit, UnitPrice
from backend.studio.families import Family, Way
from backend.studio.models import StudioModel
from backend.types import JSON
from backend.untrusted import fields, integer, items, numeral, string

_LENGTH = ("duration", "seconds_total")  # parameters that are seconds
_BYTES_PER_TOKEN = 2  # a low count per token: a budget must not be exceeded


@dataclass(frozen=True)
class Estimate:
    """US dollars for one run: minimum and maximum, and the unit of the price."""

    low: float
    high: float
    unit: Unit


def estimate(
    prices: Sequence[UnitPrice], model: StudioModel, family: Family, way: Way, body: Mapping[str, JSON]
) -> Estimate | None:
    """The estimate; None if the model has no listed price, or it depends on what is unknown in advance."""
    fitting = [price for price in prices if _fits(price, model, body)] or list(prices)
    amounts = []
    for price in fitting:
        quantity = _quantity(price.unit, model, family, way, body)
        if quantity is None:
            return None
        amounts.append(price.usd * quantity)
    return Estimate(min(amounts), max(amounts), fitting[0].unit) if amounts else None


def dearest(estimates: Sequence[Estimate | None]) -> Estimate | None:
    """The largest of several estimates; None if one run has none."""
    known = [one for one in estimates if one]
    return max(known, key=lambda one: one.high) if len(known) == len(estimates) else None


def _value(name: str, model: StudioModel, body: Mapping[str, JSON]) -> JSON:
    """The value that is sent, or the model's default."""
    schema = model.fields.get(name, {})
    return body.get(name, schema.get("default"))


def _fits(price: UnitPrice, model: StudioModel, body: Mapping[str, JSON]) -> bool:
    """Whether the conditions of a price hold, as far as they refer to parameters of the model."""
    return all(
        name not in model.fields or str(_value(name, model, body)).lower() == wanted.lower()
        for name, wanted in price.when.items()
    )


def _quantity(unit: Unit, model: StudioModel, family: Family, way: Way, body: Mapping[str, JSON]) -> float | None:
    count = max([1.0, *(found for name in family.counts if (found := numeral(_value(name, model, body))))])
    match unit:
        case "request":
            return 1.0
        case "image" | "page":
            return count
        case "second" | "minute":
            seconds = _seconds(model, body)
            return None if seconds is None else seconds / (60 if unit == "minute" else 1) * count
        case "character":
            return float(len(_text(way, body)))
        case "token":
            # The tokens of a picture or a sound are unknown in advance; those of text can be counted.
            return len(_text(way, body).encode()) / _BYTES_PER_TOKEN if family.gives == "vectors" else None
    return None  # megapixels: sizes have too many names


def _seconds(model: StudioModel, body: Mapping[str, JSON]) -> float | None:
    if (milliseconds := numeral(_value("music_length_ms", model, body)) or 0.0) > 0:
        return milliseconds / 1_000
    for name in _LENGTH:
        if (value := numeral(_value(name, model, body)) or 0.0) > 0:  # -1: the model decides
            return value
        options = [numeral(option) for option in model.fields.get(name, {}).get("enum", ())]
        if known := [option for option in options if option is not None]:
            return max(known)
    return None


def _text(way: Way, body: Mapping[str, JSON]) -> str:
    written = body.get(way.text) or body.get("script") or ""
    return "".join(map(str, written)) if isinstance(written, list) else str(written)


_HALF = 0.5  # share of the ordinary price for a batch (the provider's documentation of batches: "about")


def of_batch(price: Price | None, body: Mapping[str, JSON]) -> Estimate | None:
    """The estimate for all requests of a batch: their text, and answers of the maximum length."""
    if price is None or price.into is None or price.out is None:
        return None
    into = out = 0.0
    for request in map(fields, items(body.get("requests"))):
        parameters = fields(request.get("params"))
        into += len(json.dumps(parameters.get("messages"), ensure_ascii=False).encode("utf-8", "replace"))
        into += len(string(parameters.get("system")).encode("utf-8", "replace"))
        out += integer(parameters.get("max_tokens")) or 0
    low = price.into * into / _BYTES_PER_TOKEN / MILLION
    return Estimate(_HALF * low, _HALF * (low + price.out * out / MILLION), "token")
