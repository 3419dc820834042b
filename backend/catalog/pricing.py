"""Prices as AI/ML API's list quotes them, as US dollars per million tokens.

A price is a charge for `per` units, and `per` differs between models: only `price / per` can be compared.
What is priced by the second, the picture or the request has no price per token and reads as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from backend.types import JSON
from backend.untrusted import Object, fields, numeral, objects, string

Side = Literal["in", "out"]
_MILLION = 1_000_000
_HIGHEST = 1_000_000.0  # dollars per million tokens; past that it is no price
_RATES_LIMIT = 100
_IN = {"input", "prompt"}
_OUT = {"output", "completion"}
# Rates for something else than ordinary text: they would read as a bargain or as a fortune.
_SPECIAL = {"cache", "cached", "caching", "audio", "image", "video", "batch", "read", "write", "search", "request"}


def prices(pricing: JSON) -> tuple[float | None, float | None, bool]:
    """What a million tokens cost in and out, and whether these are the lowest of several bands."""
    by_side: dict[Side, set[float]] = {"in": set(), "out": set()}
    for side, price in _rates(pricing):
        by_side[side].add(price)
    varies = any(len(amounts) > 1 for amounts in by_side.values())
    return min(by_side["in"], default=None), min(by_side["out"], default=None), varies


def _rates(pricing: JSON) -> Iterator[tuple[Side, float]]:
    quote = fields(pricing)
    if quote.get("currency", "USD") != "USD":
        return
    rows = quote.get({"fixed": "units", "variants": "variants"}.get(string(quote.get("kind")), ""))
    for row in objects(rows, _RATES_LIMIT):
        if (side := _side(row)) and (price := _per_million(row)) is not None:
            yield side, price


def _side(row: Object) -> Side | None:
    """Whether a rate is for tokens that go in or come out; None when it is for something else."""
    labels = [row.get(name) for name in ("name", "measure", "unit")] + list(fields(row.get("when")).values())
    text = " ".join(string(part)[:100].lower() for part in labels)
    words = {word.removesuffix("s") for word in re.findall("[a-z]+", text)}
    if words & _SPECIAL or "token" not in words or bool(words & _IN) == bool(words & _OUT):
        return None
    return "in" if words & _IN else "out"


def _per_million(row: Object) -> float | None:
    price, per = numeral(row.get("price")), numeral(row.get("per"))
    if price is None or per is None or per <= 0 or price < 0:
        return None
    million = price / per * _MILLION
    return round(million, 6) if million <= _HIGHEST else None
