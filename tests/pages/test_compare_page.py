"""The Compare page as a visitor uses it, through AppTest: lanes, what differs, the three temperatures, guests."""

from __future__ import annotations

from typing import Any

from basics import KEY
from fake_api import FakeAPI, Request, completion, error
from streamlit.testing.v1 import AppTest
from visiting import Open, cards, everything, items, reloaded, say, well

from backend.compare.race import Race
from backend.compare.settings import Overrides
from components.session import services

COMPARE = "pages/2_Compare.py"


def race_of(at: AppTest) -> Race:
    race: Race = at.session_state["session"].chats.race_chat.race
    return race


def answers(at: AppTest) -> list[str]:
    """The texts of the answers, lane by lane."""
    return [item["text"] for item in items(at) if item["role"] == "assistant" and item["part"] != "foot"]


def named(request: Request) -> Any:
    return completion(f"I am {request.body['model']}")


def connected(visit: Open, api: FakeAPI, page: str = COMPARE, **more: str) -> AppTest:
    return visit(page, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, **more)


def test_every_lane_answers_with_its_own_model_and_the_race_is_one_entry_of_the_history(
    visit: Open, api: FakeAPI
) -> None:
    api.play(named)
    at = connected(visit, api)
    first, second = race_of(at).lanes
    first.changes, second.changes = Overrides(model="fake/alpha"), Overrides(model="fake/beta")
    say(at, "Who are you?")
    assert sorted(request.body["model"] for request in api.asked) == ["fake/alpha", "fake/beta"]
    assert answers(at) == ["I am fake/alpha", "I am fake/beta"]
    again = reloaded(visit, at, COMPARE)
    before = [lane.changes for lane in race_of(at).lanes]
    well(next(button for button in at.main.button if button.label == "New comparison").click().run())
    assert [lane.changes for lane in race_of(at).lanes] == before and not items(at), "the same lanes, asked nothing"
    assert answers(again) == ["I am fake/alpha", "I am fake/beta"] and [
        lane.state for lane in race_of(again).lanes
    ] == ["done", "done"]
    assert cards(visit("pages/4_History.py")) == ["Who are you\\?"]


def test_a_lane_that_fails_offers_its_way_out_and_is_asked_again_alone(visit: Open, api: FakeAPI) -> None:
    api.play(lambda request: error(503, "busy") if request.body["model"] == "fake/beta" else named(request))
    at = connected(visit, api, PLAYGROUND_TIMEOUT_TOTAL="5")
    first, second = race_of(at).lanes
    first.changes, second.changes = Overrides(model="fake/alpha"), Overrides(model="fake/beta")
    say(at, "Hi")
    assert [lane.state for lane in race_of(at).lanes] == ["done", "failed"] and len(at.error) == 1
    api.play(named)
    asked = len(api.asked)
    well(next(button for button in at.main.button if button.label == "Try again").click().run())
    assert [request.body["model"] for request in api.asked[asked:]] == ["fake/beta"]
    assert answers(at) == ["I am fake/alpha", "I am fake/beta"] and not at.error


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


def test_a_race_that_a_guest_cannot_pay_for_is_not_begun(visit: Open, api: FakeAPI) -> None:
    shared = {"PLAYGROUND_SHARED": "1", "PLAYGROUND_GUEST_MODELS": "*", "PLAYGROUND_GUEST_MESSAGES_PER_DAY": "3"}
    at = connected(visit, api, **shared)
    say(at, "Both may answer")
    assert len(api.asked) == 2
    say(at, "For this one alone is left")
    assert len(api.asked) == 2 and "No lane was asked" in at.error[0].value
    assert at.chat_input[0].proto.value == "For this one alone is left", "nothing typed is lost"
    assert services.ledger().used("").messages == 2


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
