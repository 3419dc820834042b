"""Scripts of one's own on the stage: kept over a reload, renamed, deleted; steps that call tools or race."""

from __future__ import annotations

from typing import Any

import pytest
from basics import KEY
from fake_api import FakeAPI, stream, tool_stream
from runs import TWO
from staging import on_stage, page_text, press, stage, wait_until_ended
from streamlit.testing.v1 import AppTest
from visiting import TOOLS, Open, conversation, everything, say, well

from backend.compare.lane_settings import Overrides
from backend.demos import script_file
from backend.demos.script import Script, Step
from backend.demos.shelf import shelf
from backend.demos.tour import tour
from components.session import services

MINE = Script("Mine", (Step("words", "First."), Step("ask", "Watch.", prompt="One?", recording=TWO)))
SECRET = "sk-proj-8f3kQ29dLx7vB4mN6pR1sT5wY0zA"


pytestmark = pytest.mark.usefixtures("at_once")


def address(at: AppTest) -> str:
    named = at.query_params["stage"]
    return str(named[0] if isinstance(named, list) else named)


def kept() -> list[str]:
    return [document.name for document in services.saved_scripts("local").names()]


def list_of_scripts(at: AppTest) -> AppTest:
    at.session_state["session"].dialogs.open("script")
    return well(at.run())


