"""Finds models in a list: by typed words, and by ability and price.

One rule for unknown facts: a filter keeps models that are known to pass. If nothing is known
about a filter in the whole list (a local server lists no prices and no capabilities), that filter keeps everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from backend.catalog.model import ModelInfo

Test = Callable[[ModelInfo], bool | None]

_WORDS_LIMIT = 20
_TEXT_LIMIT = 200  # characters of a query


@dataclass(frozen=True)
class Filters:
    """What a model must be able to do; `max_price` in US dollars per million tokens, in and out."""

    image: bool = False
    audio: bool = False
    file: bool = False
    tools: bool = False
    reasoning: bool = False
    web_search: bool = False
    structured_output: bool = False
    max_price: float | None = None

    def tests(self) -> Iterator[Test]:
        """One predicate per filter that is set; its result is yes, no, or None for not known."""
        for kind in ("image", "audio", "file"):
            if getattr(self, kind):
                yield lambda model, kind=kind: model.takes(kind)  # type: ignore[misc]
        for capability in ("tools", "reasoning", "web_search", "structured_output"):
            if getattr(self, capability):
                yield lambda model, capability=capability: model.can(capability)  # type: ignore[misc]
        if self.max_price is not None:
            highest = self.max_price
            yield lambda model: _affordable(model, highest)


def search(models: Iterable[ModelInfo], words: str = "", filters: Filters | None = None) -> list[ModelInfo]:
    """The models whose names contain every typed word and that pass every filter, in order."""
    terms = words[:_TEXT_LIMIT].lower().split()[:_WORDS_LIMIT]
    everything = list(models)
    matches = [model for model in everything if all(word in model.haystack for word in terms)]
    for test in (filters or Filters()).tests():
        if any(test(model) is not None for model in everything):
            matches = [model for model in matches if test(model)]
    return matches


def _affordable(model: ModelInfo, highest: float) -> bool | None:
    """Whether both prices are at most this; with only one known, that decides."""
    prices = [price for price in (model.price_in, model.price_out) if price is not None]
    return max(prices) <= highest if prices else None
