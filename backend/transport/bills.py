"""The reported cost of a reply in US dollars: servers put it in a header, beside the answer, or in its usage.

    AI/ML API    `x-aimlapi-usd-spent`, `x-aimlapi-credits-used`; `meta.usage`: usd_spent, credits_used, tokens_used
    OpenRouter   `usage.cost`; with a key of one's own at the provider a fee, with `usage.cost_details` on top
    LiteLLM      `x-litellm-response-cost`
    Perplexity   `usage.cost.total_cost`; DeepInfra `usage.estimated_cost`; xAI `usage.cost_in_usd_ticks`;
                 LLM Gateway `usage.cost_usd_total`

AI/ML API forwards the usage of its upstreams: their cost is not what it bills. It does NOT compute a bill
from prices: that is backend/answer/cost.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from backend.types import CostReported
from backend.untrusted import Object, fields, numeral

CREDITS = 2_000_000  # credits of AI/ML API per dollar (its FAQ, "How can I track my funds?")
TICKS = 10_000_000_000  # ticks of xAI per dollar (its API reference, usage.cost_in_usd_ticks)
HIGHEST = 10_000.0  # dollars for one answer; past that it is no bill


def in_reply(chunk: Object, *, aimlapi: bool) -> Iterator[CostReported]:
    """The bill in one chunk of a stream, or in a whole completion: at its top level, in an `event` that it
    wraps, or in the `response` of an event in the Responses format. `aimlapi`: it comes from AI/ML API.
    """
    whole = [chunk, fields(chunk.get("event"))]
    places = [place for part in whole for place in (part, fields(part.get("response"))) if place]
    usd = _first(map(amount_in_usd, _objects_named("usage", [fields(place.get("meta")) for place in places])))
    if usd is None and not aimlapi:
        usd = _first(map(_in_usage, _objects_named("usage", places)))
    if usd is not None:
        yield CostReported(usd)


def in_headers(headers: Mapping[str, str], *, aimlapi: bool) -> Iterator[CostReported]:
    """The bill in the headers of a reply. LiteLLM sends 0 if it does not know, as before a stream."""
    usd = amount_in_usd(
        {"usd": headers.get("x-aimlapi-usd-spent"), "credits": headers.get("x-aimlapi-credits-used")}
    )
    if usd is None and not aimlapi:
        usd = _plausible(headers.get("x-litellm-response-cost")) or None
    if usd is not None:
        yield CostReported(usd)


def amount_in_usd(amount: Object) -> float | None:
    """AI/ML API's amount, in dollars, otherwise in credits (`tokens_used` is their old name)."""
    for per_dollar, names in ((1, ("usd_spent", "usd")), (CREDITS, ("credits_used", "credits", "tokens_used"))):
        for name in names:
            if numeral(amount.get(name)) is not None:  # the first one present counts, plausible or not
                return _plausible(amount.get(name), per_dollar)
    return None


def _in_usage(usage: Object) -> float | None:
    upstream, cost = _upstream(fields(usage.get("cost_details"))), _plausible(usage.get("cost"))
    if usage.get("is_byok") is True:  # with the visitor's own key at the provider `cost` is a fee, mostly 0
        return None if upstream is None else (cost or 0.0) + upstream
    if cost is not None:
        return cost
    others = (
        _plausible(fields(usage.get("cost")).get("total_cost")),
        _plausible(usage.get("estimated_cost")),
        _plausible(usage.get("cost_usd_total")),
        _plausible(usage.get("cost_in_usd_ticks"), TICKS),
        upstream,
    )
    return _first(others)


def _upstream(details: Object) -> float | None:
    """The cost at the provider behind OpenRouter: as a whole, or in its parts."""
    whole = _plausible(details.get("upstream_inference_cost"))
    parts = [_plausible(details.get(f"upstream_inference_{part}_cost")) for part in ("prompt", "completions")]
    return whole if whole is not None or None in parts else sum(part or 0.0 for part in parts)


def _objects_named(name: str, places: Iterable[Object]) -> list[Object]:
    """The objects with this name. Most chunks contain none, and are skipped here."""
    return [found for place in places if (found := fields(place.get(name)))]


def _first(amounts: Iterable[float | None]) -> float | None:
    return next((usd for usd in amounts if usd is not None), None)


def _plausible(value: object, per_dollar: int = 1) -> float | None:
    number = numeral(value)
    usd = None if number is None else number / per_dollar
    return usd if usd is not None and 0 <= usd <= HIGHEST else None
