"""A recorded race plays: every lane its own answers by one clock, and a file of one is read as strictly as any."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chats import Asker
from fake_api import FakeAPI, stream
from runs import HELLO, TWO, piece, play_race

from backend.answer.exchange_record import record_of as exchange_of
from backend.compare.lane_settings import Overrides
from backend.compare.race import Race
from backend.demos import document, link, making
from backend.demos.making import NothingToRecord
from backend.demos.racing import PlayedRace, play
from backend.demos.recording import Answer, RecordedLane, Recording, Round, Talk
from backend.demos.secrets import secrets_in
from backend.demos.shelf import shelf
from backend.demos.trial import rehearse
from backend.transport.client import ChatClient
from backend.types import Message
from backend.untrusted import Unreadable

SECRET = "sk-proj-8f3kQ29dLx7vB4mN6pR1sT5wY0zA"
Q = Message("user", "One?")
SLOW = Answer("fake/beta", chunks=(piece(80, "Later"), piece(90, finish="stop")))
RACE = Recording(
    "Two at once",
    (),
    "Compare",
    lanes=(
        RecordedLane(Overrides(model="fake/alpha", parameters={"temperature": 1.5}), (Talk(Q, (Round(HELLO),)),)),
        RecordedLane(Overrides(model="fake/beta", system_prompt="Be late."), (Talk(Q, (Round(SLOW),)),)),
    ),
)


@pytest.mark.parametrize("recording", [RACE, shelf()["race"]], ids=lambda one: one.title)
def test_a_file_and_a_link_give_the_same_race_and_it_plays_to_its_end(recording: Recording) -> None:
    assert document.read(document.export(recording)) == recording
    assert link.decode(link.encode(recording)) == recording
    assert len(rehearse(recording)) == len(recording.rounds)
    chat = play_race(recording)
    assert chat.player.over and not chat.running
    for lane, kept in zip(chat.race.lanes, recording.lanes, strict=True):
        assert (lane.changes, lane.state) == (kept.settings, "done")
        assert lane.newest and lane.newest.content


def test_every_lane_has_the_times_of_its_recording() -> None:
    first, second = (lane.newest for lane in play_race(RACE).race.lanes)
    assert first and second
    assert (first.content, second.content) == ("Hello", "Later")
    assert (first.timing.first_token or 0) >= 40 and (second.timing.first_token or 0) >= 80
    assert RACE.seconds == 90 and RACE.models == ["fake/alpha", "fake/beta"]


def test_nothing_is_asked_in_a_race_that_plays_and_its_lanes_are_not_lined_up_again() -> None:
    chat = play_race(RACE)
    chat.race.send("More?")
    assert [len(lane.chat.conversation.path()) for lane in chat.race.lanes] == [2, 2]
    fresh = Race(lambda lane: pytest.fail("asked"))
    fresh.line_up(chat.race)
    assert fresh.lanes == []


def test_a_race_that_was_run_is_recorded_with_what_each_lane_asked(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Yes."))
    race = Race(lambda lane: Asker(client))
    race.add(Overrides(parameters={"temperature": 0.0}))
    race.add(Overrides(connection="other", system_prompt="Be kind."))
    race.send("One?")
    race.join(20)
    records = {node: exchange_of(turn) for lane in race.lanes for node, turn in recent(lane)}
    lanes = [(lane.changes, lane.chat.conversation.path()) for lane in race.lanes]
    recording = making.recorded_race(lanes, records.get, "Mine")
    assert [lane.settings for lane in recording.lanes] == [
        Overrides(parameters={"temperature": 0.0}),
        Overrides(system_prompt="Be kind."),
    ]
    assert "other" not in document.export(recording) and api.url not in document.export(recording)
    played = play_race(recording)
    assert [lane.newest and lane.newest.content for lane in played.race.lanes] == ["Yes.", "Yes."]
    with pytest.raises(NothingToRecord):
        making.recorded_race(
            [(lane.changes, lane.chat.conversation.path()) for lane in race.lanes], lambda node: None
        )


def recent(lane: Any) -> list[Any]:
    answer = lane.answer
    return [(answer.id, lane.chat.recent.get(answer.id))]


def written() -> Any:
    return json.loads(json.dumps(document.document(RACE)))


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "one lane": ({"lanes": written()["lanes"][:1]}, "has 2 to 6 lanes"),
    "seven lanes": ({"lanes": [*written()["lanes"]] * 4}, "too long"),
    "no lanes": ({"lanes": None}, "not a list"),
    "lanes of the wrong type": ({"lanes": [1, 2]}, "not a list"),
    "a lane that says nothing": ({"lanes": [{"model": "x"}, *written()["lanes"]]}, "nothing to play"),
    "tools": ({"tools": [{"name": "f", "parameters": {}}]}, "page of tools"),
}


@pytest.mark.parametrize(("change", "why"), BAD.values(), ids=BAD)
def test_a_malformed_race_is_refused_in_words(change: dict[str, Any], why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        document.read(json.dumps({**written(), **change}))


def test_a_key_in_the_settings_of_a_lane_is_found() -> None:
    item = written()
    item["lanes"][1]["system_prompt"] = SECRET
    recording = document.recording(item)
    assert secrets_in(recording, rehearse(recording))[0].startswith("the settings of a lane")


def test_a_recording_plays_as_a_race_or_as_a_chat() -> None:
    assert isinstance(play(RACE, lambda: True), PlayedRace)
    assert not isinstance(play(TWO, lambda: True), PlayedRace)
