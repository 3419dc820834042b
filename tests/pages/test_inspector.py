"""What is told of an answer, without a browser: its quiet line, the inspector."""

from __future__ import annotations

import json

import pytest
from basics import KEY
from fake_api import USAGE, FakeAPI, chunk, error, events, reply, stream, tool_stream
from keys import leaked
from rich_api import RichAPI, speed
from sqlalchemy import text
from streamlit.testing.v1 import AppTest
from visiting import TOOLS, Open, items, reload_tab, say, set_, well

from backend.answer import exchange_json
from backend.local import SMOLLM2
from backend.protocol import wire
from backend.types import Message
from components.session import services


def inspected(at: AppTest) -> int:
    """Open the inspector on the last answer, as a click on its button does: AppTest clicks in no view."""
    session = at.session_state["session"]
    node = int(items(at)[-1]["id"])
    session.actions.do("inspect", node)
    well(at.run())
    return node


def quiet(at: AppTest) -> str:
    """The quiet line of the last answer, and the captions of the page."""
    captions = [found.value for found in at.caption]
    footer = items(at)[-1]["footer"]
    return "\n".join([footer["quiet"], footer["details"], *captions]).replace("\\", "")


def test_the_quiet_line_tells_tokens_times_and_the_reported_cost(at: AppTest, api: FakeAPI) -> None:
    usage = {**USAGE, "completion_tokens_details": {"reasoning_tokens": 2}}
    bill = {"meta": {"usage": {"credits_used": 2480, "usd_spent": "0.001240000"}}}
    said = [chunk({"content": "Blue."}, "length"), chunk(choices=[], usage=usage), bill]
    api.play(events(*said, "[DONE]"))
    words = quiet(say(at, "Colour?"))
    for part in (
        "3 tokens in",
        "5 tokens out · 2 of them reasoning",
        "first token",
        "$0.00124",
        "stopped at the length limit",
        "next: ~",
    ):
        assert part in words
    assert "Session: $0.00124" in quiet(well(at.run()))


SURE = [{"token": word, "logprob": -0.5, "top_logprobs": []} for word in ("Hel", "lo")]


def test_coloured_words_are_two_clicks_away_and_leave_the_settings_alone(at: AppTest, api: FakeAPI) -> None:
    asked = chunk(choices=[{"index": 0, "delta": {"content": "Hello"}, "logprobs": {"content": SURE}}])
    api.play([stream("Hello"), events(asked, chunk({}, "stop"), "[DONE]")])
    say(at, "Hi")
    first = items(at)[-1]
    assert "ask colours" in first["footer"]["menu"] and "colours" not in first["footer"]["menu"]
    session = at.session_state["session"]
    session.actions.do("ask colours", int(first["id"]))
    session.chats.current.turn.join(20)
    well(at.run())
    body = api.asked[-1].body
    assert (body["logprobs"], body["top_logprobs"]) == (True, 5)
    last = items(at)[-1]
    assert last["id"] != first["id"] and "colours" in last["footer"]["menu"]
    assert last["footer"]["branch"]["label"] == "2 / 2", "the answer before it is still there"
    assert at.session_state[f"inspect.tabs.{last['id']}"] == "Tokens" and "heat" in drawn(at)
    session.close_inspector()
    say(well(at.run()), "Again")
    assert "logprobs" not in api.asked[-1].body


def drawn(at: AppTest) -> set[str]:
    return {found.proto.component_name for found in at.get("bidi_component")}


def test_colours_are_not_offered_where_the_model_or_server_gives_none(visit: Open, rich: RichAPI) -> None:
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)
    set_(at, "model.configured", "anthropic/claude-opus-4-5")
    say(at, "Hi")
    assert "ask colours" not in items(at)[-1]["footer"]["menu"] and "explain" in items(at)[-1]["footer"]["menu"]
    assert "will probably refuse them" in on(at, "Tokens")


# ---- after a reload ---------------------------------------------------------------------------------------


def on(at: AppTest, tab: str) -> str:
    """All that a tab of the inspector says about the last answer."""
    at.session_state[f"inspect.tabs.{items(at)[-1]['id']}"] = tab
    inspected(at)
    shown = next(found for found in at.tabs if found.label == tab)
    return "\n".join(str(getattr(found, "value", "")) for found in shown)


@pytest.mark.parametrize("reload", [False, True])
def test_every_tab_says_the_same_after_a_reload(visit: Open, at: AppTest, api: FakeAPI, reload: bool) -> None:
    api.play([error(503), stream(f"You sent {KEY}.", " Hello", usage=USAGE)])
    set_(at, "parameter.temperature", 0.5)
    say(at, "What did I send?")
    if reload:
        at = reload_tab(visit, at)
        set_(at, "parameter.temperature", 1.5)
    told = {tab: on(at, tab) for tab in ("Overview", "Request", "Response", "Chunks", "Code")}
    assert any("Kept from" in caption.value for caption in at.caption) is reload
    assert [tab.label for tab in at.tabs[-2:]] == ["Diff", "Tokens"]
    for mark in ("request sent", "headers: 503", "failed, again in", "first token", "complete"):
        assert mark in told["Overview"]
    assert f"POST {api.url}/chat/completions" in told["Request"] and "Bearer [key]" in told["Request"]
    assert '"temperature": 0.5' in told["Request"] and "sent 2 times" in told["Request"].lower()
    assert "HTTP 200" in told["Response"] and "chunks, times in seconds" in told["Chunks"]
    assert '"temperature": 0.5' in told["Code"] and "settings of now" not in "".join(told.values())
    assert leaked(KEY, *told.values()) == []


