"""What a row of another server's list tells about its model: sizes, prices and abilities, each in the words of a
dozen providers. What a row does not tell is unknown.

Whether the model chats, and what it reads: purposes.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from backend.types import JSON, PriceKind
from backend.untrusted import Object, fields, items, numeral, objects, string

_TOKENS_LIMIT = 10**9
_WORDS_LIMIT = 100  # abilities of one model
_PROVIDERS_LIMIT = 50  # providers of one model, at Hugging Face's router
# Objects of a row that have some of its facts: OpenRouter, DeepInfra, Venice, GitHub, llama.cpp.
_PLACES = ("top_provider", "metadata", "model_spec", "limits", "meta")
_CONTEXT = (
    *("context_length", "max_model_len", "context_window", "max_context_length", "context_size", "n_ctx"),
    *("availableContextTokens", "max_context_window_tokens", "max_input_tokens", "n_ctx_train"),
)
_LONGEST = (
    *("max_completion_tokens", "max_output_tokens", "max_output_length", "maxCompletionTokens", "max_tokens"),
)
_SIDES: tuple[PriceKind, PriceKind] = ("in", "out")
# Names in a quote; Venice has its amounts in {"usd": ...}.
_AMOUNTS: tuple[tuple[PriceKind, tuple[str, ...]], ...] = (
    ("in", ("prompt", "input", "input_tokens")),
    ("out", ("completion", "output", "output_tokens")),
    ("cached", ("input_cache_read", "input_cache_reads", "cache_read", "cache_read_tokens")),
    ("cache write", ("input_cache_write", "input_cache_writes", "cache_write")),
)
# Some list the price of a token (OpenRouter, Vercel, SambaNova), others that of a million (Together, Chutes,
# Venice, Hugging Face). No token costs a tenth of a cent, and no million as little.
_OF_A_MILLION = 0.001
_HIGHEST = 10_000.0  # dollars per million tokens; a higher value is no price
_ABILITIES = {  # by the letters of the words that name it
    "tools": ("tools", "tooluse", "toolcalls", "toolcalling", "functioncalling"),
    "structured_output": ("structuredoutputs", "structuredoutput", "responseschema", "jsonschema"),
    "reasoning": ("reasoning", "thinking", "reasoningeffort"),
    "web_search": ("websearch", "websearchoptions"),
}


class TokenPrices(NamedTuple):
    """US dollars per million tokens, None if not known. `varies`: they are the lowest of several providers'."""

    into: float | None
    out: float | None
    others: dict[PriceKind, float]
    varies: bool


def context_length(row: Object) -> int | None:
    """The tokens of a conversation; of several providers' the largest."""
    own = _count(row, _CONTEXT)
    return own or max(filter(None, (_count(each, _CONTEXT) for each in _providers(row))), default=None)


def longest_answer(row: Object) -> int | None:
    """The tokens of the longest answer."""
    return _count(row, _LONGEST)


def token_prices(row: Object) -> TokenPrices:
    """What its tokens cost."""
    quotes = (fields(place.get(name)) for place in (row, *_places(row)) for name in ("pricing", "price"))
    if own := next(filter(None, map(_amounts_of, quotes)), None):
        others = {kind: amount for kind, amount in own.items() if kind not in _SIDES}
        return TokenPrices(own.get("in"), own.get("out"), others, varies=False)
    every = [_amounts_of(fields(provider.get("pricing"))) for provider in _providers(row)]
    into, out = ({prices[kind] for prices in every if kind in prices} for kind in _SIDES)
    return TokenPrices(min(into, default=None), min(out, default=None), {}, max(len(into), len(out)) > 1)


def abilities(row: Object) -> frozenset[str] | None:
    """The capabilities that the row claims, of those that this app knows; None for none."""
    words = {re.sub(r"[^a-z]", "", word[:60].lower()).removeprefix("supports") for word in _claims(row)}
    return frozenset(name for name, signs in _ABILITIES.items() if words.intersection(signs)) or None


def reads_pictures(row: Object) -> bool | None:
    """Whether it reads pictures, where the row says so by a yes or a no."""
    able, spec = fields(row.get("capabilities")), fields(row.get("model_spec"))
    said = (
        *(able.get("vision"), fields(able.get("supports")).get("vision")),
        *(fields(able.get("image_input")).get("supported"), row.get("supports_vision")),
        *(row.get("supports_image_input"), fields(spec.get("capabilities")).get("supportsVision")),
    )
    return next((value for value in said if isinstance(value, bool)), None)


def _claims(row: Object) -> Iterator[str]:
    """The words for what the model can do, in any spelling."""
    yield from _true_fields(row, beginning="supports")
    for provider in _providers(row):
        yield from _true_fields(provider, beginning="supports")
    for place in (row, *_places(row)):
        for name in ("supported_parameters", "supported_features", "features", "tags", "capabilities"):
            yield from filter(None, map(string, items(place.get(name), _WORDS_LIMIT)))
        able = fields(place.get("capabilities"))
        yield from _true_fields(able)
        yield from _true_fields(fields(able.get("supports")))  # GitHub Copilot


def _true_fields(place: Object, beginning: str = "") -> Iterator[str]:
    """The names of the fields that say yes: true, or {"supported": true} (Anthropic)."""
    for name, value in place.items():
        if name.startswith(beginning) and (value is True or fields(value).get("supported") is True):
            yield name


def _places(row: Object) -> Iterator[Object]:
    yield from (fields(row.get(name)) for name in _PLACES)
    yield fields(fields(row.get("capabilities")).get("limits"))  # GitHub Copilot


def _providers(row: Object) -> list[Object]:
    return objects(row.get("providers"), _PROVIDERS_LIMIT)


def _count(row: Object, names: tuple[str, ...]) -> int | None:
    counts = (tokens(place.get(name)) for place in (row, *_places(row)) for name in names)
    return next(filter(None, counts), None)


def tokens(value: JSON) -> int | None:
    """A plausible number of tokens, None for anything else."""
    count = numeral(value)
    return int(count) if count is not None and 1 <= count <= _TOKENS_LIMIT else None


def _amounts_of(quote: Object) -> dict[PriceKind, float]:
    """The amounts of a quote. Together lists 0 for models that it rents by the hour."""
    if quote.get("currency", "USD") != "USD":
        return {}
    amounts = {kind: _first_amount(quote, names) for kind, names in _AMOUNTS}
    known = {kind: amount for kind, amount in amounts.items() if amount is not None}
    return {} if "hourly" in quote and not any(known.values()) else known


def _first_amount(quote: Object, names: tuple[str, ...]) -> float | None:
    amounts = (_amount(quote.get(name)) for name in names)
    return next((amount for amount in amounts if amount is not None), None)


def _amount(value: JSON) -> float | None:
    """Dollars per million tokens."""
    amount = numeral(fields(value).get("usd") if isinstance(value, dict) else value)
    if amount is None or amount < 0:
        return None
    million = amount * 1_000_000 if amount < _OF_A_MILLION else amount
    return round(million, 6) if million <= _HIGHEST else None
