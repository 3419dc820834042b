"""Searches, assistants and batches on the Studio page, through AppTest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

import pytest
from basics import KEY
from fake_api import Reply, Request, reply
from rich_api import everything as all_models
from rich_api import row
from streamlit.testing.v1 import AppTest
from studio import StudioAPI, files
from visiting import Open, conversation, everything, well

from backend.errors import BadInput
from backend.jobs.job import Bounds, Draft, Job, JobTask
from backend.jobs.job import StepOutcome as Done
from backend.keys.endpoint import Endpoint
from backend.studio.batching import Batching
from backend.studio.families import KIND
from backend.studio.media_types import MediaType
from backend.studio.task import Task
from backend.types import JSON
from components.session import services

STUDIO = "pages/6_Studio.py"
CLAUDE = "claude-sonnet-4-5-20250929"
PATIENCE = 30.0
HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) :red[$x$]"
TOOL_CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}


def serve(request: Request) -> Reply:
    path = request.path.partition("?")[0]
    if path.endswith("/models"):
        return reply({"data": [{"id": "sonar"}, {"id": "gpt-4o"}, {"id": "claude"}]})
    if path.startswith("/made/"):
        return reply(files()["red.png"])
    if path.endswith("/chat/completions"):
        picture = f"http://{request.headers['host']}/made/red.png"
        return reply(
            {
                "choices": [{"message": {"content": f"56 m. {HOSTILE}"}}],
                "search_results": [{"url": "https://a.example/", "title": HOSTILE}],
                "images": [{"image_url": picture, "origin_url": "https://a.example/p"}],
            }
        )
    return assistants(request, path)


def assistants(request: Request, path: str) -> Reply:
    if request.method == "DELETE" or (path.endswith("/assistants") and request.method == "GET"):
        row = {"id": "asst/1", "name": HOSTILE, "instructions": "Be brief", "model": "gpt-4o"}
        return reply({"data": [row, {"id": 7}], "deleted": True})
    if path.endswith("/submit_tool_outputs"):
        return reply({"id": "run", "status": "completed"})
    if "/runs/run" in path:
        wanted = {"submit_tool_outputs": {"tool_calls": [TOOL_CALL]}}
        return reply({"id": "run", "status": "requires_action", "required_action": wanted, "expires_at": 1})
    if path.endswith("/messages") and request.method == "GET":
        said = [{"role": "assistant", "content": [{"type": "text", "text": {"value": f"4 degrees {HOSTILE}"}}]}]
        return reply({"data": said})
    return reply({"id": path.rpartition("/")[2].removesuffix("s"), "status": "queued"})


@pytest.fixture
def server() -> Iterator[StudioAPI]:
    with StudioAPI(serve) as made:
        yield made


def opened(visit: Open, server: StudioAPI, family: str, **more: str) -> AppTest:
    return visit(STUDIO, query={"family": family}, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=server.url, **more)


def ran(at: AppTest) -> tuple[AppTest, Job]:
    well(at.button(key="studio.run").click().run())
    job, *_ = services.jobs().saved_jobs("local").all(KIND)
    services.jobs().join(job.id, PATIENCE)
    return well(at.run()), job


def test_a_search_shows_its_answer_links_and_pictures_as_text(visit: Open, server: StudioAPI) -> None:
    at = opened(visit, server, "search")
    assert at.selectbox(key="studio.search:model").value == "sonar"
    at.text_area(key="studio.search.query").set_value("How tall is it?")
    at.text_input(key="studio.search.site").set_value("nowhere")
    at.text_input(key="studio.search.without").set_value("news")
    assert "no site" in well(at.button(key="studio.run").click().run()).error[0].value
    well(at.text_input(key="studio.search.site").set_value("a.example").run())
    whole = "How tall is it? site:a.example -news"
    assert whole in [one.value for one in at.code]
    at, _ = ran(at)
    (asked,) = [request for request in server.requests if request.method == "POST"]
    assert asked.body == {"model": "sonar", "messages": [{"role": "user", "content": whole}]}
    assert [tab.label for tab in at.tabs] == ["Answer", "Links", "Pictures"]
    assert conversation(at) == [("assistant", f"56 m. {HOSTILE}")]
    shown = "".join(one.value for one in (*at.markdown, *at.caption))
    assert "(https://a.example/)" in shown and "[x](javascript" not in shown
    assert services.shelf("local").used_bytes == len(files()["red.png"])
    at.run().button(key=f"studio.use.{services.jobs().saved_jobs('local').all(KIND)[0].id}").click().run()
    assert at.text_area(key="studio.search.query").value == whole
    assert not at.text_input(key="studio.search.site").value


def test_an_assistant_waits_for_a_tool_and_goes_on_in_its_thread(visit: Open, server: StudioAPI) -> None:
    at = opened(visit, server, "assistants")
    at.text_area(key="studio.assistants.message").set_value("How warm is it?")
    at, job = ran(at)
    assert "output of a tool" in everything(at) and "ten minutes are over" in everything(at)
    at.text_area(key=f"studio.output.{job.id}.0").set_value("4 degrees")
    well(at.button(key=f"studio.outputs.{job.id}").click().run())
    services.jobs().join(job.id, PATIENCE)
    well(at.run())
    given = next(request for request in server.requests if "submit_tool" in request.path)
    assert given.body == {"tool_outputs": [{"tool_call_id": "call_1", "output": "4 degrees"}], "stream": True}
    assert conversation(at) == [("assistant", f"4 degrees {HOSTILE}")]
    well(at.button(key=f"studio.go_on.{job.id}").click().run())
    assert at.text_area(key="studio.assistants.message").value == ""
    assert "thread" in str(at.session_state["studio.assistants.thread_id"])


def test_assistants_and_threads_are_listed_opened_and_deleted_at_the_server(visit: Open, server: StudioAPI) -> None:
    at = opened(visit, server, "assistants")
    at.text_area(key="studio.assistants.message").set_value("How warm is it?")
    at, _ = ran(at)
    at.session_state["studio.account"] = True
    well(at.run())
    well(at.selectbox(key="studio.account.assistant").set_value("asst/1").run())
    assert any("Be brief" in one.value for one in at.caption)
    well(at.button(key="studio.account.use_assistant").click().run())
    assert at.session_state["studio.assistants.assistant_id"] == "asst/1"
    well(at.selectbox(key="studio.account.thread").set_value("thread").run())
    assert ("assistant", f"4 degrees {HOSTILE}") in conversation(at)
    well(at.button(key="studio.account.go_on_thread").click().run())
    assert at.session_state["studio.assistants.thread_id"] == "thread"
    for kind in ("threads", "assistants"):
        well(at.button(key=f"studio.account.delete_now.{kind}").click().run())
    deleted = [request.path for request in server.requests if request.method == "DELETE"]
    assert deleted == ["/v1/threads/thread", "/v1/assistants/asst%2F1"]
    assert not at.session_state["studio.assistants.thread_id"]
    assert "No threads yet" in everything(at) and "No assistants" in everything(at)


def test_a_guest_sees_and_deletes_only_what_own_runs_have_made(visit: Open, server: StudioAPI) -> None:
    at = opened(visit, server, "assistants", PLAYGROUND_SHARED="1", PLAYGROUND_GUEST_MODELS="*")
    session = at.session_state["session"]
    made: dict[str, JSON] = {"assistant": "asst_owner", "thread": "thread_owner"}
    task = Task("assistants", "gpt-4o", "assistants", body={"model": "gpt-4o", "message": "Mine"})
    known = Done("done", {"made": made}, 0.0)
    server_ = session.studio.connection.endpoint.digest
    draft = Draft(KIND, "A file", {"server": server_}, [JobTask(task.as_json(), known=known)])
    session.studio.kept.saved_jobs.add(draft, Bounds(), "", at_rest=("done", "", 1.0))
    assert not session.studio.account.assistants() and not session.studio.account.threads()
    for kind, id_ in (("assistants", "asst_owner"), ("threads", "thread_owner")):
        with pytest.raises(BadInput, match="belongs to the account"):
            session.studio.account.delete(kind, id_)
    assert not [one for one in server.requests if "assistants" in one.path or one.method == "DELETE"]


def test_a_table_is_checked_as_it_is_typed_and_its_price_said(visit: Open) -> None:
    at = visit(STUDIO, query={"family": "batch"})
    at.text_area(key="studio.batch.table").set_value("city\nOslo\nRome")
    at.text_area(key="studio.batch.prompt").set_value("Where is {{town}}?")
    well(at.button(key="studio.run").click().run())
    assert "Rows 1, 2: there is no column “town”" in at.error[0].value.replace("\\", "")
    at.text_area(key="studio.batch.prompt").set_value("Where is {{city}}?")
    at.session_state["studio.request"] = True
    well(at.run())
    assert "row-2" in at.code[0].value and "what this costs" in everything(at)
    assert not services.jobs().saved_jobs("local").all(KIND)


def test_a_page_of_a_document_is_chosen_and_one_that_was_not_drawn_says_so(visit: Open) -> None:
    at = visit(STUDIO, query={"family": "ocr"})
    shelf, saved = services.shelf("local"), services.jobs().saved_jobs("local")
    with shelf.new() as file:
        file.write(json.dumps([{"markdown": "# One"}, {"markdown": "# Two"}]).encode())
        text = file.keep(MediaType("application/json", "json"))
    with shelf.new() as file:
        file.write(files()["red.png"])
        picture = file.keep()
    drawn: list[JSON] = [{"id": picture.id, "show": "image", "page": 0}]
    done = Done("done", {"pages": {"id": text.id}, "files": drawn, "undrawn": HOSTILE}, 0.01)
    task = Task("ocr", "mistral-ocr", "/v1/ocr")
    saved.add(
        Draft(KIND, "a.pdf", {}, [JobTask(task.as_json(), known=done)]), Bounds(), "", at_rest=("done", "", 1.0)
    )
    (job,) = saved.all(KIND)
    well(at.run())
    assert not any("not drawn" in one.value for one in at.caption)
    well(at.number_input(key=f"studio.page_number.{job.id}").set_value(2).run())
    assert any("not drawn" in one.value for one in at.caption)
    shown = "".join(one.value for one in at.caption)
    assert "<script>" not in shown.replace("\\<", "") and not at.button(key=f"studio.ask.{job.id}").disabled


CSV = b"custom_id;city\na;Oslo\nb;Rome\nc;Bern\n"
JSON_LINES = b"\n".join(
    json.dumps(
        {"custom_id": id_, "params": {"messages": [{"role": "user", "content": f"Where is {city}?"}]}}
    ).encode()
    for id_, city in (("a", "Oslo"), ("b", "Rome"), ("c", "Bern"))
)


def batches_of(request: Request) -> Reply:
    """A batch that is at work at first, and then has answered one row, refused one, and lost one."""
    if request.method == "POST":
        return reply({"id": "batch/1", "processing_status": "in_progress", "request_counts": {"processing": 3}})
    if not request.path.startswith("/v1/batches"):
        return reply({"data": []})
    message = {"content": [{"type": "text", "text": "In Norway."}]}
    refused = {"type": "error", "error": {"message": HOSTILE}}
    rows: list[dict[str, object]] = [
        {"custom_id": "b", "result": {"type": "errored", "error": refused}},
        {"custom_id": "a", "result": {"type": "succeeded", "message": message}},
    ]
    return reply("\n".join(map(json.dumps, rows)), headers={"Content-Type": "application/x-ndjson"})


@pytest.mark.parametrize(("name", "table"), [("rows.csv", CSV), ("rows.jsonl", JSON_LINES)])
def test_a_batch_goes_from_a_file_to_the_table_of_its_results(
    visit: Open, monkeypatch: pytest.MonkeyPatch, name: str, table: bytes
) -> None:
    monkeypatch.setattr("components.session.studio.maker", lambda _: partial(Batching, pauses=(0.0,)))
    with StudioAPI(batches_of) as server:
        monkeypatch.setattr(Endpoint, "is_aimlapi", property(lambda _: True))
        at = opened(visit, server, "batch")
        at.file_uploader(key="studio.batch.table.file").set_value((name, table, "text/csv"))
        well(at.text_area(key="studio.batch.prompt").set_value("Where is {{city}}?").run())
        assert any("Requests: 3" in one.value for one in at.caption)
        at, _ = ran(at)
        posted, polled = (one for one in server.requests if "/batches" in one.path)
    asked = [(one["custom_id"], one["params"]["messages"][0]["content"]) for one in posted.body["requests"]]
    assert asked == [("a", "Where is Oslo?"), ("b", "Where is Rome?"), ("c", "Where is Bern?")]
    assert polled.path == "/v1/batches?batch_id=batch%2F1"
    shown = at.dataframe[0].value
    assert shown["State"].tolist() == ["failed", "no result", "answered"]
    assert shown["Answer"].tolist()[0] == HOSTILE and "1 of 3 answered" in everything(at)


def with_prices(request: Request) -> Reply:
    if not request.path.startswith("/v1/models"):
        return batches_of(request)
    return reply({"data": all_models(row(CLAUDE, "Claude", 2.5), row("claude-large", "Claude Large", 2.5))})


def test_a_guests_batch_is_paid_for_beforehand_and_held_to_their_limits(
    visit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.session.studio.maker", lambda _: partial(Batching, pauses=(0.0,)))
    monkeypatch.setattr(Endpoint, "is_aimlapi", property(lambda _: True))
    said: list[JSON] = [{"role": "user", "content": "Hi"}]
    own = {"model": CLAUDE, "max_tokens": 1_000, "messages": said}
    with StudioAPI(with_prices) as server:
        at = opened(visit, server, "batch", PLAYGROUND_SHARED="1", PLAYGROUND_GUEST_MODELS=CLAUDE)
        for params, words in (
            ({**own, "model": "claude-large"}, "another model"),
            ({**own, "max_tokens": 3_000}, "at most 2,048 tokens"),
            ({**own, "tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "provider runs"),
            ({**own, "container": "x"}, "“container” is not open"),
        ):
            at.text_area(key="studio.batch.table").set_value(json.dumps({"params": params}))
            well(at.button(key="studio.run").click().run())
            assert words in at.error[0].value.replace("\\", ""), words
        assert not [one for one in server.requests if one.method == "POST"]
        at.text_area(key="studio.batch.table").set_value("\n".join([json.dumps({"params": own})] * 3))
        well(at.button(key="studio.run").click().run())
        owner = at.session_state["session"].owner
        services.jobs().join(services.jobs().saved_jobs(owner).all(KIND)[0].id, PATIENCE)
    assert 15_000 <= services.ledger().usage(owner).micros < 16_000, "half of 3 x 1,000 tokens, and their words"
