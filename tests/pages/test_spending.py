"""What was spent and what comes next, beside the message box, by AppTest."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable

import pytest
from basics import KEY
from fake_api import FakeAPI, error, events, reply, stream
from rich_api import RichAPI, everything, row
from streamlit.testing.v1 import AppTest
from visiting import Open, items, say, well

from backend.answer import billing
from components.chat import spending

BILLED = [
    {"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]},
    {"meta": {"usage": {"credits_used": 2_000}}},
    "[DONE]",
]


@pytest.fixture
def rich(rich: RichAPI) -> RichAPI:
    rich.listing = reply({"data": everything(row("google/gemini-2.5-flash", "Gemini", 0.5))})
    return rich


@pytest.fixture
def at(visit: Open, rich: RichAPI) -> AppTest:
    return visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)


def meter(at: AppTest) -> str:
    captions = (found.value.replace("\\", "") for found in at.caption)
    return next((text for text in captions if "next: " in text or "Session: " in text), "")


def quiet(at: AppTest) -> str:
    return str(items(at)[-1]["footer"]["quiet"])


def test_before_the_first_message_the_price_of_what_is_typed_is_told(at: AppTest) -> None:
    assert meter(at) == "next: what you type, $0.0005 for 1,000 tokens"


def test_an_attached_file_is_counted_before_it_is_sent(at: AppTest) -> None:
    at.session_state["session"].composer.pending.attach("a.txt", b"word " * 4_000)
    assert "next: ~4K tokens, ~$0.00184 before the answer" in meter(well(at.run()))


def test_the_browser_is_told_what_to_add_what_is_typed_to(at: AppTest) -> None:
    drawn = (found.proto for found in at.get("bidi_component") if found.proto.component_name == "conversation")
    ahead = next(data["ahead"] for proto in drawn if "ahead" in (data := json.loads(proto.bytes)))
    assert (ahead["spent"], ahead["tokens"], ahead["price"]) == ("", 0, 0.5)
    assert ahead["priced"].format(tokens=1, amount="$1") == "next: ~1 tokens, ~$1 before the answer"
    assert (ahead["room"], ahead["limit"]) == (128_000, 128_000)
    assert ahead["over"].startswith("About {tokens} tokens: gemini-2.5-flash takes 128K.")


def test_a_bill_in_credits_is_shown_and_what_was_spent_survives_a_reload_but_is_not_that_of_another_day(
    at: AppTest, visit: Open, rich: RichAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    rich.play([events(*BILLED), events(*BILLED)])
    say(at, "Hello")
    assert "Session: $0.001 " in meter(well(at.run()))
    address, key = (
        {"c": at.session_state["session"].chats.id},
        {"AIMLAPI_API_KEY": KEY, "AIMLAPI_BASE_URL": rich.url},
    )
    assert meter(visit(query=address, **key)).startswith("Session: $0.001 ")
    monkeypatch.setattr("components.session.spending._LATELY", -1.0)
    another_day = visit(query=address, **key)
    assert meter(another_day).startswith("Chat: $0.001 ")
    say(another_day, "More")
    assert meter(well(another_day.run())).startswith("Session: $0.001 · chat: $0.002 ")


def test_each_conversation_has_its_own_total(at: AppTest, rich: RichAPI) -> None:
    rich.play([events(*BILLED), events(*BILLED)])
    say(at, "Hello")
    say(well(at.button(key="new_chat").click().run()), "Hello")
    assert "Session: $0.002 · chat: $0.001" in meter(well(at.run()))


@pytest.mark.parametrize("status", [400, 429, 500])
def test_a_refused_request_has_no_cost_and_none_to_come(
    at: AppTest, rich: RichAPI, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(billing, "PAUSES", (5.0,))
    rich.play(lambda _: error(status, "No.", headers={"Retry-After": "999"}))
    say(at, "Hello")
    assert "cost" not in quiet(at)
    assert "Session" not in meter(at)
    assert not at.session_state["session"].asker.spending.bills_to_come


def test_a_late_bill_is_watched_for_and_shown(at: AppTest, rich: RichAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream may never say what it cost: the usage log does. The page draws itself anew when that has come."""
    come = threading.Event()
    watched: list[Callable[[float], bool]] = []
    monkeypatch.setattr(billing, "_wait_for_cost", lambda *_: 0.0031 if come.wait(20) else None)
    monkeypatch.setattr(spending, "watch", watched.append)
    rich.play(stream("Hello"))
    say(at, "Hello")
    assert "pending" in quiet(well(at.run()))
    assert not watched[-1](0)
    turn = at.session_state["session"].chats.current.turn
    come.set()
    while turn.pending:
        time.sleep(0.01)
    assert watched[-1](0)
    assert "$0.0031" in quiet(well(at.run()))
    assert "Session: $0.0031" in meter(at)


def test_input_tokens_are_shown_only_where_the_server_reports_them(visit: Open, api: FakeAPI) -> None:
    api.play(stream("Hello there"))
    at = say(visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url), "Hi")
    assert meter(at).startswith("Session: ~") and " out" in meter(at) and " in," not in meter(at)
