"""The stage of a tab without its page: what Next, Back and the panic key do while an answer runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from chats import Asker, wait_until_ended
from fake_api import HANG, FakeAPI, stream, tool_stream
from runs import FAST, TWO, wait_until_still
from visiting import nothing_of_this_machine  # noqa: F401  (a fixture)

from backend import local
from backend.compare.lane_settings import Overrides
from backend.compare.race import Race
from backend.compare.race_chat import RaceChat
from backend.conversation.chat import Chat
from backend.demos.playing import PlayedChat, Unkept
from backend.demos.racing import PlayedRace
from backend.demos.script import Script, Step
from backend.demos.shelf import shelf
from backend.demos.trial import rehearse
from backend.tools.agent import Agent
from backend.transport.client import ChatClient
from components.session.composer import Composer
from components.session.stage import Stage
from components.session.stage_questions import StageQuestions

ONE = Script("", (Step("ask", prompt="One?", recording=TWO), Step("ask", prompt="Two?", continues=True)))


class Chats:
    """The chats of a tab, of which the stage needs the one in view."""

    def __init__(self) -> None:
        self.current: Chat = Chat(Unkept())

    def put(self, page: str, chat: Chat | None = None) -> None:
        self.current.stop()
        self.current = chat or Chat(Unkept())


class Kept:
    """Scripts that are kept nowhere."""

    def keep(self, script: Script, id_: str = "") -> str:
        return ""


class Lanes:
    """Races whose lanes all ask in one way."""

    def __init__(self, ask: Asker) -> None:
        self._ask = ask

    def race_with(self, values: object, lanes: Sequence[Overrides]) -> Race:
        race = Race(lambda lane: self._ask, Unkept())
        for lane in lanes:
            race.add(lane)
        return race


@pytest.fixture
def stage(client: ChatClient, nothing_of_this_machine: None) -> Iterator[Any]:  # noqa: F811
    composer = SimpleNamespace(pending=None, empty=lambda: None)
    chats = Chats()
    connection = SimpleNamespace(
        is_local=False, tool_rounds=5, lacks_tools=lambda info: False, emulates_tools=lambda info: False
    )
    setup = SimpleNamespace(
        connection=connection, info=None, models=("fake/alpha", "fake/beta"), missing=None, local_model=None
    )
    models = SimpleNamespace(can_be_asked=lambda model, setup: model in setup.models)
    asker = Asker(client)
    questions = StageQuestions(
        lambda: setup,
        models,
        chats,
        SimpleNamespace(ask=asker),
        Lanes(asker),  # type: ignore[arg-type]
    )
    made: Any = Stage(chats, composer, questions, Kept())  # type: ignore[arg-type]
    made.asker, made.setup = asker, setup
    made.use(ONE)
    yield made
    chats.current.stop()


def current(stage: Any) -> Chat:
    found: Chat = stage._chats.current
    return found


def running(stage: Any, text: str) -> Chat:
    """The answer in view, once it has come so far and no further."""
    chat, until = current(stage), time.monotonic() + 20
    while not (chat.turn and chat.turn.message.content == text) and time.monotonic() < until:
        time.sleep(0.005)
    assert chat.turn and chat.running and chat.turn.message.content == text
    return chat


def said(chat: Chat) -> list[str]:
    chat.settle()
    return [node.message.content for node in chat.conversation.path()]


@pytest.mark.parametrize("came", ["", "Hel", "Hello", "Hello, and more than was recorded"])
def test_panic_continues_with_the_recording_at_as_many_characters(stage: Any, api: FakeAPI, came: str) -> None:
    api.play(stream(*([came] if came else []), HANG))
    stage.next()
    live = running(stage, came)
    stage.panic()
    assert live.turn and live.turn.state == "stopped"
    chat = current(stage)
    assert isinstance(chat, PlayedChat)
    chat.advance(chat.player)
    begun = came[:5]
    if begun in ("", "Hello"):  # at its beginning, or at its end
        assert chat.player.recording.earlier == ()
    else:
        assert said(running(stage, begun))[0] == "One?"
    chat.player.pace.run(FAST)
    assert said(wait_until_still(chat))[:2] == ["One?", "Hello"]
    stage.panic()
    assert current(stage) is chat, "it plays already"


def test_earlier_messages_stay_when_a_recording_takes_over(stage: Any, api: FakeAPI) -> None:
    stage.use(Script("", (Step("ask", prompt="Zero?"), Step("ask", prompt="One?", continues=True, recording=TWO))))
    api.play([stream("Nothing."), stream("Hel", HANG)])
    stage.next()
    wait_until_ended(current(stage))
    stage.next()
    running(stage, "Hel")
    stage.panic()
    assert said(current(stage)) == ["Zero?", "Nothing."]
    chat = current(stage)
    assert isinstance(chat, PlayedChat)
    chat.player.pace.run(FAST)
    chat.advance(chat.player)
    assert said(wait_until_still(chat))[:4] == ["Zero?", "Nothing.", "One?", "Hello"]


def test_a_question_from_the_room_does_not_move_the_recording(stage: Any, api: FakeAPI) -> None:
    api.play([stream("Hello"), stream("From the room", HANG)])
    stage.next()
    wait_until_ended(current(stage))
    current(stage).send("And you?", stage.asker)
    running(stage, "From the room")
    stage.panic()
    chat = current(stage)
    assert isinstance(chat, PlayedChat) and said(chat) == [], "the step from its beginning"


def test_a_stop_that_comes_after_the_panic_key_stops_no_recording(stage: Any, api: FakeAPI) -> None:
    api.play(stream("Hel", HANG))
    stage.next()
    live = running(stage, "Hel")
    stage.panic()
    Composer.stop(live)
    played = current(stage)
    assert isinstance(played, PlayedChat) and not played.player.over


def test_without_a_recording_panic_only_stops(stage: Any, api: FakeAPI) -> None:
    stage.use(Script("", (Step("ask", prompt="One?"),)))
    api.play(stream("Hel", HANG))
    stage.next()
    chat = running(stage, "Hel")
    stage.panic()
    assert current(stage) is chat and not chat.running


def test_going_on_stops_the_answer_and_going_back_asks_nothing_again(stage: Any, api: FakeAPI) -> None:
    api.play(stream("Hel", HANG))
    stage.next()
    first = running(stage, "Hel")
    api.play(stream("Yes."))
    stage.next()
    wait_until_ended(current(stage))
    assert not first.running and said(current(stage)) == ["One?", "Hel", "Two?", "Yes."]
    stage.back()
    assert current(stage) is first and len(api.asked) == 2
    stage.next()
    assert said(current(stage))[-1] == "Yes." and len(api.asked) == 2
    stage.again()
    wait_until_ended(current(stage))
    assert len(api.asked) == 3 and said(current(stage))[-1] == "Yes."


def test_an_edited_step_is_not_asked_before_a_press(stage: Any, api: FakeAPI) -> None:
    api.play(stream("Yes."))
    stage.next()
    wait_until_ended(current(stage))
    stage.change(Script("", (Step("ask", prompt="Other?"), *ONE.steps[1:])))
    assert stage.place == 1 and said(current(stage)) == [] and len(api.asked) == 1
    stage.next()
    assert stage.place == 1, "the first press asks what was not asked yet"
    wait_until_ended(current(stage))
    same = Step("ask", "For the room", prompt="Other?", recording=TWO)
    stage.change(Script("", (same, *ONE.steps[1:])))
    assert said(current(stage)) == ["Other?", "Yes."] and len(api.asked) == 2
    stage.change(Script("", (same,)))
    stage.next()
    assert not current(stage).running and len(api.asked) == 2, "at the end there is nothing more"


def test_an_answer_runs_on_while_its_script_is_edited(stage: Any, api: FakeAPI) -> None:
    api.play(stream("Hel", HANG))
    stage.next()
    chat = running(stage, "Hel")
    stage.change(Script("", ONE.steps))
    stage.change(Script("Another title", (*ONE.steps, Step("words", "The end"))))
    assert current(stage) is chat and chat.running


@pytest.mark.parametrize("why", ["no key", "no program"])
def test_without_a_server_the_recording_plays_and_no_question_is_sent(
    stage: Any, api: FakeAPI, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    if why == "no program":
        stage.setup.connection.is_local = True
        monkeypatch.setattr(local, "unavailable", lambda: "There is none for this computer.")
    else:
        stage.setup.missing = "key"
    stage.next()
    assert isinstance(current(stage), PlayedChat)
    assert api.asked == []
    stage.setup.missing = "key"
    stage.next()
    assert said(current(stage)) == [] and api.asked == []


# ---- tools and races ------------------------------------------------------------------------------------------

ORDER = Step("ask", prompt="Is it late?", tools=("find_order",), recording=shelf()["two-tools"])
CALL = tool_stream(("c1", "find_order", '{"number": 1042}'))


def until(happened: Callable[[], bool], chat: Chat | None = None, stage: Any = None) -> None:
    """Wait for it; a chat is asked meanwhile to go on, as its page does."""
    limit = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < limit
        if chat:
            chat.advance(stage.asker)
        time.sleep(0.005)


def test_a_step_with_tools_runs_them_and_asks_again(stage: Any, api: FakeAPI) -> None:
    stage.use(Script("", (ORDER,)))
    api.play([CALL, stream("It is late.")])
    stage.next()
    chat = current(stage)
    assert isinstance(chat, Agent)
    until(lambda: len(api.asked) == 2, chat, stage)
    wait_until_ended(chat)
    question, _, result, answer = said(chat)
    assert (question, answer) == ("Is it late?", "It is late.") and "1042" in result
    assert [tool["function"]["name"] for tool in api.asked[0].body["tools"]] == ["find_order"]


@pytest.mark.parametrize(("came", "rounds"), [([stream(HANG)], 0), ([CALL, stream("It", HANG)], 1)])
def test_panic_in_a_run_with_tools_continues_in_the_same_round(
    stage: Any, api: FakeAPI, came: Any, rounds: int
) -> None:
    stage.use(Script("", (ORDER,)))
    api.play(came)
    stage.next()
    live = current(stage)
    until(lambda: len(api.asked) == len(came) and live.running, live, stage)
    if rounds:
        running(stage, "It")
    stage.panic()
    played = current(stage)
    assert isinstance(played, PlayedChat) and not live.running
    until(lambda: played.player.begun == rounds + 1, played, stage)
    played.player.pace.run(FAST)
    assert said(wait_until_still(played))[-1] == rehearse(shelf()["two-tools"])[-1].content


RACE = Step(
    "race",
    prompt="Name a café.",
    lanes=tuple(Overrides(parameters={"temperature": heat}) for heat in (0.0, 0.7, 1.5)),
    recording=shelf()["race"],
)


def test_a_race_is_run_live_and_panic_puts_its_recording_in_its_place(stage: Any, api: FakeAPI) -> None:
    stage.use(Script("", (RACE, Step("words", "The end."))))
    api.play(stream("Café ", HANG))
    stage.next()
    live = current(stage)
    assert isinstance(live, RaceChat) and not isinstance(live, PlayedRace)
    until(lambda: all(lane.newest and lane.newest.content == "Café " for lane in live.race.lanes))
    assert len(api.asked) == 3
    stage.panic()
    played = current(stage)
    assert isinstance(played, PlayedRace) and not live.running
    played.advance(stage.asker)
    until(lambda: all(lane.newest and lane.newest.content for lane in played.race.lanes))
    played.player.pace.run(FAST)
    wait_until_still(played)
    assert len(api.asked) == 3 and all(lane.state == "done" for lane in played.race.lanes)


@pytest.mark.parametrize(
    ("step", "refusal"),
    [
        (Step("ask", prompt="x", tools=("of_a_server",)), "tools"),
        (Step("race", prompt="x", lanes=(Overrides(model="gone"), Overrides())), "models"),
    ],
)
def test_a_step_that_cannot_be_asked_here_says_why(stage: Any, api: FakeAPI, step: Step, refusal: str) -> None:
    stage.use(Script("", (step,)))
    stage.next()
    assert stage.questions.refusal(step) == refusal and not stage.can_begin
    assert api.asked == [] and said(current(stage)) == []
