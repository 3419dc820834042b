"""The current speed of models, as AI/ML API measures it at /models/metrics.

The percentiles are those of the value itself: p90 of the time to first token is the slow tail, but p90
of tokens per second is the fast one. The page does not say how many requests a figure is based on, and a
model that failed every request is missing, like one without requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.catalog.model import ModelInfo
from backend.types import JSON
from backend.untrusted import fields, numeral, objects, string

_ROWS_LIMIT = 10_000
_ALIAS_LIMIT = 200  # characters
_CHAT = "/chat/completions"


@dataclass(frozen=True)
class Speed:
    """Seconds to the first token and tokens per second, typical (p50) and at the 90th percentile."""

    first_token_p50: float | None = None
    first_token_p90: float | None = None
    tokens_per_second_p50: float | None = None
    tokens_per_second_p90: float | None = None


@dataclass(frozen=True)
class Speeds:
    """The speed of every measured model. `window` is the period of measurement in seconds."""

    by_name: Mapping[str, Speed] = field(default_factory=dict, repr=False)
    window: float | None = None

    def of(self, model: ModelInfo) -> Speed | None:
        """The speed of a model under any of its names; None: no data."""
        return next(filter(None, (self.by_name.get(name.lower()) for name in model.names)), None)


def speeds(body: JSON) -> Speeds | None:
    """The content of the page; None if it is another page."""
    page = fields(body)
    if not isinstance(page.get("models"), list):
        return None
    by_name: dict[str, Speed] = {}
    for row in objects(page["models"], _ROWS_LIMIT):
        alias = string(row.get("alias"))
        if len(alias) <= _ALIAS_LIMIT:
            chat = str(row.get("endpoint")).endswith(_CHAT)
            speed = _speed(row.get("metrics"))
            if speed != Speed() and (chat or alias.lower() not in by_name):
                by_name[alias.lower()] = speed
    return Speeds(by_name, _positive(page.get("window_seconds")))


def _speed(metrics: JSON) -> Speed:
    first_p50, first_p90 = _percentiles(metrics, "ttft_ms", 1000)
    return Speed(first_p50, first_p90, *_percentiles(metrics, "tps", 1))


def _percentiles(metrics: JSON, name: str, unit: int) -> tuple[float | None, float | None]:
    """p50 and p90 of one metric, divided by its unit."""
    percentiles = fields(fields(metrics).get(name))
    p50, p90 = _positive(percentiles.get("p50")), _positive(percentiles.get("p90"))
    return p50 and p50 / unit, p90 and p90 / unit


def _positive(value: JSON) -> float | None:
    number = numeral(value)
    return number if number is not None and 0 < number < 1e9 else None
