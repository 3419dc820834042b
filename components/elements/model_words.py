"""Short texts about a model: for the picker, the table of models and the chart.

Nothing here is made safe for Markdown: that is `plain()`, where it is drawn.
"""

from __future__ import annotations

from backend.answer import cost
from backend.catalog import ModelInfo
from components.elements import words


def tokens(count: int) -> str:
    """128000 -> 128K, 1048576 -> 1M."""
    if count < 1_000:
        return str(count)
    if count < 999_500:
        return f"{count / 1_000:.0f}K"
    return f"{count / 1_000_000:.1f}".removesuffix(".0") + "M"


def dollars(price: float) -> str:
    """A price per million tokens: $0.30, $2.50, $15, $0.075."""
    return f"${abs(price):,.0f}" if price == round(price) and (price >= 10 or price == 0) else cost.dollars(price)


def prices(model: ModelInfo) -> str:
    """$0.30 in · $2.50 out, per million tokens; "" if no price is known."""
    text = _price_text(model, words.PRICES, words.PRICE_IN, words.PRICE_OUT)
    varies = model.price_varies and None not in (model.price_in, model.price_out)
    return words.PRICES_FROM.format(prices=text) if varies else text


def price_words(model: ModelInfo) -> str:
    """$0.30 in · $2.50 out per million tokens."""
    text = _price_text(model, words.PRICES_PER_MILLION, words.PRICE_IN_PER_MILLION, words.PRICE_OUT_PER_MILLION)
    return words.PRICES_FROM.format(prices=text) if model.price_varies and text else text


def _price_text(model: ModelInfo, both: str, only_in: str, only_out: str) -> str:
    """The template for the known prices, filled in; "" if there is none."""
    if model.price_in is not None and model.price_out is not None:
        return both.format(price_in=dollars(model.price_in), price_out=dollars(model.price_out))
    if model.price_in is not None:
        return only_in.format(price_in=dollars(model.price_in))
    return only_out.format(price_out=dollars(model.price_out)) if model.price_out is not None else ""


def abilities(model: ModelInfo) -> list[str]:
    """The abilities beyond text that the list names, as short words."""
    return [word for capability, word in words.ABILITIES.items() if model.can(capability)]
