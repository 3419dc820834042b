"""AI/ML API's listed prices as US dollars per million tokens.

A price is a charge for `per` units, and `per` differs between models: only `price / per` can be compared.
Prices by the second, the picture or the request have no equivalent per token and read as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from backend.types import JSON, PriceKind
from backend.untrusted import Object, fields, numeral, objects, string

_MILLION = 1_000_000
_HIGHEST = 1_000_000.0  # dollars per million tokens; a higher value is no price
_RATES_LIMIT = 100
_IN = {"input", "prompt"}
_OUT = {"output", "completion"}
_CACHE = {"cache", "cached", "caching"}
_WRITE = {"write", "creation"}
Unit = Literal["image", "megapixel", "second", "minute", "character", "token", "page", "request"]
# Words in a rate that tell its unit; of several the first counts: "video per second" is priced by the second.
_UNITS: tuple[tuple[Unit, frozenset[str]], ...] = (
    ("second", frozenset({"second", "sec"})),
    ("minute", frozenset({"minute", "min"})),
    ("megapixel", frozenset({"megapixel", "mp"})),
    ("character", frozenset({"character", "char"})),
    ("token", frozenset({"token"})),
    ("page", frozenset({"page"})),
    ("image", frozenset({"image", "picture"})),
    ("request", frozenset({"request", "call", "generation", "run", "video", "song", "track", "audio", "unit"})),
)
_HIGHEST_OF_ONE = 10_000.0  # dollars for one unit; a higher value is no price
# Rates for something other than ordinary text: they would look far too cheap or too expensive.
_SPECIAL = {"image", "video", "batch", "search", "request"}


def prices(pricing: JSON) -> tuple[float | None, float | None, bool]:
    """The prices of a million tokens in and out, and whether they are the lowest of several bands."""
    by_kind = _by_kind(pricing)
    into, out = by_kind.get("in", set()), by_kind.get("out", set())
    return min(into, default=None), min(out, default=None), len(into) > 1 or len(out) > 1


def other_prices(pricing: JSON) -> dict[PriceKind, float]:
    """The prices of a million tokens other than ordinary text, if listed; of several bands the lowest."""
    return {kind: min(amounts) for kind, amounts in _by_kind(pricing).items() if kind not in ("in", "out")}


def _by_kind(pricing: JSON) -> Mapping[PriceKind, set[float]]:
    by_kind: dict[PriceKind, set[float]] = {}
    for kind, price in _rates(pricing):
        by_kind.setdefault(kind, set()).add(price)
    return by_kind


def _rates(pricing: JSON) -> Iterator[tuple[PriceKind, float]]:
    quote = fields(pricing)
    if quote.get("currency", "USD") != "USD":
        return
    rows = quote.get({"fixed": "units", "variants": "variants"}.get(string(quote.get("kind")), ""))
    for row in objects(rows, _RATES_LIMIT):
        if (kind := _kind(row)) and (price := _per_million(row)) is not None:
            yield kind, price


def _kind(row: Object) -> PriceKind | None:
    """The kind of tokens of a rate; None if it is for something else."""
    labels = [row.get(name) for name in ("name", "measure", "unit")] + list(fields(row.get("when")).values())
    text = " ".join(string(part)[:100].lower() for part in labels)
    words = {word.removesuffix("s") for word in re.findall("[a-z]+", text)}
    if words & _SPECIAL or "token" not in words:
        return None
    if words & (_CACHE | _WRITE | {"read"}):
        plain = not words & (_OUT | {"audio"})
        return ("cache write" if words & _WRITE else "cached") if plain else None
    if bool(words & _IN) == bool(words & _OUT):
        return None
    side: tuple[PriceKind, PriceKind] = ("in", "audio in") if words & _IN else ("out", "audio out")
    return side["audio" in words]


def _per_million(row: Object) -> float | None:
    price, per = numeral(row.get("price")), numeral(row.get("per"))
    if price is None or per is None or per <= 0 or price < 0:
        return None
    million = price / per * _MILLION
    return round(million, 6) if million <= _HIGHEST else None


@dataclass(frozen=True)
class UnitPrice:
    """US dollars for one unit. `when`: the parameters for which it holds, {} for always."""

    unit: Unit
    usd: float
    when: Mapping[str, str]


def unit_prices(pricing: JSON) -> tuple[UnitPrice, ...]:
    """The prices of one picture, second, character ... of a model, by variant; () if none is listed."""
    quote = fields(pricing)
    if quote.get("currency", "USD") != "USD":
        return ()
    rows = quote.get({"fixed": "units", "variants": "variants"}.get(string(quote.get("kind")), ""))
    return tuple([rate for row in objects(rows, _RATES_LIMIT) if (rate := _unit_price(row))])


def _unit_price(row: Object) -> UnitPrice | None:
    price, per = numeral(row.get("price")), numeral(row.get("per"))
    if price is None or per is None or per <= 0 or price < 0 or price / per > _HIGHEST_OF_ONE:
        return None
    text = " ".join(string(row.get(name))[:100].lower() for name in ("measure", "unit", "name"))
    words = {word.removesuffix("s") for word in re.findall("[a-z]+", text)}
    unit = next((unit for unit, signs in _UNITS if words & signs), None)
    when = {name[:60]: str(value)[:60] for name, value in list(fields(row.get("when")).items())[:20]}
    return UnitPrice(unit, price / per, when) if unit else None
