"""A race asks all its lanes at once, and what happens to one of them is none of the others' business."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from chats import LONG, Asker, sent_messages
from fake_api import HANG, FakeAPI, Request, completion, error, stream

from backend.answer.turn import Turn
from backend.compare.lane import Lane
from backend.compare.lane_settings import Overrides
from backend.compare.race import MOST, Race, TooManyLanes
from backend.errors import APIError
from backend.store import Journals, Store, StoreError, Unavailable
from backend.transport.client import ChatClient
from backend.types import ChatRequest, Message, Tool

ME = "me"


class LaneAsker(Asker):
    """Asks for one lane: with its model and its parameters."""

    def __init__(self, client: ChatClient, lane: Lane) -> None:
        super().__init__(client)
        self.changes = lane.changes

    def __call__(
        self, transcript: list[Message], tools: tuple[Tool, ...], *, more: bool, before: Message | None = None
    ) -> Turn:
        model = self.changes.model or "fake/alpha"
        return Turn(self.client, ChatRequest(model, tuple(transcript), dict(self.changes.parameters)), before)


@pytest.fixture
def race(client: ChatClient) -> Iterator[Race]:
    made = Race(lambda lane: LaneAsker(client, lane))
    yield made
    made.stop()


def by_model(**replies: object) -> object:
    """A server with models of these names."""

    def play(request: Request) -> object:
        return replies[request.body["model"]]

    return play


def lanes(race: Race, *models: str) -> Race:
    for model in models:
        race.add(Overrides(model=model))
    return race


def texts(race: Race) -> list[str]:
    return [lane.newest.content if lane.newest else "" for lane in race.lanes]


def test_all_lanes_are_asked_at_once(race: Race, api: FakeAPI) -> None:
    """No answer begins before every question is there: one after the other they would wait for ever."""
    all_there = threading.Event()
    api.play(lambda request: stream(all_there, request.body["model"]))
    lanes(race, "a", "b", "c", "d", "e", "f").send("Hi")
    while len(api.asked) < MOST:
        assert all(lane.state == "running" for lane in race.lanes)
    all_there.set()
    assert texts(race.join(LONG)) == ["a", "b", "c", "d", "e", "f"]
    assert [lane.state for lane in race.lanes] == ["done"] * MOST


def test_a_lane_that_fails_and_one_that_is_silent_do_not_disturb_the_others(race: Race, api: FakeAPI) -> None:
    api.play(by_model(good=stream("Fine"), bad=error(400, "no"), silent=stream("Well", HANG), other=stream("Too")))
    lanes(race, "good", "bad", "silent", "other").send("Hi")
    good, bad, silent, other = race.lanes
    for lane in (good, bad, other):
        assert lane.chat.turn
        lane.chat.turn.join(LONG)
    assert (good.state, bad.state, other.state) == ("done", "failed", "done")
    assert silent.state == "running" and race.running
    silent.chat.stop()
    assert silent.state == "stopped" and not race.running
    assert texts(race)[0] == "Fine" and bad.newest and bad.newest.failure


def test_stop_ends_every_answer_and_keeps_what_came(race: Race, api: FakeAPI) -> None:
    api.play(stream("So far", HANG))
    lanes(race, "a", "b").send("Hi")
    for lane in race.lanes:
        assert lane.turn
        next(event for event in lane.turn.follow() if lane.turn.message.content)
    race.stop()
    assert [lane.state for lane in race.lanes] == ["stopped", "stopped"] and texts(race) == ["So far"] * 2


def test_each_lane_goes_on_in_its_own_conversation(race: Race, api: FakeAPI) -> None:
    api.play(lambda request: completion(f"I am {request.body['model']}"))
    lanes(race, "a", "b").send("Who are you?")
    race.join(LONG).send("Again?")
    race.join(LONG)
    for lane in race.lanes:
        (asked,) = [one for one in api.asked[2:] if one.body["model"] == lane.changes.model]
        assert [text for _, text in sent_messages(asked)] == [
            "Who are you?",
            f"I am {lane.changes.model}",
            "Again?",
        ]


def test_a_lane_asks_with_what_is_its_own(race: Race, api: FakeAPI) -> None:
    for temperature in (0.0, 0.7, 1.5):
        race.add(Overrides(parameters={"temperature": temperature}))
    race.send("Hi")
    race.join(LONG)
    assert sorted(request.body["temperature"] for request in api.asked) == [0.0, 0.7, 1.5]


def test_one_lane_answers_again_and_the_others_keep_what_they_said(race: Race, api: FakeAPI) -> None:
    lanes(race, "a", "b").send("Hi")
    race.join(LONG)
    before = race.lanes[1].answer
    race.regenerate(race.lanes[0])
    race.join(LONG)
    assert len(api.asked) == 3 and race.lanes[1].answer == before
    answer = race.lanes[0].answer
    assert answer and len(race.lanes[0].chat.conversation.siblings(answer.id)) == 2


def test_a_message_sent_while_a_lane_answers_waits_for_that_lane_alone(race: Race, api: FakeAPI) -> None:
    over = threading.Event()
    api.play(lambda request: stream(over, "Late") if request.body["model"] == "slow" else completion("Quick"))
    quick, slow = lanes(race, "quick", "slow").lanes
    race.send("One")
    assert quick.chat.turn
    quick.chat.turn.join(LONG)
    race.send("Two")
    assert [message.content for message in race.queued.waiting] == ["Two"]
    assert [message.content for message in slow.chat.queued.waiting] == ["Two"] and not quick.chat.queued.waiting
    over.set()
    race.join(LONG)
    assert race.advance()
    race.join(LONG)
    assert len(slow.chat.conversation.path()) == len(quick.chat.conversation.path()) == 4


def test_a_question_that_not_all_may_answer_is_put_to_none(client: ChatClient, api: FakeAPI) -> None:
    def check(race: Race, message: Message) -> None:
        raise APIError(title="Too dear.")

    race = lanes(Race(lambda lane: LaneAsker(client, lane), check=check), "a", "b")
    race.send("Hi")
    assert race.refused and race.refused[0].content == "Hi" and race.refused[1].title == "Too dear."
    assert not api.asked and not race.running


def test_a_race_has_at_most_six_lanes(race: Race) -> None:
    lanes(race, *"abcdef")
    with pytest.raises(TooManyLanes):
        race.add()


# ---- kept ---------------------------------------------------------------------------------------------------


@pytest.fixture
def journals(tmp_path: Path) -> Iterator[Journals]:
    opened = Journals(Store.open(f"sqlite:///{tmp_path}/kept.db"))
    yield opened
    opened.recorder.close()
    opened.store.close()


def kept_race(journals: Journals, client: ChatClient) -> Race:
    race: Race
    journal = journals.journal(ME, lambda: race.saved_settings())
    race = Race(lambda lane: LaneAsker(client, lane), journal)
    return race


def test_a_race_is_kept_as_one_conversation_with_its_lanes(
    journals: Journals, client: ChatClient, api: FakeAPI
) -> None:
    api.play(lambda request: completion(f"I am {request.body['model']}"))
    race = lanes(kept_race(journals, client), "a", "b", "c")
    race.lanes[2].changes = Overrides(model="c", parameters={"temperature": 1.2}, system_prompt="Be brief.")
    race.send("Who?")
    race.join(LONG).send("And now?")
    race.join(LONG)
    assert journals.recorder.flush()
    (summary,) = journals.store.conversations(ME)
    record = journals.load(ME, summary.id)
    assert record and len(record.conversation) == 12
    again = Race(lambda lane: LaneAsker(client, lane))
    again.revive(record.conversation, record.settings)
    assert [lane.changes for lane in again.lanes] == [lane.changes for lane in race.lanes]
    for lane, was in zip(again.lanes, race.lanes, strict=True):
        said = [node.message.content for node in lane.chat.conversation.path()]
        assert said == [node.message.content for node in was.chat.conversation.path()] and len(said) == 4


def reopened(journals: Journals, client: ChatClient) -> Race:
    """The only race, as it is kept."""
    assert journals.recorder.flush()
    (summary,) = journals.store.conversations(ME)
    record = journals.load(ME, summary.id)
    assert record
    again = Race(lambda lane: LaneAsker(client, lane))
    again.revive(record.conversation, record.settings)
    assert len(again.whole()) == len(record.conversation), "every message is one of a lane"
    return again


@pytest.mark.parametrize("ended", [True, False])
def test_a_deleted_answer_of_a_lane_is_nowhere_until_undo(
    journals: Journals, client: ChatClient, api: FakeAPI, ended: bool
) -> None:
    api.play(lambda request: stream(f"I am {request.body['model']}", *([] if ended else [HANG])))
    race = lanes(kept_race(journals, client), "a", "b", "c")
    race.send("Hi")
    if ended:
        race.join(LONG)
    undo = race.remove(race.lanes[1])
    race.stop()
    race.join(LONG)
    assert [lane.changes.model for lane in reopened(journals, client).lanes] == ["a", "c"]
    undo()
    assert [lane.changes.model for lane in reopened(journals, client).lanes] == ["a", "b", "c"]
    assert [lane.state for lane in race.lanes] == ["done" if ended else "stopped"] * 3


def test_a_lane_that_cannot_be_deleted_stays(
    journals: Journals, client: ChatClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    race = lanes(kept_race(journals, client), "a", "b", "c")
    race.send("Hi")
    race.join(LONG)
    removals = type(journals.removals)
    with monkeypatch.context() as broken, pytest.raises(Unavailable):
        broken.setattr(removals, "remove", lambda *_: (_ for _ in ()).throw(Unavailable()))
        race.remove(race.lanes[1])
    assert [lane.changes.model for lane in race.lanes] == ["a", "b", "c"]
    undo = race.remove(race.lanes[1])
    lanes(race, *"wxyz")
    with pytest.raises(StoreError, match="no room"):
        undo()


def test_the_answers_of_a_running_race_are_found(journals: Journals, client: ChatClient, api: FakeAPI) -> None:
    api.play(stream("So far", HANG))
    race = lanes(kept_race(journals, client), "a", "b")
    race.send("Hi")
    (summary,) = journals.store.conversations(ME)
    _, running = journals.open(ME, summary.id)
    assert {turn for _, turn in running} == {lane.turn for lane in race.lanes}
    journals.stop(ME, [summary.id])
    assert not race.running and not journals.open(ME, summary.id)[1]


def test_a_message_for_a_slow_lane_is_sent_to_it_once(journals: Journals, client: ChatClient, api: FakeAPI) -> None:
    over = threading.Event()
    api.play(lambda request: stream(over, "Late") if request.body["model"] == "slow" else completion("Quick"))
    race = lanes(kept_race(journals, client), "quick", "slow")
    race.send("One")
    assert race.lanes[0].chat.turn
    race.lanes[0].chat.turn.join(LONG)
    race.send("Two")
    (summary,) = journals.store.conversations(ME)
    again, journal = kept_race(journals, client), journals.journal(ME, dict, summary.id)
    again.journal = journal
    record, running = journals.open(ME, summary.id)
    assert record
    again.revive(record.conversation, record.settings)
    for node, turn in running:
        if lane := again.lane_of(node):
            lane.chat.adopt(node, turn)
    again.queued.restore_lanes(journal.waiting(), journal.goes_on)
    assert [[one.content for one in lane.chat.queued.waiting] for lane in again.lanes] == [[], ["Two"]]
    over.set()
    race.join(LONG)
    again.join(LONG)
    assert again.advance() != race.advance(), "one of both tabs"
    for one in (race, again):
        one.join(LONG)
    assert sorted(request.prompt for request in api.asked) == ["One", "One", "Two", "Two"]


def test_a_held_message_goes_to_the_lanes_not_asked_yet(race: Race, api: FakeAPI) -> None:
    api.play(lambda request: stream(HANG) if request.body["model"] == "slow" else completion("Quick"))
    quick = lanes(race, "quick", "slow").lanes[0]
    race.send("One")
    assert quick.chat.turn
    quick.chat.turn.join(LONG)
    race.send("Two")
    quick.chat.turn.join(LONG)
    race.stop()
    race.queued.hold()
    assert [message.content for message in race.queued.held_messages] == ["Two"] and not race.advance()
    api.play(completion("Again"))
    race.queued.release()
    race.send_next()
    race.join(LONG)
    assert [request.body["model"] for request in api.asked if "Two" in request.prompt] == ["quick", "slow"]


@pytest.mark.parametrize("kept", [{}, {"lanes": 7}, {"lanes": [{"first": ["x", None]}, 5]}, {"lanes": [{}] * 900}])
def test_a_race_from_a_strange_file_is_shown_as_far_as_possible(
    kept: dict[str, object], race: Race, client: ChatClient
) -> None:
    lanes(race, "a", "b").send("Hi")
    race.join(LONG)
    again = Race(lambda lane: LaneAsker(client, lane))
    again.revive(race.whole(), kept)  # type: ignore[arg-type]
    said = [lane.newest.content for lane in again.lanes if lane.newest]
    assert len(said) == 2 and len(again.lanes) <= MOST


# ---- blind --------------------------------------------------------------------------------------------


def test_a_blind_race_draws_the_order_of_its_lanes_when_it_is_asked_first(race: Race) -> None:
    race.blind = True
    lanes(race, *(f"fake/{letter}" for letter in "abcdef"))
    before = {lane.id: lane.changes.model for lane in race.lanes}
    assert not race.hidden
    race.send("One")
    ids = [lane.id for lane in race.join().lanes]
    assert race.hidden and not before.keys() & set(ids), "an id says nothing of where a lane was"
    first = [lane.chat.conversation.path()[0].id for lane in race.lanes]
    assert first == sorted(first), "nor does the time of a message"
    race.send("Two")
    assert [lane.id for lane in race.join().lanes] == ids


def test_every_order_of_blind_lanes_comes_about(client: ChatClient) -> None:
    orders = set()
    for _ in range(60):
        race = Race(lambda lane: LaneAsker(client, lane))
        race.blind = True
        lanes(race, "fake/alpha", "fake/beta")._shuffle()
        orders.add(tuple(lane.changes.model for lane in race.lanes))
    assert len(orders) == 2


@pytest.mark.parametrize("revealed", [False, True])
def test_a_blind_race_is_blind_when_it_is_opened_again_and_revealed_when_it_was(race: Race, revealed: bool) -> None:
    race.blind = True
    lanes(race, "fake/alpha", "fake/beta").send("Hi")
    race.join()
    if revealed:
        race.reveal()
    again = Race(lambda lane: None)  # type: ignore[arg-type,return-value]
    again.revive(race.whole(), race.saved_settings())
    assert (again.blind, again.hidden) == (True, not revealed)
    assert [lane.changes for lane in again.lanes] == [lane.changes for lane in race.lanes]
    other = Race(lambda lane: None)  # type: ignore[arg-type,return-value]
    other.line_up(again)
    assert other.blind and not other.hidden
