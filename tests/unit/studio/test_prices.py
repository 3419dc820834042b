"""What a run will cost, from a server's list; and what a guest's run takes out of the budget."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from stores import open_store

from backend.answer.cost import Price
from backend.catalog.pricing import UnitPrice, unit_prices
from backend.guests.ledger import Ledger
from backend.guests.metering import Account, OverBudget
from backend.guests.terms import GuestPolicy, Limit
from backend.studio import prices
from backend.studio.budget import RunBudget
from backend.studio.families import FAMILIES, Name
from backend.studio.models import StudioModel, find


def fixed(measure: str, price: float, per: float = 1) -> dict[str, Any]:
    return {"kind": "fixed", "currency": "USD", "units": [{"measure": measure, "price": price, "per": per}]}


def estimated(pricing: Any, family: Name, model: StudioModel | None = None, **body: Any) -> prices.Estimate | None:
    about = FAMILIES[family]
    return prices.estimate(unit_prices(pricing), model or StudioModel("m", family), about, about.own, body)


@pytest.mark.parametrize(
    ("family", "pricing", "body", "usd"),
    [
        ("image", fixed("image", 0.04), {"num_images": 3}, 0.12),
        ("image", fixed("image", 40, 1000), {}, 0.04),
        ("speech", fixed("characters", 15, 1_000_000), {"text": "x" * 2_000}, 0.03),
        ("video", fixed("second", 0.1), {"duration": 5}, 0.5),
        ("music", fixed("generation", 0.2), {"prompt": "x"}, 0.2),
        ("music", fixed("minute", 0.6), {"music_length_ms": 30_000}, 0.3),
        ("embeddings", fixed("token", 1, 1_000_000), {"input": ["abcd", "ef"]}, 3e-6),
    ],
)
def test_a_price_is_counted_by_its_unit(family: Name, pricing: Any, body: dict[str, Any], usd: float) -> None:
    found = estimated(pricing, family, **body)
    assert found is not None and found.high == pytest.approx(usd)


@pytest.mark.parametrize(
    ("family", "pricing"),
    [
        ("image", None),
        ("image", {"kind": "variable"}),
        ("image", {**fixed("image", 1), "currency": "EUR"}),
        ("image", fixed("image", -1)),
        ("image", fixed("image", 1, 0)),
        ("image", fixed("megapixel", 1)),
        ("image", fixed("moonbeam", 1)),
        ("image", fixed("token", 1)),
        ("video", fixed("second", 0.1)),
    ],
)
def test_an_unknown_price_is_not_guessed(family: Name, pricing: Any) -> None:
    assert estimated(pricing, family) is None


def test_variants_count_as_far_as_they_fit_the_request() -> None:
    model = find("alibaba/wan-2-6-t2v")
    assert model is not None
    rates = [
        {"when": {"resolution": resolution}, "price": price, "unit": "second", "per": 1}
        for resolution, price in (("720p", 0.1), ("1080p", 0.15))
    ]
    pricing = {"kind": "variants", "currency": "USD", "variants": rates}
    found = estimated(pricing, "video", model, resolution="720P", duration=5)
    assert found is not None and (found.low, found.high) == (pytest.approx(0.5),) * 2
    whole = estimated(pricing, "video", model, resolution="480p", duration=5)
    assert whole is not None and (whole.low, whole.high) == (pytest.approx(0.5), pytest.approx(0.75))


def test_conditions_on_what_is_no_parameter_stand_for_all() -> None:
    price = UnitPrice("image", 1.0, {"tier": "gold"})
    about = FAMILIES["image"]
    assert prices.estimate([price], StudioModel("m", "image"), about, about.own, {}) is not None


def test_a_guest_pays_what_it_costs_and_no_more(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'kept.db'}")
    try:
        limit = Limit("guest", "usd", "day", 200_000)
        account = Account(Ledger(store), "anna", GuestPolicy(limits=(limit,)))
        budget = RunBudget(account, 0.15)
        budget.reserve([{}])
        assert Ledger(store).usage("anna").micros == 150_000, "set aside before it begins"
        budget.pay(0.05)
        budget.release()
        assert Ledger(store).usage("anna").micros == 50_000
        failed = RunBudget(account, 0.1)
        failed.reserve([{}])
        failed.pay(None)
        failed.give_back(None)
        failed.release()
        assert Ledger(store).usage("anna").micros == 50_000
        unpriced = RunBudget(account, 0.0)
        unpriced.reserve([{}])
        unpriced.pay(0.01)
        unpriced.release()
        assert Ledger(store).usage("anna").micros == 60_000, "what has no price counts by what it did cost"
        several = RunBudget(account, 0.02)
        several.reserve([{}, {}])
        assert Ledger(store).usage("anna").micros == 100_000
        several.pay(0.03)
        several.release()
        assert Ledger(store).usage("anna").micros == 90_000, "dearer than it was said to be, and one was not begun"
        with pytest.raises(OverBudget):
            RunBudget(account, 0.16).reserve([{}])
        assert Ledger(store).usage("anna").micros == 90_000
        RunBudget(account, 0.0).give_back(0.05, budget.id)
        assert Ledger(store).usage("anna").micros == 40_000, "a run that was parked, and is found failed later"
    finally:
        store.close()


def test_a_batch_costs_half_of_its_words_and_of_answers_as_long_as_they_may_be() -> None:
    params = {"max_tokens": 1_000, "system": "ab", "messages": [{"role": "user", "content": "Hi"}]}
    body: Any = {"requests": [{"custom_id": str(place), "params": params} for place in range(10)]}
    found = prices.of_batch(Price(3.0, 15.0), body)
    assert found is not None
    assert found.high - found.low == pytest.approx(10 * 1_000 * 15 / 1e6 / 2)
    assert 0 < found.low < 0.001
    assert prices.of_batch(Price(3.0, None), body) is None and prices.of_batch(None, body) is None