def test_an_edited_request_is_sent_after_a_reload(visit: Open, at: AppTest, api: FakeAPI) -> None:
    set_(at, "parameter.temperature", 0.5)
    at = reload_tab(visit, say(at, "Hi"))
    on(at, "Request")
    (field,) = [found for found in at.text_area if found.label == "Request body (JSON)"]
    assert json.loads(field.value) == api.asked[-1].body and api.asked[-1].body["temperature"] == 0.5
    field.set_value(json.dumps({**json.loads(field.value), "odd": 1}))
    well(at.button(key="inspect.send").click().run())
    assert api.asked[-1].body["odd"] == 1 and "edited by hand" in quiet(at)


def test_a_request_of_another_conversation_is_compared(visit: Open, at: AppTest, api: FakeAPI) -> None:
    api.play([stream("The sea is blue."), stream("The sea is green.")])
    set_(at, "parameter.temperature", 0.5)
    say(at, "Colour of the sea?")
    first = at.session_state["session"].chats.id
    at.session_state["session"].chats.new()
    set_(well(at.run()), "parameter.temperature", 1.0)
    at = reload_tab(visit, say(at, "And of the sky?"))
    on(at, "Diff")
    (where,) = [found for found in at.selectbox if found.label == "Of the conversation"]
    assert where.options[0] == "This one" and where.options[1].startswith("Colour of the sea? · 20")
    well(where.set_value(first).run())
    told = on(at, "Diff")
    assert "temperature" in told and "0.5" in told and "messages[0].content" in told
    assert [found.label for found in at.selectbox if "1. " in "".join(found.options)] == ["Compare with"]


def test_a_rounds_exact_request_can_be_repeated_after_a_reload(visit: Open, tools: AppTest, api: FakeAPI) -> None:
    api.play([tool_stream(("a", "current_time", "{}")), stream("It is noon.")])
    say(tools, "What time is it?")
    at = reload_tab(visit, tools, TOOLS)
    first = api.asked[0].body
    assert first["tools"]
    buttons = [found for found in at.button if found.label == "Run again 5 times"]
    assert len(buttons) == 1
    well(buttons[0].click().run())
    assert [request.body for request in api.asked[-5:]] == [first] * 5


def test_a_request_too_large_to_keep_says_so_and_is_not_sent_again(
    visit: Open, at: AppTest, api: FakeAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_json, "BODY", 3_000)
    monkeypatch.setattr(exchange_json, "RAW", 300)
    api.play(stream(*["word "] * 20))
    at = reload_tab(visit, say(at, "word " * 1_000))
    told = on(at, "Request")
    assert "characters, too many to be kept)" in told
    assert "Not all of the body is kept" in told
    assert not [found for found in at.text_area if found.label == "Request body (JSON)"]
    assert "of them were more than is kept" in on(at, "Chunks") and "Not all of the body" in on(at, "Code")


def test_a_refusal_is_tried_again_after_a_reload_as_it_was_sent(visit: Open, at: AppTest, api: FakeAPI) -> None:
    api.play([error(429, "Slow down.", {"Retry-After": "61"}), stream("Hello")])
    set_(at, "parameter.temperature", 0.5)
    at = set_(reload_tab(visit, say(at, "Hi")), "parameter.temperature", 1.5)
    request = at.session_state["session"].exchanges.request(int(items(at)[-1]["id"]))
    assert wire.payload(request) == api.asked[-1].body and request.again


def test_an_answer_whose_exchange_is_not_kept_says_so(visit: Open, at: AppTest, api: FakeAPI) -> None:
    at = reload_tab(visit, say(at, "Hi"))
    store = services.journals().store
    store._write(lambda connection: connection.execute(text("DELETE FROM exchanges")))
    for tab in ("Overview", "Request", "Response", "Chunks"):
        assert "for the last answers of a conversation only" in on(at, tab)


def test_the_providers_figures_are_there_when_the_inspector_is_opened_first(visit: Open, rich: RichAPI) -> None:
    rich.measured = reply({"models": [speed("fake/alpha", 400, 80)], "window_seconds": 300})
    at = say(visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url, PLAYGROUND_MODEL="fake/alpha"), "Hi")
    assert "The provider measures for everybody right now: first token 0.40 s" in on(at, "Overview")


# ---- what just happened? ----------------------------------------------------------------------------------


def explained(at: AppTest) -> str:
    at.session_state["session"].actions.do("explain", int(items(at)[-1]["id"]))
    well(at.run())
    return next(found.value for found in at.markdown if found.value.startswith("1. ")).replace("\\", "")


@pytest.mark.parametrize("reload", [False, True])
def test_the_five_sentences_about_an_answer_survive_a_reload(
    visit: Open, at: AppTest, api: FakeAPI, reload: bool
) -> None:
    api.play(stream("Hello", usage=USAGE))
    set_(at, "parameter.temperature", 0.5)
    say(at, "Hi")
    if reload:
        at = reload_tab(visit, at)
    assert "explain" in items(at)[-1]["footer"]["menu"]
    told = explained(at)
    assert len(told.split("\n")) == 5
    assert "with temperature 0.5 set: 3 tokens" in told and "at 127.0.0.1" in told and "had said all" in told
    well(at.button(key="explained.figures").click().run())
    assert at.tabs[0].label == "Overview", "all figures are one click from there"


def test_an_answer_from_a_file_is_not_said_to_come_from_this_computer(visit: Open) -> None:
    at = visit()
    chat = at.session_state["session"].chats.current
    chat.conversation.add(
        Message("assistant", "Hi", model=SMOLLM2.id), chat.conversation.add(Message("user", "?"), None)
    )
    told = explained(well(at.run()))
    assert "computer" not in told and told.startswith("1. It went to ")
