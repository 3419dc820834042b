"""Recorded runs on the pages: watched without a key, given away, refused in words, gone on from; nothing counts."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from basics import KEY
from fake_api import FakeAPI, stream
from runs import HELLO, TWO
from streamlit.testing.v1 import AppTest
from visiting import TOOLS, Open, conversation, items, say, well

from backend.demos import document, link
from backend.demos.recording import RecordedReply, Recording, Round, Talk
from backend.types import Message
from components.demos import words
from components.session import services

COMPARE = "pages/2_Compare.py"
SECRET = "sk-proj-8f3kQ29dLx7vB4mN6pR1sT5wY0zA"


pytestmark = pytest.mark.usefixtures("at_once")


def played(at: AppTest) -> AppTest:
    """The page once the recording is at its end."""
    until = time.monotonic() + 20
    while not at.session_state["session"].plays.player.over and time.monotonic() < until:
        time.sleep(0.02)
    return well(at.run())


def opened(at: AppTest, dialog: str) -> AppTest:
    at.session_state["session"].dialogs.open(dialog)
    return well(at.run())


def told(at: AppTest) -> str:
    kinds = (*at.markdown, *at.caption, *at.error, *at.warning)
    return "\n".join(found.value for found in kinds).replace("\\", "")


def kept(at: AppTest) -> list[str]:
    store = services.journals().store
    return [summary.id for summary in store.conversations(at.session_state["session"].owner)]


def test_without_a_key_the_tools_page_offers_a_recorded_run_first_and_plays_it(visit: Open, api: FakeAPI) -> None:
    at = visit(TOOLS, AIMLAPI_BASE_URL=api.url)
    first = next(button for button in at.main.button if button.key and button.key.startswith(("wide.", "example.")))
    assert first.label == words.WATCH_CARD
    opened(well(first.click().run()), "shelf")
    played(well(at.button(key="play.repaired-call").click().run()))
    said = conversation(at)
    assert said[0] == ("user", "Is my order no. 1042 late?") and "4 days late" in said[-1][1]
    assert words.COMPOSED in told(at)
    assert not any(
        {"regenerate", "edit", "delete"} & {*item["footer"]["actions"]} for item in items(at) if item["footer"]
    )
    assert not any(button.key.startswith(("rewind", "repeat")) for button in at.main.button if button.key)
    assert api.asked == [] and kept(at) == []


def test_a_link_plays_and_what_is_asked_then_goes_on_in_a_new_chat(visit: Open, api: FakeAPI) -> None:
    query = {"play": link.encode(replace(TWO, recorded=1_764_000_000.0))}
    at = played(visit(query=query, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url))
    assert [text for _, text in conversation(at)] == ["One?", "Hello", "Two?", "Hello"]
    assert "Recorded on 24 November 2025 with fake/alpha" in told(at) and "play" not in at.query_params
    at.session_state["session"].inspect(at.session_state["session"].chats.current.conversation.leaf)
    keys = {button.key for button in well(at.run()).main.button}
    assert not keys & {"inspect.send", "inspect.probabilities"}
    at.session_state["session"].inspect(at.session_state["session"].inspected, "explained")
    well(at.run())
    assert "25 cents" in told(at) and "nothing was sent just now" in told(at)
    at.session_state["session"].close_inspector()
    well(at.run())
    assert "0.25" in items(at)[-1]["footer"]["quiet"] and "0.25" not in told(at)
    assert at.session_state["session"].asker.spending.total.usd in (None, 0)
    api.play(stream("Three."))
    say(at, "Three?")
    at.session_state["session"].chats.current.turn.join(20)
    well(at.run())
    assert [message["content"] for message in api.asked[-1].body["messages"]] == [
        "One?",
        "Hello",
        "Two?",
        "Hello",
        "Three?",
    ]
    assert len(kept(at)) == 1 and "Recorded on" not in told(at)


def test_a_question_that_failed_in_a_recording_is_not_put_into_the_message_box(visit: Open) -> None:
    failed = replace(HELLO, chunks=(), replies=(RecordedReply(401, 0.1),), ending="failed")
    at = played(
        visit(query={"play": link.encode(replace(TWO, talks=(Talk(Message("user", "?"), (Round(failed),)),)))})
    )
    assert at.error and not at.chat_input[0].value and at.session_state["session"].composer.draft == ""
    assert not [button.key for button in at.main.button if button.key and button.key.startswith("failure")]


def key_inside() -> str:
    question = Message("user", f"My key is {SECRET}")
    return link.encode(replace(TWO, talks=(Talk(question, (Round(HELLO),)),)))


def half() -> str:
    cut = replace(HELLO, chunks=HELLO.chunks[:1])
    return link.encode(replace(TWO, talks=(Talk(Message("user", "?"), (Round(cut),)),)))


@pytest.mark.parametrize(
    ("text", "why"),
    [("1AAAA", "damaged"), (key_inside(), "looks like a key"), (half(), "come to its end")],
    ids=["damaged", "a key inside", "half a play"],
)
def test_a_recording_that_cannot_be_played_says_why(visit: Open, text: str, why: str) -> None:
    at = visit(query={"play": text})
    assert why in told(at) and SECRET not in told(at)
    assert at.session_state["session"].plays.player is None and conversation(at) == []


def test_a_conversation_is_recorded_and_a_key_in_it_is_refused(at: AppTest, api: FakeAPI) -> None:
    api.play(stream("Hello", " you"))
    say(at, "Hi")
    at.session_state["session"].chats.current.turn.join(20)
    well(well(at.run()).button(key="record").click().run())
    preview = json.loads(next(found.value for found in at.get("json")))
    recording: Recording = document.recording(preview)
    assert (recording.title, recording.rounds[0].answer.model) == ("Hi", "google/gemini-2.5-flash")
    assert KEY not in json.dumps(preview) and api.url not in json.dumps(preview)
    api.play(stream(*SECRET))
    say(at, "And your key?")
    at.session_state["session"].chats.current.turn.join(20)
    well(well(at.run()).button(key="record").click().run())
    assert "answer 2" in told(at) and SECRET not in at.error[0].value and not at.get("json")


def test_closing_a_play_brings_back_what_was_there(at: AppTest, api: FakeAPI) -> None:
    api.play(stream("Hello"))
    say(at, "Mine")
    at.session_state["session"].chats.current.turn.join(20)
    before = conversation(well(at.run()))
    opened(at, "shelf")
    played(well(at.button(key="play.reasoning").click().run()))
    assert conversation(at) != before
    assert conversation(well(at.button(key="play.close").click().run())) == before


def test_a_recorded_race_plays_and_a_question_goes_into_a_race_of_ones_own(visit: Open, api: FakeAPI) -> None:
    at = visit(COMPARE, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    played(well(opened(at, "shelf").button(key="play.race").click().run()))
    assert [text for who, text in conversation(at) if who == "assistant" and "2 nights" in text]
    assert words.COMPOSED in told(at) and "example/small" not in told(at)
    keys = {button.key for button in at.main.button if button.key}
    assert not keys & {"race.add", "share"} and not any(key.endswith(".stop") for key in keys)
    assert api.asked == [] and kept(at) == []
    say(at, "And yours?")
    race = at.session_state["session"].chats.race_chat.race
    assert not race.played and [lane.answer for lane in race.lanes] == [None, None]
    assert at.chat_input[0].value == "And yours?" and api.asked == []


def test_a_race_is_recorded_whole(visit: Open, api: FakeAPI) -> None:
    at = visit(COMPARE, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    api.play(stream("Yes."))
    say(at, "One?")
    at.session_state["session"].chats.race_chat.race.join(20)
    well(well(at.run()).button(key="record").click().run())
    recording = document.recording(json.loads(next(found.value for found in at.get("json"))))
    assert (recording.page, recording.title, len(recording.lanes)) == ("Compare", "One?", 2)
    assert [lane.settings.model for lane in recording.lanes] == recording.models
    assert api.url not in document.export(recording) and KEY not in document.export(recording)
