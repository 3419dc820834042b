"""Short texts about a model: for the picker, the table of models and the chart.

Nothing here is made safe for Markdown: that is `plain()`, where it is drawn.
"""

from __future__ import annotations

import re

from backend.catalog import ModelInfo
from components.elements import words

# Between an id and the facts about it. An en space is in no id that a list holds (it is not "printable"), so
# that the id can always be told from the rest, also in a label of an older list that a browser sends back.
GAP = "\u2002"
_ALIASES = 3  # names in a label, for searching only: they are beyond its visible end


def label(model: ModelInfo, asked_for: str = "") -> str:
    """The label of a model in the picker: id, context, price; then, out of sight, the names to search by.

    It begins with the name that is sent: `asked_for`, where that is not the model's id.
    """
    name = asked_for or model.id
    facts = [words.RETIRED] if model.retired else []
    facts += [tokens(model.context_length)] if model.context_length else []
    facts += [price] if (price := prices(model)) else []
    facts += _other_names(model)
    return f"{name}{GAP}·{GAP}{' · '.join(facts)}" if facts else name


def id_of(label: str) -> str:
    """The id at the beginning of a label, or a bare id."""
    return label.partition(GAP)[0].strip()


def _other_names(model: ModelInfo) -> list[str]:
    """Names and aliases. Names with spaces always: words are typed with spaces, ids have none."""
    names = [model.name] if model.name and model.name != model.id else []
    menu = [name for name in model.documented_as if " " in name or _letters(name) not in _letters(model.id)]
    aliases = [alias for alias in model.aliases if _letters(alias) not in _letters(model.id)]
    return [*dict.fromkeys([*names, *menu]), *aliases[:_ALIASES]]


def _letters(name: str) -> str:
    return re.sub(r"\W", "", name).lower()


def tokens(count: int) -> str:
    """128000 -> 128K, 1048576 -> 1M."""
    if count < 1_000:
        return str(count)
    if count < 999_500:
        return f"{count / 1_000:.0f}K"
    return f"{count / 1_000_000:.1f}".removesuffix(".0") + "M"


def dollars(price: float) -> str:
    """A price per million tokens: $0.30, $2.50, $15, $0.075."""
    if price == round(price) and (price >= 10 or price == 0):
        return f"${price:.0f}"
    return f"${price:.2f}" if price == round(price, 2) else f"${price:.3g}"


def prices(model: ModelInfo) -> str:
    """$0.30/$2.50: in and out, per million tokens; "" when no price is known."""
    text = _filled(model, words.PRICES, words.PRICE_IN, words.PRICE_OUT)
    varies = model.price_varies and None not in (model.price_in, model.price_out)
    return words.PRICES_FROM.format(prices=text) if varies else text


def price_words(model: ModelInfo) -> str:
    """$0.30 in, $2.50 out per million tokens."""
    text = _filled(model, words.PRICES_PER_MILLION, words.PRICE_IN_PER_MILLION, words.PRICE_OUT_PER_MILLION)
    return words.PRICES_FROM.format(prices=text) if model.price_varies and text else text


def _filled(model: ModelInfo, both: str, only_in: str, only_out: str) -> str:
    """The template for the prices that are known, filled in; "" when none is."""
    if model.price_in is not None and model.price_out is not None:
        return both.format(price_in=dollars(model.price_in), price_out=dollars(model.price_out))
    if model.price_in is not None:
        return only_in.format(price_in=dollars(model.price_in))
    return only_out.format(price_out=dollars(model.price_out)) if model.price_out is not None else ""


def abilities(model: ModelInfo) -> list[str]:
    """The abilities beyond text that the list names, as short words."""
    return [word for capability, word in words.ABILITIES.items() if model.can(capability)]
