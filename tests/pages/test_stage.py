"""The stage: a script step by step, recordings where nothing answers, and nothing of a tab or a group before."""

from __future__ import annotations

import json

import pytest
from basics import KEY
from fake_api import FakeAPI, error, stream
from staging import ASKED, on_stage, page_text, press, stage, wait_until_ended
from visiting import TOOLS, Open, conversation, everything, items, say, well

from backend.demos import script_file
from backend.demos.script import Script, Step
from backend.demos.tour import tour
from components.session import services

NOWHERE = "http://127.0.0.1:9/v1"  # nobody is there


pytestmark = pytest.mark.usefixtures("at_once")


def test_the_script_of_the_app_plays_to_its_end_without_a_key_and_a_network(visit: Open, api: FakeAPI) -> None:
    at = visit(query={"stage": ""}, AIMLAPI_BASE_URL=NOWHERE, PLAYGROUND_LOCAL_MODEL="none")
    well(at.button(key="script.tour").click().run())
    heard = []
    for place, step in enumerate(tour().steps, 1):
        wait_until_ended(press(at, "next"))
        assert stage(at).place == place and step.caption in page_text(at)
        if step.reveal:
            assert step.reveal not in page_text(at)
            assert step.reveal in page_text(press(at, "next"))
        if step.recording:
            heard.append(conversation(at)[-1][1])
            assert "Composed for this demo" in page_text(at)
        assert not at.error and not at.warning
    assert at.button(key="stage-next").disabled
    assert len(heard) == sum(step.recording is not None for step in tour().steps) and all(heard)
    press(at, "back")
    assert conversation(at)[-1][1] and api.asked == [], "going back shows what there was"


