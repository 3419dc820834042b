"""The Compare page as a visitor uses it, through AppTest: lanes, what differs, the three temperatures, guests."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from basics import KEY
from fake_api import MODELS, FakeAPI, Request, completion
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest
from visiting import Open, cards, everything, items, race_of, reload_tab, say, well

from backend import local
from backend.compare.lane_settings import Overrides
from backend.compare.race import Race
from backend.types import JSON
from components.compare import starters
from components.compare.lanes import lane_key, tab_names
from components.session import services

COMPARE = "pages/2_Compare.py"


def answers(at: AppTest) -> list[str]:
    """The texts of the answers, lane by lane."""
    return [item["text"] for item in items(at) if item["role"] == "assistant" and item["part"] != "foot"]


def named(request: Request) -> Any:
    return completion(f"I am {request.body['model']}")


def connected(visit: Open, api: FakeAPI, page: str = COMPARE, **more: str) -> AppTest:
    return visit(page, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, **more)


def test_every_lane_asks_its_own_model_and_history_lists_one_race(visit: Open, api: FakeAPI) -> None:
    api.play(named)
    at = connected(visit, api)
    first, second = race_of(at).lanes
    first.changes, second.changes = Overrides(model="fake/alpha"), Overrides(model="fake/beta")
    say(at, "Who are you?")
    assert sorted(request.body["model"] for request in api.asked) == ["fake/alpha", "fake/beta"]
    assert answers(at) == ["I am fake/alpha", "I am fake/beta"]
    again = reload_tab(visit, at, COMPARE)
    before = [lane.changes for lane in race_of(at).lanes]
    well(next(button for button in at.main.button if button.label == "New comparison").click().run())
    assert [lane.changes for lane in race_of(at).lanes] == before and not items(at), "the same lanes, asked nothing"
    assert answers(again) == ["I am fake/alpha", "I am fake/beta"] and [
        lane.state for lane in race_of(again).lanes
    ] == ["done", "done"]
    assert cards(visit("pages/4_History.py")) == ["Who are you\\?"]


@pytest.mark.parametrize("mode", ["race", "blind"])
def test_a_lane_of_a_server_that_is_not_there_asks_no_other_one(visit: Open, api: FakeAPI, mode: str) -> None:
    api.play(named)
    at = connected(visit, api)
    well(at.button_group(key="compare.mode").set_value(mode).run())
    race_of(at).lanes[1].changes = Overrides(connection="http://127.0.0.1:11434/v1", model="private")
    say(at, "My secret")
    race_of(at).join(20)
    well(at.run())
    assert len(api.asked) == 1 and "private" not in str(api.asked[0].body)
    again = next(button for button in at.button if button.label in ("Try again", "Ask again what has no answer"))
    well(again.click().run())
    race_of(at).join(20)
    assert len(api.asked) == 1 and {lane.state for lane in race_of(at).lanes} == {"done", "failed"}
    if mode == "race":
        assert "not there" in everything(at) and not race_of(at).lanes[0].changes.connection


def test_the_second_lane_takes_another_model_from_a_late_list_unless_one_was_set(visit: Open, api: FakeAPI) -> None:
    at = connected(visit, api)
    second = race_of(at).lanes[1]
    second.changes = starters.WARMER
    well(at.run())
    assert second.changes.model and not second.changes.parameters
    second.changes = own = Overrides(parameters={"temperature": 1.2})
    well(at.run())
    assert second.changes is own


def test_an_added_lane_takes_an_unused_model_unless_lanes_differ_otherwise(visit: Open, api: FakeAPI) -> None:
    at = connected(visit, api)
    well(at.button(key="race.add").click().run())
    lanes = race_of(at).lanes
    models = [at.session_state["session"].lanes.desk(lane).setup.model for lane in lanes]
    assert sorted(models) == sorted(MODELS), "three lanes, three models"
    lanes[1].changes = Overrides(parameters={"temperature": 1.2})
    well(at.button(key="race.add").click().run())
    assert lanes[-1].changes == Overrides()


def test_a_late_message_from_a_closed_popover_leaves_the_lanes_settings(visit: Open, api: FakeAPI) -> None:
    at = connected(visit, api)
    lane = race_of(at).lanes[1]
    lane.changes = own = Overrides(model="fake/beta", connection="configured", system_prompt="Be brief.")
    well(at.run())
    popover = f"{lane_key(race_of(at), lane)}.set"
    well(at._tree._runner._run(popover_set(at, popover, open_=True)))
    late = popover_set(at, popover, open_=False)
    prompt = at.text_area(key=f"{lane_key(race_of(at), lane)}.own.prompt")
    assert prompt.value == "Be brief."
    well(at._tree._runner._run(popover_set(at, popover, open_=False)))
    assert prompt.key not in [box.key for box in at.text_area], "closed"
    well(at._tree._runner._run(late))
    assert race_of(at).lanes[1].changes == own


def popover_set(at: AppTest, popover: str, *, open_: bool) -> WidgetStates:
    """What a browser sends when a popover is opened or closed: AppTest knows no click on one."""
    states = at._tree.get_widget_states()
    buttons = [widget for widget in states.widgets if widget.HasField("trigger_value")]
    for button in buttons:
        states.widgets.remove(button)  # a browser names only the one that was pressed
    clicked = states.widgets.add()
    clicked.id = next(block.proto.id for block in at.get("popover") if block.proto.id.endswith(popover))
    clicked.bool_value = open_
    return states


def test_the_card_on_the_chat_page_asks_at_three_temperatures(visit: Open, api: FakeAPI) -> None:
    at = connected(visit, api, "app.py")
    card = next(button for button in at.main.button if "three temperatures" in button.label)
    well(card.click().run())
    race_of(at).join(20)
    assert sorted(request.body["temperature"] for request in api.asked) == [0.0, 0.7, 1.5]
    well(at.switch_page(COMPARE).run())
    shown = everything(at)
    for words in (
        "Always the most likely word",
        "Mostly likely words",
        "Unlikely words too",
        "temperature 1\\\\.5",
    ):
        assert words in shown, words


def test_a_tab_names_what_sets_its_lane_apart_in_full_and_in_short(visit: Open, api: FakeAPI) -> None:
    at = visit("pages/2_Compare.py", AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    session, race = at.session_state["session"], race_of(at)

    def names(*owns: list[tuple[str, JSON]]) -> list[tuple[str, str]]:
        for lane in race.lanes:
            lane.changes = Overrides(model="fake/beta")
        return tab_names(session, race, owns)

    assert names([("temperature", 0.0)], [("temperature", 0.7)]) == [
        ("A · temperature 0", "A · 0"),
        ("B · temperature 0.7", "B · 0.7"),
    ]
    full = [("A · beta", "A · beta"), ("B · temperature 0.7, seed 1", "B · temperature 0.7, seed 1")]
    assert names([], [("temperature", 0.7), ("seed", 1)]) == full
    assert names([("system_prompt", "Be *brief*.")], [])[0][1] == "A · prompt: Be *brief*."


def test_a_race_that_a_guest_cannot_pay_for_is_not_begun(visit: Open, api: FakeAPI) -> None:
    shared = {"PLAYGROUND_SHARED": "1", "PLAYGROUND_GUEST_MODELS": "*", "PLAYGROUND_GUEST_MESSAGES_PER_DAY": "3"}
    at = connected(visit, api, **shared)
    say(at, "Both may answer")
    assert len(api.asked) == 2
    say(at, "For this one alone is left")
    assert len(api.asked) == 2 and "No lane was asked" in at.error[0].value
    assert at.chat_input[0].proto.value == "For this one alone is left", "nothing typed is lost"
    assert services.ledger().usage("").messages == 2


def test_an_answer_of_a_lane_is_inspected_and_asked_again_in_the_way_of_its_lane(visit: Open, api: FakeAPI) -> None:
    api.play(named)
    at = connected(visit, api)
    first, second = race_of(at).lanes
    first.changes, second.changes = Overrides(model="fake/alpha"), Overrides(model="fake/beta")
    say(at, "Who are you?")
    assert all("inspect" in item["footer"]["actions"] for item in items(at) if item["role"] == "assistant")
    node = second.answer
    assert node is not None
    at.session_state["session"].lanes.desk(second).actions.do("inspect", node.id)
    well(at.run())
    at.session_state[f"inspect.tabs.{node.id}"] = "Tokens"
    well(at.run())
    well(next(button for button in at.button if button.key == "inspect.probabilities").click().run())
    race_of(at).join()
    assert api.asked[-1].body["model"] == "fake/beta" and api.asked[-1].body["logprobs"] is True
    assert "logprobs" not in first.changes.parameters and len(api.asked) == 3, "no other lane is asked"


@pytest.mark.parametrize(("here", "other"), [(("small",), None), (("small", "large"), "large")])
def test_a_new_race_takes_no_model_to_be_downloaded_first(
    here: tuple[str, ...], other: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "present", lambda model: model.id in here)
    models = tuple(SimpleNamespace(id=name) for name in ("small", "large"))
    connection = SimpleNamespace(model_widget="model.local")
    setup = SimpleNamespace(connection=connection, model="small", models=("small", "large"), local=models)
    race = Race(lambda lane: None)  # type: ignore[arg-type,return-value]
    starters.line_up(SimpleNamespace(setup=setup, models=SimpleNamespace(recent={})), race)  # type: ignore[arg-type]
    assert [lane.changes.model for lane in race.lanes] == [None, other]
