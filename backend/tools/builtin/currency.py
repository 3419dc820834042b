"""Converts currencies by a bundled table of one day's rates. It reports that day and does NOT know today's
rates.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypedDict

from pydantic import Field

_TABLE = Path(__file__).parents[2] / "data" / "rates.json"
# fmt: off
Currency = Literal[
    "EUR", "USD", "JPY", "CZK", "DKK", "GBP", "HUF", "PLN", "RON", "SEK", "CHF", "ISK", "NOK", "TRY", "AUD", "BRL",
    "CAD", "CNY", "HKD", "IDR", "ILS", "INR", "KRW", "MXN", "MYR", "NZD", "PHP", "SGD", "THB", "ZAR",
]
# fmt: on


class Table(TypedDict):
    """The bundled table of rates."""

    date: str
    source: str
    per_euro: dict[str, float]


def convert_currency(
    amount: Annotated[float, Field(description="How much money, for example 250.", ge=-1e15, le=1e15)],
    currency: Annotated[Currency, Field(description="The currency of `amount`, three letters: USD.")],
    to: Annotated[Currency, Field(description="The currency to convert to: EUR.")],
) -> dict[str, object]:
    """Convert an amount of money to another currency. The rates are those of one day, which stands in the result as
    `date`: tell it along with the amount, because today's rates differ.
    """
    table = rates()
    rate = table["per_euro"][to] / table["per_euro"][currency]
    return {
        "amount": round(amount * rate, 2),
        "currency": to,
        "rate": float(f"{rate:.6g}"),
        "date": table["date"],
        "source": table["source"],
    }


@cache
def rates() -> Table:
    """The bundled table: the day, who set the rates, and how much of each currency one euro bought."""
    table: Table = json.loads(_TABLE.read_text("utf-8"))
    return table