def test_a_reload_comes_back_to_the_step_and_nothing_begins_by_itself(visit: Open, api: FakeAPI) -> None:
    at = visit(query={"stage": "on"}, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    well(at.button(key="script.tour").click().run())
    api.play(stream("Yes."))
    for _ in range(3):
        wait_until_ended(press(at, "next"))
    address = at.query_params["stage"]
    again = visit(query={"stage": address[0] if isinstance(address, list) else address})
    assert stage(again).place == 2 and tour().steps[1].caption in page_text(again)
    assert conversation(again) == [] and len(api.asked) == 1
    wait_until_ended(press(again, "next"))
    assert stage(again).place == 2 and conversation(again)
    odd = visit(query={"stage": "tour.99999999999999999999"})
    assert stage(odd).place == len(tour().steps)


def test_another_page_leaves_the_stage_and_its_message_box_behind(visit: Open, api: FakeAPI) -> None:
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    at.session_state["session"].composer.pending.problem = "mine"
    well(at.button(key="stage").click().run())
    assert stage(at).on and at.session_state["session"].composer.pending.problem == ""
    well(at.switch_page(TOOLS).run())
    assert not stage(at).on and at.session_state["session"].composer.pending.problem == "mine"
    well(at.switch_page("app.py").run())
    assert not stage(at).on and at.sidebar.button
    at.query_params["stage"] = "on"
    assert not well(at.run()).sidebar.button and stage(at).on


def test_an_answer_that_fails_gives_way_to_its_recording_and_no_error_is_seen(visit: Open, api: FakeAPI) -> None:
    at = on_stage(visit, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    api.play(error(401, "Incorrect API key provided"))
    wait_until_ended(wait_until_ended(press(at, "next")))
    assert [text for _, text in conversation(at)][:2] == ["One?", "Hello"]
    assert not at.error and "key" not in page_text(at).lower() and "Recorded with" in page_text(at)


def test_a_step_is_asked_with_its_own_settings_and_none_of_the_sidebar(visit: Open, api: FakeAPI) -> None:
    first = Step(
        "ask", prompt="One?", model="fake/beta", system_prompt="Be brief.", parameters={"temperature": 1.5}
    )
    script = Script("", (first, Step("ask", prompt="And two?", continues=True), Step("ask", prompt="Three?")))
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    at.session_state["system_prompt"] = "My private prompt."
    well(at.run())
    well(at.button(key="stage").click().run())
    stage(at).use(script)
    well(at.run())
    for _ in range(3):
        api.play(stream("Yes."))
        wait_until_ended(press(at, "next"))
    bodies = [asked.body for asked in api.asked]
    assert (bodies[0]["model"], bodies[0]["temperature"]) == ("fake/beta", 1.5)
    assert [[said["content"] for said in body["messages"]] for body in bodies] == [
        ["Be brief.", "One?"],
        ["One?", "Yes.", "And two?"],
        ["Three?"],
    ]
    assert "temperature" not in bodies[1]
    press(at, "leave")
    assert at.session_state["system_prompt"] == "My private prompt." and "stage" not in at.query_params


def test_two_groups_in_a_row_see_nothing_of_each_other_and_nothing_is_kept(visit: Open, api: FakeAPI) -> None:
    at = on_stage(visit, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    api.play(stream("Yes."))
    wait_until_ended(press(at, "next"))
    wait_until_ended(say(at, "Is Anna in the room?"))
    assert "Anna" in everything(at)
    press(at, "over")
    assert stage(at).place == 0 and "Anna" not in everything(at) and conversation(at) == []
    assert at.chat_input[0].value in ("", None)
    wait_until_ended(press(at, "next"))
    assert "Anna" not in everything(at) and len(conversation(at)) == 2
    wait_until_ended(say(at, "Who was here?"))
    assert "Anna" not in json.dumps(api.asked[-1].body)
    session = at.session_state["session"]
    assert services.journals().store.conversations(session.owner) == [] and "c" not in at.query_params


def test_nothing_private_is_on_the_stage(visit: Open, api: FakeAPI) -> None:
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    api.play(stream("Hello", usage={"prompt_tokens": 1, "completion_tokens": 1, "cost": 0.25}))
    wait_until_ended(say(at, "My private question"))
    assert services.journals().recorder.flush()
    well(at.button(key="stage").click().run())
    well(at.run())
    assert "private question" not in everything(at) and not at.sidebar.button
    assert api.url not in everything(at) and KEY[-4:] not in everything(at)
    api.play(stream("Yes.", usage={"prompt_tokens": 1, "completion_tokens": 1, "cost": 0.25}))
    wait_until_ended(say(at, "A question from the room"))
    assert all(item["footer"] is None for item in items(at))
    at.session_state["session"].chats.view.costs = True
    well(at.run())
    assert "0.25" in items(at)[-1]["footer"]["quiet"] and items(at)[-1]["footer"]["actions"] == []


def test_the_conversation_one_came_from_is_a_script_in_one_click(visit: Open, api: FakeAPI) -> None:
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    api.play(stream("Hello"))
    wait_until_ended(say(at, "One?"))
    well(at.button(key="stage").click().run())
    well(at.button(key="script.own").click().run())
    (step,) = stage(at).steps
    assert (step.prompt, step.recording is not None) == ("One?", True)
    assert script_file.looked_through(script_file.read(script_file.export(stage(at).script or tour())))


def test_a_script_is_edited_as_a_list_and_an_answer_is_kept_as_its_recording(visit: Open, api: FakeAPI) -> None:
    at = on_stage(
        visit, Script("Mine", (Step("ask", prompt="One?"),)), AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url
    )
    api.play(stream("Yes."))
    wait_until_ended(press(at, "next"))
    at.session_state["session"].dialogs.open("script")
    at.session_state["script.edited"] = (1, 1)
    well(at.run())
    well(at.text_area(key="step.1.caption").set_value("For *all* of you").run())
    well(at.number_input(key="step.1.heat").set_value(0.5).run())
    (step,) = stage(at).steps
    assert (step.caption, step.prompt, step.parameters) == ("For *all* of you", "One?", {"temperature": 0.5})
    assert conversation(at) == [], "other settings would give another answer"
    wait_until_ended(press(at, "again"))
    well(at.button(key="step.record").click().run())
    assert stage(at).steps[0].recording and "It has a recording" in page_text(well(at.run()))
    well(at.button(key="script.add.words").click().run())
    assert [step.kind for step in stage(at).steps] == ["ask", "words"]
    assert conversation(at)[-1][1] == "Yes."


FILES = {"one": script_file.export(ASKED), "none": "{}", "cut": script_file.export(ASKED)[:-9]}


@pytest.mark.parametrize("name", FILES)
def test_a_script_is_opened_from_a_file_or_refused_in_words(visit: Open, api: FakeAPI, name: str) -> None:
    at = visit(query={"stage": "on"}, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    file = ("script.json", FILES[name].encode(), "application/json")
    well(at.file_uploader(key="stage.file").set_value(file).run())
    assert stage(at).script == (ASKED if name == "one" else None) and api.asked == []
    assert name == "one" or "cannot be used" in at.error[0].value


def test_a_step_that_is_not_known_is_named_and_passed_over(visit: Open, api: FakeAPI) -> None:
    script = Script("", (Step("words", "First."), Step("unknown", "hologram"), Step("words", "Third.")))
    at = on_stage(visit, script)
    assert "1 of the steps" in page_text(at)
    press(press(at, "next"), "next")
    assert stage(at).place == 3 and "Third." in page_text(at)


def test_a_code_to_take_home_is_not_made_for_an_address_of_this_computer(visit: Open) -> None:
    at = on_stage(visit)
    at.session_state["session"].dialogs.open("take home")
    assert "only this computer" in page_text(well(at.run())) and not at.get("imgs")