def test_a_reload_comes_back_to_an_imported_and_edited_script_at_its_step(visit: Open, api: FakeAPI) -> None:
    at = visit(query={"stage": "on"}, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    file = ("script.json", script_file.export(MINE).encode(), "application/json")
    well(at.file_uploader(key="stage.file").set_value(file).run())
    press(at, "next")
    list_of_scripts(at)
    at.session_state["script.edited"] = (1, 1)
    well(at.run())
    well(at.text_area(key="step.1.caption").set_value("First of all.").run())
    again = visit(query={"stage": address(at)})
    assert stage(again).place == 1 and "First of all." in page_text(again)
    assert stage(again).steps[1] == MINE.steps[1] and api.asked == [] and kept() == ["Mine"]
    stage(again).use(MINE)
    assert kept() == ["Mine", "Mine (2)"], "the file that was opened is another one by now"
    stage(again).use(MINE)
    assert kept() == ["Mine", "Mine (2)"], "and twice the same is one"


def test_a_script_begins_empty_and_steps_come_behind_the_one_that_is_open(visit: Open, api: FakeAPI) -> None:
    at = visit(query={"stage": "on"}, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    well(at.button(key="script.empty").click().run())
    assert kept() == ["My script"] and at.session_state["session"].dialogs.is_open("script")
    for kind in ("ask", "words"):
        well(at.button(key=f"script.add.{kind}").click().run())
    at.session_state["script.edited"] = (1, 9)
    well(at.run())
    for _ in range(2):
        well(at.button(key="script.add.race").click().run())
    assert [step.kind for step in stage(at).steps] == ["words", "race", "race", "ask", "words"] and api.asked == []


def test_a_script_is_opened_renamed_and_deleted_with_a_way_back(visit: Open, api: FakeAPI) -> None:
    at = on_stage(visit, MINE)
    id_ = stage(at).id
    stage(at).use(tour())
    assert address(well(at.run())).startswith("tour") and kept() == ["Mine"]
    list_of_scripts(at)
    well(at.button(key=f"kept.{id_}").click().run())
    assert stage(at).script == MINE and not at.session_state["session"].dialogs.any
    stage(at).kept.rename(id_, "Talk")
    assert kept() == ["Talk"]
    stage(at).kept.delete(id_)
    assert kept() == []
    deletions = at.session_state["session"].deletions
    deletions.undo(deletions.undoable.id)
    assert kept() == ["Talk"]


def test_nobody_else_sees_a_script_and_an_address_of_it_says_so(visit: Open, api: FakeAPI) -> None:
    mine = address(on_stage(visit, MINE))
    services.saved_scripts("another").save(services.saved_scripts("local").all()[0])
    theirs = services.saved_scripts("another").names()[0].id
    assert stage(visit(query={"stage": mine})).script == MINE
    for odd in (f"{theirs}.1", "0" * 32, f"{mine[:31]}.99999999999999999999", "../x.1"):
        at = visit(query={"stage": odd})
        assert stage(at).script is None and stage(at).on
    assert "not here any more" in page_text(visit(query={"stage": f"{theirs}.1"}))


def test_a_script_with_a_key_in_it_is_neither_kept_nor_given_away(visit: Open, api: FakeAPI) -> None:
    at = on_stage(visit, MINE)
    stage(at).change(Script("Mine", (Step("words", f"It is {SECRET}."), *MINE.steps[1:])))
    list_of_scripts(at)
    assert "not kept" in page_text(at) and SECRET not in services.saved_scripts("local").all()[0].text
    assert at.get("download_button")[0].proto.disabled
    stage(at).change(MINE)
    assert "not kept" not in page_text(well(at.run()))


# ---- live -------------------------------------------------------------------------------------------------------


def test_a_step_with_tools_calls_them_before_the_room_and_offers_nothing_to_set(visit: Open, api: FakeAPI) -> None:
    step = Step("ask", "Look it up.", prompt="Is it late?", tools=("find_order",))
    at = on_stage(visit, Script("", (step,)), AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    api.play([tool_stream(("c1", "find_order", '{"number": 1042}')), stream("It is late.")])
    wait_until_ended(press(at, "next"))
    assert conversation(at)[-1][1] == "It is late." and any("late" in fold.label for fold in at.expander)
    assert "may use find" in page_text(at)
    assert [button.key for button in at.main.button if not str(button.key).startswith("stage-")] == []


def test_a_race_of_a_script_has_its_own_settings_and_none_of_the_sidebar(visit: Open, api: FakeAPI) -> None:
    lanes = (Overrides(parameters={"temperature": 0.0}), Overrides(model="fake/beta", system_prompt="Rhyme."))
    step = Step("race", prompt="One?", lanes=lanes, recording=shelf()["race"])
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    at.session_state["system_prompt"] = "My private prompt."
    well(at.run())
    well(at.button(key="stage").click().run())
    stage(at).use(Script("", (step,)))
    well(at.run())
    api.play(stream("Yes."))
    wait_until_ended(press(at, "next"))
    bodies: list[Any] = sorted((asked.body for asked in api.asked), key=lambda body: str(body["messages"]))
    assert [body["messages"][0]["content"] for body in bodies] == ["Rhyme.", "One?"]
    assert (bodies[0]["model"], bodies[1]["temperature"]) == ("fake/beta", 0.0) and "private" not in str(bodies)
    assert "private" not in everything(at) and not at.get("popover")
    wait_until_ended(say(at, "And you?"))
    assert len(api.asked) == 4, "a question from the room goes to every lane"
    press(at, "over")
    assert "And you?" not in everything(at)


CALLED = [tool_stream(("c1", "find_order", '{"number": 1042}')), stream("It is late.")]
LIVE = {
    "Tools": (Step("ask", prompt="Is it late?", tools=("find_order",)), CALLED),
    "Compare": (Step("race", prompt="One?", lanes=(Overrides(), Overrides(model="fake/beta"))), stream("Yes.")),
}


@pytest.mark.parametrize("page", LIVE)
def test_the_outcome_of_a_live_step_is_kept_as_its_recording(visit: Open, api: FakeAPI, page: str) -> None:
    step, replies = LIVE[page]
    at = on_stage(visit, Script("", (step,)), AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    api.play(replies)
    wait_until_ended(press(at, "next"))
    at.session_state["script.edited"] = (1, 1)
    list_of_scripts(at)
    well(at.button(key="step.record").click().run())
    recording = stage(at).steps[0].recording
    assert recording and recording.page == page and len(recording.lanes) == len(step.lanes)
    again = stage(visit(query={"stage": f"{stage(at).id}.1"})).script
    assert again and script_file.as_json(again) == script_file.as_json(stage(at).script or tour())


def test_a_step_that_cannot_be_asked_here_says_why_in_plain_words(visit: Open, api: FakeAPI) -> None:
    script = Script("", (Step("ask", prompt="One?", tools=("of_a_server",)),))
    at = on_stage(visit, script, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    press(at, "next")
    assert "of_a_server cannot be used on the stage" in page_text(at) and api.asked == []
    list_of_scripts(at)
    at.session_state["script.edited"] = (1, 1)
    well(at.run())
    assert "also names of_a_server" in page_text(at)
    well(at.button(key="step.tools").click().run())
    assert stage(at).steps[0].tools == ()


def test_a_run_with_tools_becomes_a_step_that_asks_again(visit: Open, api: FakeAPI) -> None:
    at = visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    api.play([tool_stream(("c1", "find_order", '{"number": 1042}')), stream("It is late.")])
    wait_until_ended(say(at, "Is it late?"))
    well(at.button(key="stage").click().run())
    (step,) = stage(at).offered.steps  # type: ignore[union-attr]
    assert (step.kind, step.prompt) == ("ask", "Is it late?") and "find_order" in step.tools and step.recording
