"""The mode Suite of the Compare page through AppTest: open, run, look, run again, save."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from basics import KEY
from chats import LONG
from fake_api import FakeAPI, by_prompt, completion, error, stream
from streamlit.testing.v1 import AppTest
from visiting import Open, everything, press, well

from backend.compare import job_files
from backend.compare.suite import file
from backend.compare.suite.check import Check
from backend.compare.suite.suite import Row, Suite
from components.session import exhibit, services
from components.session.widgets import inspector_tabs
from components.suite import words

COMPARE = "pages/2_Compare.py"
HOSTILE = "![x](http://evil.example/x.png) :red[a] $x$ <b>b</b>"
PROMPTFOO = """
prompts: ["Say {{city}}", "file://prompt.txt"]
providers: ["openai:chat:fake/alpha", {id: "openai:chat:fake/beta", config: {temperature: 0.5}}]
tests:
  - vars: {city: Paris}
    assert: [{type: contains, value: Paris}, {type: javascript, value: "1"}]
"""


def suite_of(at: AppTest) -> Any:
    return at.session_state["suitedesk"]


@pytest.fixture
def at(visit: Open, api: FakeAPI) -> AppTest:
    """The mode Suite, connected to `api`."""
    opened = visit(COMPARE, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    opened.session_state["compare.mode"] = "suite"
    opened.session_state["compare.chosen"] = ("suite", opened.session_state["session"].chats.race_chat.race.number)
    return well(opened.run())


def opened(at: AppTest, content: str, name: str = "suite.yaml") -> AppTest:
    key = f"suite.{suite_of(at).version}.{'file' if name.endswith('.yaml') else 'table'}"
    return well(at.file_uploader(key=key).set_value((name, content.encode(), "text/plain")).run())


def told(at: AppTest) -> str:
    """What is said on the page, as it is read."""
    drawn = (*at.main.markdown, *at.main.caption, *at.main.error, *at.main.warning)
    return "\n".join(element.value for element in drawn).replace("\\", "")


def ended(at: AppTest) -> AppTest:
    """As the page is drawn when the run is over."""
    services.jobs().join(suite_of(at).run, LONG)
    return well(at.run())


def test_the_example_runs_in_all_lanes_and_only_failures_run_again(at: AppTest, api: FakeAPI) -> None:
    api.play(by_prompt({"France": completion("Paris"), "Peru": stream("Lima")}, completion("No idea.")))
    press(at, "suite.example")
    assert at.button(key="suite.run").label == "Run 8 answers"
    ended(press(at, "suite.run"))
    assert "4 of 8 passed, 4 failed." in told(at)
    grid = at.dataframe[-1].value
    assert list(grid["Row"]) == ["France", "Peru", "Nigeria", "Australia"]
    assert list(grid.iloc[:, 1]) == ["✓ pass", "✓ pass", "✕ fail", "✕ fail"]
    api.play(by_prompt({"Nigeria": completion("Abuja"), "Australia": error(400, "No.")}))
    api.requests.clear()
    ended(press(at, "suite.failed"))
    assert len(api.asked) == 4
    assert list(at.dataframe[-1].value.iloc[:, 1]) == ["✓ pass", "✓ pass", "✓ pass (was not)", "! no answer"]
    assert "2 better and 0 worse than in the run it is compared with." in told(at)


def test_a_suite_with_lanes_of_its_own_leaves_the_answers_of_a_race_alone(at: AppTest, api: FakeAPI) -> None:
    session = at.session_state["session"]
    asked = session.chats.race_chat.race
    session.composer.send("Hello", session.chats.race_chat)
    asked.join(20)
    opened(well(at.run()), PROMPTFOO)
    race = session.chats.race_chat.race
    assert race is not asked and [lane.changes.model for lane in race.lanes] == ["fake/alpha", "fake/beta"]
    assert len(asked.lanes) == 2 and all(len(lane.chat.conversation) == 2 for lane in asked.lanes)
    assert well(at.run()).segmented_control(key="compare.mode").value == "suite"


def test_names_of_lanes_do_not_tell_who_is_who_in_a_race_that_waits_for_a_vote(at: AppTest, api: FakeAPI) -> None:
    session = at.session_state["session"]
    blind = session.chats.race_chat.race
    blind.blind = True
    session.composer.send("Hello", session.chats.race_chat)
    blind.join(20)
    assert blind.hidden
    at = well(at.run())
    at.session_state["compare.chosen"] = ("suite", blind.number)
    well(at.run())
    assert session.chats.race_chat.race is not blind and "Asked of 2 lanes" in told(at)


def test_the_inspector_opens_on_a_cell_and_the_file_of_its_run_has_no_address(at: AppTest, api: FakeAPI) -> None:
    api.play(by_prompt({"France": error(400, "Not that one.")}, stream("Lima")))
    press(at, "suite.example")
    ended(press(at, "suite.run"))
    session = at.session_state["session"]
    run = session.experiments.saved_jobs.job(suite_of(at).run)
    for row, (status, said) in enumerate((("HTTP 400", "Not that one."), ("HTTP 200", "Lima"))):
        _, answer = suite_of(at).results.cell(session.experiments, run, row, 0)
        exhibit.inspect(session, answer)
        at.session_state[inspector_tabs(session.inspected)] = "Response"
        well(at.run())
        assert [code.value for code in at.code if code.value.startswith("HTTP")] == [status]
        assert said in everything(at) + "".join(code.value for code in at.code)
    file = job_files.export(run, session.experiments.saved_jobs.steps(run.id))
    assert "Lima" in file and api.url not in file and KEY not in file


def test_a_promptfoo_suite_brings_its_lanes_and_names_what_is_left_out(at: AppTest, api: FakeAPI) -> None:
    opened(at, PROMPTFOO)
    assert "prompts[1]" in everything(at) and "it would be run as code" in everything(at)
    ended(press(at, "suite.run"))
    assert {request.body["model"]: request.body.get("temperature") for request in api.asked} == {
        "fake/alpha": None,
        "fake/beta": 0.5,
    }
    saved = {button.label: button for button in at.get("download_button")}
    assert {words.SAVE_OWN, words.SAVE_PROMPTFOO, words.SAVE_RESULTS} <= saved.keys()


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        ("format: llm-playground/suite\nchecks: [{check: haiku}]", "suite.yaml", "haiku"),
        ("a b\n1", "rows.csv", "no name of a variable"),
    ],
)
def test_an_unreadable_file_is_refused_in_words_and_loses_nothing(
    at: AppTest, content: str, name: str, why: str
) -> None:
    press(at, "suite.example")
    before = suite_of(at).suite
    opened(at, content, name)
    assert why in told(at)
    assert suite_of(at).suite == before


def test_rows_of_a_table_take_the_place_of_those_that_were_there(at: AppTest, api: FakeAPI) -> None:
    press(at, "suite.example")
    opened(at, "country,capital\nChile,Santiago\n", "rows.csv")
    ended(press(at, "suite.run"))
    assert {request.prompt for request in api.asked} == {
        "What is the capital of Chile? Answer with the name of the city only."
    }


def test_texts_of_strangers_are_drawn_as_they_are(at: AppTest, api: FakeAPI) -> None:
    api.play(completion(HOSTILE))
    check = Check("contains", f"no {HOSTILE}")
    opened(at, file.dump(Suite(HOSTILE, HOSTILE, (Row({"a": HOSTILE}),), (check,))))
    ended(press(at, "suite.run"))
    drawn = [element.value for kind in ("markdown", "caption", "error", "warning") for element in at.get(kind)]
    assert not [text for text in drawn if "](http" in text or "<b>" in text or "\n:red[a]" in text]


def test_a_suite_is_kept_with_each_run_and_survives_a_reload(at: AppTest, api: FakeAPI, visit: Open) -> None:
    api.play(completion("Paris"))
    press(at, "suite.example")
    ended(press(at, "suite.run"))
    again = visit(COMPARE, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    again.session_state["compare.mode"] = "suite"
    again.session_state["compare.chosen"] = ("suite", again.session_state["session"].chats.race_chat.race.number)
    well(again.run())
    well(again.selectbox(key="suite.0.kept").select_index(0).run())
    assert suite_of(again).suite == suite_of(at).suite
    api.play(by_prompt({"Peru": completion("Lima")}, completion("No idea.")))
    ended(press(again, "suite.run"))
    assert list(again.dataframe[-1].value.iloc[:2, 1]) == ["✕ fail (passed before)", "✓ pass (was not)"]
    ended(press(again, "suite.run"))
    assert words.SAME in told(again)
    compared = again.selectbox(key=f"suite.compared.{suite_of(again).run}")
    assert len(compared.options) == 2 and compared.index == 0, "the run before"
    well(compared.select_index(1).run())
    assert "2 better and 2 worse" in told(again), "than in the first run"
    press(again, "suite.delete")
    assert not services.saved_suites("local").names()


def test_without_anything_to_run_the_button_says_why_and_else_what_it_costs(at: AppTest, api: FakeAPI) -> None:
    assert at.button(key="suite.run").disabled and words.NOTHING in told(at)
    press(at, "suite.example")
    assert not at.button(key="suite.run").disabled and "8 requests" in told(at)
    assert words.NOTHING not in told(at)


def test_a_run_outlives_its_tab_and_its_address_finds_it(at: AppTest, api: FakeAPI, visit: Open) -> None:
    go = threading.Event()
    api.play(by_prompt({"France": stream("Paris")}, stream(go, "No idea.")))
    press(at, "suite.example")
    press(at, "suite.run")
    id_ = suite_of(at).run
    assert at.query_params["experiment"] == id_
    again = visit(COMPARE, query={"experiment": id_}, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    assert suite_of(again).suite.prompt == suite_of(at).suite.prompt and again.button(key="experiment.stop")
    go.set()
    ended(again)
    assert "2 of 8 passed, 6 failed." in told(again) and len(api.asked) == 8


def test_a_guest_who_cannot_pay_for_all_of_it_runs_none_of_it(visit: Open, api: FakeAPI) -> None:
    limits = {"PLAYGROUND_GUEST_MESSAGES_PER_DAY": "7"}
    at = visit(COMPARE, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, PLAYGROUND_SHARED="1", **limits)
    at.segmented_control(key="compare.mode").set_value("suite")
    press(well(at.run()), "suite.example")
    press(at, "suite.run")
    assert api.asked == [] and "7 messages" in told(at)
