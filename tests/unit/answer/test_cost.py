"""Money and tokens: reported is reported, an estimate says so, and what nobody knows is never 0."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from backend.answer import cost
from backend.answer.cost import Price, Sum
from backend.attachments.attachment import data_url
from backend.tokens import tokens
from backend.types import ChatRequest, Media, Message, Timing, Tool, Usage

PRICE = Price(1.0, 10.0)
REQUEST = ChatRequest("m", (Message("user", "Name a colour of the sea."),))


def test_a_reported_cost_is_shown_as_it_is() -> None:
    assert cost.words(Message("assistant", "x", cost=0.00124, estimate=0.5)) == "$0.00124"


def test_an_estimate_is_marked_and_the_unknown_is_no_zero() -> None:
    assert cost.words(Message("assistant", "x", estimate=0.0025)) == "~$0.0025"
    assert cost.words(Message("assistant", "x")) == ""
    assert cost.words(Message("assistant", "x", estimate=0.0)) == "no cost"


def test_a_bill_that_is_looked_up_is_pending() -> None:
    assert cost.words(Message("assistant", "x", estimate=0.0025), pending=True) == "~$0.0025 (pending)"
    assert cost.words(Message("assistant", "x"), pending=True) == "cost pending"


def test_reported_tokens_times_the_price() -> None:
    message = Message("assistant", "Blue.", usage=Usage(1_000, 500))
    assert cost.estimate(PRICE, REQUEST, message) == pytest.approx(0.006)


def test_without_reported_tokens_the_text_is_measured() -> None:
    found = cost.estimate(PRICE, REQUEST, Message("assistant", "x" * 4_000))
    assert found == pytest.approx((tokens("x" * 4_000) * 10 + cost.tokens_in(REQUEST.messages)) / 1e6)


@pytest.mark.parametrize("price", [None, Price(), Price(1.0, None), Price(None, 1.0)])
def test_an_unknown_price_gives_no_estimate(price: Price | None) -> None:
    assert cost.estimate(price, REQUEST, Message("assistant", "Blue.")) is None


def test_a_request_that_failed_at_once_has_no_estimate_and_one_that_had_been_counted_has() -> None:
    assert cost.estimate(PRICE, REQUEST, Message("assistant", state="failed")) is None
    counted = Message("assistant", state="failed", usage=Usage(1_000, 500))
    assert cost.estimate(PRICE, REQUEST, counted) == pytest.approx(0.006)
    thought = Message("assistant", state="failed", reasoning="x" * 4_000)
    assert (cost.estimate(PRICE, REQUEST, thought) or 0) > 10 * tokens(thought.reasoning) / 1e6
    assert cost.add(Sum(), replace(counted, estimate=0.006)).usd == 0.006
    assert cost.add(Sum(), thought).unpriced == 1 and cost.add(Sum(), Message("assistant", state="failed")) == Sum()


def test_tools_and_thoughts_are_counted_beside_the_text() -> None:
    answer, parameters = Message("assistant", "Blue."), {"properties": {"name": {"description": "word " * 500}}}
    plain = cost.estimate(PRICE, REQUEST, answer) or 0
    asked = replace(REQUEST, tools=(Tool("colour", "Names a colour.", parameters),))
    assert (cost.estimate(PRICE, asked, answer) or 0) > plain + 450 / 1e6
    assert cost.estimate(PRICE, REQUEST, answer, answer, answer) == pytest.approx(
        plain + 2 * 10 * tokens("Blue.") / 1e6
    )


@pytest.mark.parametrize(("thoughts", "speed"), [("", 10), ("Hm.", 100)], ids=["hidden", "shown"])
def test_hidden_thoughts_count_before_the_first_token_and_not_as_speed(thoughts: str, speed: int) -> None:
    usage = Usage(10, 1_001, reasoning_tokens=900)
    answer = Message("assistant", "x", reasoning=thoughts, usage=usage, timing=Timing(20.0, 30.0))
    assert cost.speed(answer) == pytest.approx(speed)
    assert cost.speed(Message("assistant")) is None


def test_a_picture_that_came_has_no_price_of_text() -> None:
    drawn = Message("assistant", "Here it is.", media=(Media("image", "https://example.com/a.png"),))
    assert cost.estimate(PRICE, REQUEST, drawn) is None and cost.estimate(Price(0.0, 0.0), REQUEST, drawn) == 0


def test_tokens_that_a_server_counts_apart_are_in_the_sum() -> None:
    apart = Usage(3, 7, raw={"input_tokens": 3, "output_tokens": 7, "cache_read_input_tokens": 1_000})
    assert cost.add(Sum(), Message("assistant", "x", usage=apart)).tokens_in == 1_003


def test_the_cost_ahead_needs_only_the_price_of_input() -> None:
    assert cost.ahead(Price(2.0), 1_000) == pytest.approx(0.002)
    assert cost.ahead(Price(None, 2.0), 1_000) is None


def test_the_sum_tells_reported_from_estimated() -> None:
    total = Sum()
    for message in (
        Message("assistant", "a", cost=0.5, usage=Usage(10, 2)),
        Message("assistant", "b", estimate=0.25, usage=Usage(10, 2)),
        Message("assistant", "c"),
    ):
        total = cost.add(total, message)
    assert (total.usd, total.exact, total.unpriced, total.answers) == (0.75, False, 1, 3)
    assert (total.tokens_in, total.tokens_out, total.guessed) == (20, 5, True)
    assert cost.add(Sum(), Message("assistant", "c")).usd is None


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        (12.345, "$12.35"),
        (1234.5, "$1,234.50"),
        (0.5, "$0.50"),
        (0.125, "$0.125"),
        (0.00124, "$0.00124"),
        (0.000031, "$0.000031"),
        (0.0000001, "$0.0000001"),
        (0, "$0.00"),
        (-0.0, "$0.00"),
    ],
)
def test_small_amounts_keep_their_digits(usd: float, shown: str) -> None:
    assert cost.dollars(usd) == shown


def test_a_picture_in_the_conversation_counts_by_the_rule_of_the_model() -> None:
    Image.new("RGB", (400, 300)).save(file := io.BytesIO(), "PNG")
    picture = Media("image", data_url("image/png", file.getvalue()))
    asked = [Message("user", "What is it?", media=(picture,))]
    words = cost.tokens_in([Message("user", "What is it?")])
    assert cost.tokens_in(asked, "google/gemini-2.5-flash") == words + 258
    assert cost.tokens_in(asked, "anthropic/claude-sonnet-4") == words + 160
    assert cost.tokens_in(asked, "openai/gpt-4o") == words + 85 + 170
    elsewhere = replace(picture, url="https://example.com/a.png")
    assert cost.tokens_in([replace(asked[0], media=(elsewhere,))], "openai/gpt-4o") == words
