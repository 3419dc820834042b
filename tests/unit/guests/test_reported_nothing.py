"""A budget is not free because a server reports nothing: of reported and counted the larger counts."""

from __future__ import annotations

from typing import Any

import pytest
from basics import QUICK, ask
from fake_api import FakeAPI, events

from backend.answer.turn import Turn
from backend.catalog import ModelInfo
from backend.guests.ledger import Amount, Ledger
from backend.guests.metering import Account, MeteredSource
from backend.guests.terms import GuestPolicy
from backend.transport.client import ChatClient, Endpoint

LONG = "word " * 4_000  # 20 kB: some 5,000 tokens
ANSWER = "blue " * 400  # 2 kB: some 500 tokens


def dear(model: str) -> ModelInfo:
    return ModelInfo(model, price_in=1.0, price_out=10.0, other_prices={"cached": 0.1})


def used(api: FakeAPI, memory: Ledger, usage: Any, info: Any = dear, **more: Any) -> Amount:
    """What a long question and its answer take of the budget, when the server reports `usage`."""
    whole = {"choices": [{"delta": {"content": ANSWER}, "finish_reason": "stop"}], "usage": usage, **more}
    api.play(events(whole, "[DONE]"))
    client = ChatClient(Endpoint(api.url, "sk-owner-0123456789"), QUICK)
    turn = Turn(MeteredSource(client, Account(memory, "anna", GuestPolicy(), info)), ask(LONG)).start().join(20)
    turn._thread.join(20)
    assert turn.message.content == ANSWER
    return memory.usage("anna")


@pytest.mark.parametrize("count", [0, -1, -(10**9), None, "", "0", "none", [], {}, True, 1e300, "NaN", "-7", 1])
def test_a_server_that_reports_nothing_makes_nothing_free(api: FakeAPI, memory: Ledger, count: Any) -> None:
    amount = used(api, memory, {"prompt_tokens": count, "completion_tokens": count, "total_tokens": count})
    assert 5_500 <= amount.tokens <= 8_000
    assert 10_000 <= amount.micros <= 14_000


def test_a_free_prompt_beside_a_real_answer_is_counted(api: FakeAPI, memory: Ledger) -> None:
    amount = used(api, memory, {"prompt_tokens": 0, "completion_tokens": 363, "total_tokens": 363})
    assert amount.tokens >= 5_000 + 363


PARTS = {
    "reasoning beside the answer": (
        19_000,
        {"completion_tokens_details": {"reasoning_tokens": 8_000}},
        10_000 + 90_000,
    ),
    "nine tenths from the cache": (
        11_000,
        {"prompt_tokens_details": {"cached_tokens": 9_000}},
        1_000 + 900 + 10_000,
    ),
}


@pytest.mark.parametrize(("total", "details", "micros"), PARTS.values(), ids=PARTS)
def test_every_part_of_the_usage_has_its_own_price(
    api: FakeAPI, memory: Ledger, total: int, details: dict[str, Any], micros: int
) -> None:
    usage = {"prompt_tokens": 10_000, "completion_tokens": 1_000, "total_tokens": total, **details}
    assert used(api, memory, usage) == Amount(1, total, micros)


HONEST = {"prompt_tokens": 5_000, "completion_tokens": 500, "total_tokens": 5_500}


@pytest.mark.parametrize("bill", [0, -1, 1e300, "NaN", None])
def test_a_bill_of_nothing_makes_nothing_free(api: FakeAPI, memory: Ledger, bill: Any) -> None:
    assert used(api, memory, HONEST, meta={"usage": {"usd_spent": bill}}).micros == 10_000


def test_a_model_known_to_be_free_costs_nothing(api: FakeAPI, memory: Ledger) -> None:
    free = used(api, memory, HONEST, lambda model: ModelInfo(model, price_in=0.0, price_out=0.0))
    assert (free.tokens, free.micros) == (5_500, 0)


def test_a_bill_in_credits_is_a_bill(api: FakeAPI, memory: Ledger) -> None:
    assert used(api, memory, HONEST, meta={"usage": {"credits_used": 50_000}}).micros == 25_000
