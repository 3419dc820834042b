"""The explorer of the Compare page as a visitor uses it, through AppTest."""

from __future__ import annotations

import threading

import pytest
from basics import KEY
from fake_api import USAGE, FakeAPI, Reply, Request, error, stream, tool_stream
from streamlit.testing.v1 import AppTest
from visiting import Open, everything, well

from backend.jobs.job import Job
from components.session import services
from components.session.widgets import inspector_tabs

COMPARE = "pages/2_Compare.py"
PATIENCE = 30.0


def opened(visit: Open, api: FakeAPI, experiment: str = "", **more: str) -> AppTest:
    query = {"experiment": experiment} if experiment else {}
    at = visit(COMPARE, query=query, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, **more)
    at.segmented_control(key="compare.mode").set_value("explorer")
    return well(at.run())


def filled(at: AppTest, prompt: str = "Say a word.", down: str = "0, 1", runs: int = 2) -> AppTest:
    at.text_area(key="grid.prompt").set_value(prompt)
    at.text_input(key="grid.values.temperature").set_value(down)
    at.number_input(key="grid.runs").set_value(runs)
    return well(at.run())


def started(at: AppTest, owner: str = "local") -> Job:
    well(at.button(key="grid.start").click().run())
    (job, *_) = services.jobs().saved_jobs(owner).all()
    return job


def finished(at: AppTest, job: Job) -> AppTest:
    services.jobs().join(job.id, PATIENCE)
    return well(at.run())


def hot_or_cold(request: Request) -> Reply:
    return stream("cold" if request.body["temperature"] == 0 else f"<b>hot</b> {request.connection}", usage=USAGE)


def test_a_grid_is_asked_in_all_its_cells_and_a_cell_can_be_read(visit: Open, api: FakeAPI) -> None:
    api.play(hot_or_cold)
    at = filled(opened(visit, api), down="0, 0.5, 1")
    assert "6 requests to" in everything(at)
    at = finished(at, started(at))
    assert sorted(request.body["temperature"] for request in api.asked) == [0, 0, 0.5, 0.5, 1, 1]
    assert "6 of 6" in everything(at) and next(code.value for code in at.main.code) == "cold"
    at.selectbox(key="experiment.cell").set_value(2).run()
    assert any(code.value.startswith("<b>hot</b>") for code in at.main.code), "a model's text is drawn as it is"
    well(at.button(key="experiment.new").click().run())
    assert at.button(key="grid.start") and at.text_area(key="grid.prompt").value == "Say a word."


def test_repeated_with_tools_their_calls_are_counted_and_none_is_run(visit: Open, api: FakeAPI) -> None:
    api.play(tool_stream(("1", "current_time", '{"zone": "Asia/Tokyo"}')))
    at = opened(visit, api)
    at.selectbox(key="grid.down").set_value("")
    at.multiselect(key="grid.tools").set_value(["current_time"])
    at.number_input(key="grid.runs").set_value(3)
    at.text_area(key="grid.prompt").set_value("What time is it?")
    at = finished(at, started(well(at.run())))
    assert len(api.asked) == 3
    assert all(tool["function"]["name"] == "current_time" for one in api.asked for tool in one.body["tools"])
    assert '3 × current_time {"zone": "Asia/Tokyo"}' in [code.value for code in at.code]
    well(at.button(key="experiment.new").click().run())
    assert at.multiselect(key="grid.tools").value == ["current_time"]


def test_the_inspector_shows_the_exchange_of_each_answer_of_a_cell(visit: Open, api: FakeAPI) -> None:
    api.play(hot_or_cold)
    at = filled(opened(visit, api), down="1", runs=2)
    at = finished(at, started(at))
    next(box for box in at.selectbox if "inspected" in str(box.key)).set_value(1)
    at = well(at.run())
    at = well(at.button(key="experiment.inspect.open").click().run())
    node = at.session_state["session"].inspected
    assert at.session_state["session"].exhibit.message.content in {
        f"<b>hot</b> {one.connection}" for one in api.asked
    }
    for tab in ("Request", "Response"):
        at.session_state[inspector_tabs(node)] = tab
        at = well(at.run())
        shown = everything(at) + "".join(code.value for code in at.code)
        assert ("POST" if tab == "Request" else "HTTP 200") in shown
        assert KEY not in shown
    assert "inspect.send" not in [button.key for button in at.button], "nothing of it is asked again from there"


