"""The mode Blind through AppTest: nothing tells who is who before the vote, which counts once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from basics import KEY
from fake_api import FakeAPI, Request, error, stream
from streamlit.testing.v1 import AppTest
from visiting import Open, everything, items, race_of, reload_tab, say, well

from backend.compare.lane_settings import Overrides
from components.session import services

COMPARE = "pages/2_Compare.py"
ALPHA, BETA = "fake/alpha", "fake/beta"
TELLING = ("alpha", "beta", "secret thought", "0.9")


def by_model(request: Request) -> Any:
    if request.body["model"] == ALPHA:
        return stream("It is the Moon.")
    return stream("<think>A secret thought.</think>It is gravity.")


def click(at: AppTest, label: str) -> AppTest:
    return well(next(button for button in at.button if button.label == label).click().run())


def blind(visit: Open, api: FakeAPI, question: str = "Why are there tides?", **more: str) -> AppTest:
    at = visit(COMPARE, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, **more)
    well(at.button_group(key="compare.mode").set_value("blind").run())
    first, second = race_of(at).lanes
    first.changes, second.changes = Overrides(model=ALPHA), Overrides(model=BETA, parameters={"temperature": 0.9})
    say(at, question)
    race_of(at).join(20)
    return well(at.run())


def seen(at: AppTest) -> str:
    """All that the browser is told of the page but the sidebar, where the settings of all lanes are."""
    return " ".join(told for place, block in at._tree.children.items() if place != 1 for told in protos(block))


def protos(node: Any) -> Iterator[str]:
    yield f"{node.proto}"
    for child in getattr(node, "children", {}).values():
        yield from protos(child)


def test_before_the_vote_nothing_tells_who_is_who_and_after_it_everything_does(visit: Open, api: FakeAPI) -> None:
    api.play(by_model)
    at = blind(visit, api)
    assert {item["text"] for item in items(at) if item["role"] == "assistant"} == {
        "It is the Moon.",
        "It is gravity.",
    }
    assert not [telling for telling in TELLING if telling in seen(at)]
    again = reload_tab(visit, at, COMPARE)
    assert race_of(again).hidden and not [telling for telling in TELLING if telling in seen(again)]
    click(at, "A is better")
    told = seen(at)
    assert "You voted" in told and all(name in told for name in ("alpha", "beta"))
    (vote,) = services.saved_votes("local").all()
    models = [lane.changes.model for lane in race_of(at).lanes]
    assert [vote.model_a, vote.model_b, vote.winner, vote.turn] == [*models, "model_a", 1]


def test_a_vote_counts_once_whatever_another_tab_says(visit: Open, api: FakeAPI) -> None:
    api.play(by_model)
    at = blind(visit, api)
    other = reload_tab(visit, at, COMPARE)
    click(at, "Tie")
    click(other, "B is better")
    assert "You voted: **Tie**" in seen(other) and not race_of(other).hidden
    back = reload_tab(visit, at, COMPARE)
    assert "You voted: **Tie**" in seen(back)
    assert [vote.winner for vote in services.saved_votes("local").all()] == ["tie"]
    click(back, "Take it back")
    assert "it does not count" in seen(back) and services.saved_votes("local").all() == []
    assert not [button for button in back.button if button.label in ("Tie", "Take it back")]
    click(back, "Ask another question, blind")
    assert race_of(back).blind and not race_of(back).has_question
    assert {lane.changes.model for lane in race_of(back).lanes} == {ALPHA, BETA}


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (stream("I am Beta, at your service."), "names its model"),
        (error(400, "beta says no"), "complete answer"),
    ],
    ids=["names itself", "fails"],
)
def test_a_race_that_cannot_count_takes_no_vote_and_says_why(
    visit: Open, api: FakeAPI, reply: Any, words: str
) -> None:
    api.play(lambda request: reply if request.body["model"] == BETA else by_model(request))
    at = blind(visit, api)
    assert words in at.info[0].value and not [button for button in at.button if button.label == "Tie"]
    assert "beta says no" not in seen(at)
    click(at, "Show who is who, without a vote")
    assert "alpha" in everything(at) and services.saved_votes("local").all() == []
    assert services.saved_votes("local").outcome(at.session_state["session"].chats.id) == "seen"


def test_a_lane_without_an_answer_says_why_and_is_asked_again_and_stays_blind(visit: Open, api: FakeAPI) -> None:
    api.play(lambda request: error(400, "beta says no") if request.body["model"] == BETA else by_model(request))
    at = blind(visit, api)
    assert "No answer came. The server refused the request as it was." in everything(at).replace("\\", "")
    api.play(by_model)
    click(at, "Ask again what has no answer")
    race_of(at).join(20)
    well(at.run())
    assert len(api.asked) == 3 and not [telling for telling in TELLING if telling in seen(at)]
    assert race_of(at).hidden and [button for button in at.button if button.label == "Tie"]


def test_another_mode_never_shows_a_race_that_waits_for_a_vote(visit: Open, api: FakeAPI) -> None:
    api.play(by_model)
    at = blind(visit, api)
    hidden = race_of(at)
    well(at.button_group(key="compare.mode").set_value("race").run())
    assert race_of(at) is not hidden and not items(at) and hidden.hidden
    assert not race_of(at).blind and [lane.changes.model for lane in race_of(at).lanes]


def test_the_table_of_wins_is_counted_when_it_is_looked_at(visit: Open, api: FakeAPI) -> None:
    api.play(by_model)
    at = blind(visit, api)
    click(at, "B is better")
    at.session_state["wins.open"] = True
    well(at.run())
    assert "One vote" in everything(at) and "Nobody is ahead" in everything(at)
    assert at.dataframe[0].value["Model"].tolist() == [lane.changes.model for lane in race_of(at).lanes][::-1]
    click(at, "Delete all votes")
    assert services.saved_votes("local").all() == []