@pytest.mark.parametrize(
    ("down", "runs", "words"),
    [
        ("0..1 step 0.02", 20, "1,020 requests"),
        ("", 1, "no value"),
    ],
)
def test_an_invalid_grid_is_explained_and_not_started(
    visit: Open, api: FakeAPI, down: str, runs: int, words: str
) -> None:
    at = filled(opened(visit, api), down=down, runs=runs)
    assert words in everything(at).replace("\\", "") and at.button(key="grid.start").disabled
    assert not api.asked


def test_a_request_that_holds_a_key_is_not_kept(visit: Open, api: FakeAPI) -> None:
    at = filled(opened(visit, api), prompt=f"My key is {KEY}")
    assert "holds an API key" in everything(at) and at.button(key="grid.start").disabled


def test_a_cell_whose_requests_fail_says_why_and_they_are_asked_again(visit: Open, api: FakeAPI) -> None:
    api.play(lambda request: error(400, "too hot") if request.body["temperature"] else stream("cold"))
    at = filled(opened(visit, api), runs=1)
    job = started(at)
    at = finished(at, job)
    assert "1 request failed" in everything(at)
    at.selectbox(key="experiment.cell").set_value(1).run()
    assert "1 × The server refused the request as it was" in everything(at).replace("\\", "")
    api.play(stream("hot"))
    at = finished(well(at.button(key="experiment.again.failed").click().run()), job)
    assert "request failed" not in everything(at) and len(api.asked) == 3


def test_stop_keeps_what_is_there_and_what_was_in_flight_is_asked_about(visit: Open, api: FakeAPI) -> None:
    go = threading.Event()
    api.play(lambda request: stream("slow", go, usage=USAGE))
    at = filled(opened(visit, api), runs=3)
    job = started(at)
    while len(api.asked) < 4:
        services.jobs().join(job.id, 0.02)
    at = finished(well(at.button(key="experiment.stop").click().run()), job)
    assert "4 requests were in flight" in everything(at)
    go.set()
    at = finished(well(at.button(key="experiment.go_on").click().run()), job)
    assert len(api.asked) == 6 and "4 requests were in flight" in everything(at)
    at = finished(well(at.button(key="experiment.again.unknown").click().run()), job)
    assert len(api.asked) == 10 and "in flight" not in everything(at)


def test_an_experiment_is_deleted_and_comes_back_by_undo(visit: Open, api: FakeAPI) -> None:
    at = filled(opened(visit, api), runs=1)
    job = started(at)
    at = finished(at, job)
    steps = services.jobs().saved_jobs("local").steps(job.id)
    at = well(at.button(key="experiment.delete").click().run())
    assert services.jobs().saved_jobs("local").all() == [] and at.button(key="grid.start")
    session = at.session_state["session"]
    session.deletions.undo(session.deletions.undoable.id)
    assert services.jobs().saved_jobs("local").steps(job.id) == steps
    assert at.button(key=f"experiment.open.{job.id}") if well(at.run()) else None


def test_a_guest_has_a_tenth_of_the_room_and_sees_only_own_experiments(visit: Open, api: FakeAPI) -> None:
    at = opened(visit, api, PLAYGROUND_SHARED="1")
    assert "room for 40" in everything(filled(at, runs=21))
    at = filled(at, runs=1)
    owner = at.session_state["session"].owner
    job = started(at, owner)
    assert owner.startswith("guest-") and job.total == 2
    other = opened(visit, api, job.id)
    assert "There is no such experiment" in everything(other)
    services.jobs().join(job.id, PATIENCE)
