"""Runs of assistants through the real backend: made, waited for, given the outputs of tools, ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_api import Reply, Request, reply
from studio import StepHands, StudioAPI, answers_by_path, making, of_family, worked_off

from backend.jobs.job import Again, Halt, Later
from backend.studio import assisting
from backend.studio import task as tasks
from backend.studio.assisting import Assisting
from backend.studio.families import FAMILIES
from backend.studio.task import Task
from backend.studio.threads import TEXT, Events
from backend.transport.call import Call

TOOL = {"type": "function", "function": {"name": "get_temperature"}}


def rows(*scenarios: str) -> list[dict[str, Any]]:
    return [row for row in of_family("assistants") if any(word in row["scenario"] for word in scenarios)]


def task(message: str = "What is 3x+11=14?", **more: Any) -> Task:
    body = {"model": "gpt-4o", "message": message, "stream": False, **more}
    return Task("assistants", "gpt-4o", FAMILIES["assistants"].own.path, body=body)


def test_the_documented_way_to_an_answer_is_gone_and_its_thread_kept(tmp_path: Path) -> None:
    (row,) = rows("run by polling")
    with StudioAPI(answers_by_path([row])) as api, making(api, tmp_path, kind=Assisting) as work:
        outcome, waited = worked_off(work, task(name="Tutor", instructions="Be brief."))
    asked = [(request.method, request.path, request.body) for request in api.requests]
    documented = [row["request"], *(one["request"] for one in row["responses"][1:])]
    none = asked[4][2]  # the body of a GET
    assert asked[:-1] == [(one["method"], one["path"], one.get("body", none)) for one in documented]
    assert {request.headers["openai-beta"] for request in api.requests} == {"assistants=v2"}
    result: Any = outcome.result
    assert [(one["role"], one["text"]) for one in result["result"]["messages"]] == [
        ("user", "What is 3x+11=14?"), ("assistant", "x = 1")
    ]  # fmt: skip
    assert [one["word"] for one in result["times"]] == ["queued", "in_progress", "completed"]
    assert result["made"] == {"assistant": "asst_ex1", "thread": "thread_ex1", "message": "msg_1", "run": "run_ex1"}
    assert (outcome.state, waited) == ("done", 2)


def test_a_run_waits_for_the_output_of_a_tool_and_goes_on_with_it(tmp_path: Path) -> None:
    message = {"method": "POST", "path": "/threads/thread_ex1/messages"}
    posted = {"request": message, "responses": [{"status": 200, "headers": {}, "body": {"id": "m"}}]}
    script = answers_by_path([posted, *rows("asks for a tool")])
    asked = task("Oslo?", assistant_id="asst_ex1", thread_id="thread_ex1", tools=[TOOL])
    with StudioAPI(script) as api, making(api, tmp_path, kind=Assisting) as work:
        hands = StepHands()
        with pytest.raises(Halt, match="ten minutes"):
            worked_off(work, asked, hands)
        handle = tasks.read_handle(hands.handle)
        (call,) = assisting.waiting_calls(handle)
        assert call == {"id": "call_1", "name": "get_temperature", "arguments": '{"city":"Oslo"}'}
        assert assisting.seconds_left(handle, 1793000002) == 600 and assisting.seconds_left(handle, 2e9) == 0
        given = replace(work, outputs={"call_1": "4 degrees"})
        outcome, _ = worked_off(given, asked, hands)
    bodies = {request.path: request.body for request in api.requests if request.method == "POST"}
    assert bodies["/threads/thread_ex1/runs"] == {"assistant_id": "asst_ex1", "tools": [TOOL]}
    assert bodies["/threads/thread_ex1/runs/run_ex1/submit_tool_outputs"] == {
        "tool_outputs": [{"tool_call_id": "call_1", "output": "4 degrees"}]
    }
    assert outcome.state == "done" and outcome.result["given"][0]["output"] == "4 degrees"  # type: ignore


def streamed(row: dict[str, Any], *, upto: int | None = None) -> Callable[[Request], Reply]:
    """The documented stream of a run, or its first events; the thread and the run as they are afterwards."""
    events = row["responses"][0]["body_text"].split("\n\n")[:upto]

    def answer(request: Request) -> Reply:
        if request.path.endswith("/runs"):
            headers = {"Content-Type": "text/event-stream; charset=utf-8"}
            return reply("".join(f"{event}\n\n" for event in events), headers=headers)
        if request.path.endswith("/messages") and request.method == "GET":
            said = [{"role": "assistant", "content": [{"type": "text", "text": {"value": "All of it"}}]}]
            return reply({"data": said})
        return reply({"id": "run_ex1", "status": "completed", "data": []})

    return answer


@pytest.mark.parametrize("upto", [None, 3], ids=["to its end", "breaks off"])
def test_the_answer_of_a_streamed_run_grows_and_its_thread_is_kept(upto: int | None, tmp_path: Path) -> None:
    """A stream that breaks off after the run began is looked at by the run's id, and nothing is asked twice."""
    (row,) = rows("a streamed run")
    asked = task(assistant_id="asst_ex1", thread_id="thread_ex1", stream=True)
    with StudioAPI(streamed(row, upto=upto)) as api, making(api, tmp_path, kind=Assisting) as work:
        hands = StepHands()
        outcome, waited = worked_off(work, replace(asked, mark="a" * 32), hands)
        assert work.shelf.growing("a" * 32) is None and not work.shelf.used_bytes
    (post,) = [one for one in api.requests if one.path.endswith("/runs") and one.method == "POST"]
    assert post.body == row["request"]["body"] and waited == (1 if upto else 0)
    result: Any = outcome.result
    assert outcome.state == "done" and result["result"]["messages"][0]["text"] == "All of it"
    assert [one["word"] for one in result["times"]][-1] == "completed" and result["times"][0]["word"] == "queued"
    assert any('"run": "run_ex1"' in kept for kept in hands.kept), "found again after a crash"


@pytest.mark.parametrize("upto", [None, 3], ids=["to its end", "breaks off"])
def test_the_answer_after_a_tool_is_streamed_as_the_first_one_is(upto: int | None, tmp_path: Path) -> None:
    (row,) = rows("streamed run")
    after, asks = streamed(row, upto=upto), rows("asks for a tool")[0]["responses"]
    needs = next(one["body"] for one in asks if one["body"].get("required_action"))

    def answer(request: Request) -> Reply:
        if request.path.endswith("/submit_tool_outputs"):
            return after(replace(request, path="/runs"))
        submitted = any("submit" in one.path for one in api.requests)
        return reply(needs) if "/runs" in request.path and not submitted else after(request)

    asked = task(assistant_id="asst_ex1", thread_id="thread_ex1", stream=True, tools=[TOOL])
    with StudioAPI(answer) as api, making(api, tmp_path, kind=Assisting) as work:
        hands, grew = StepHands(), list[str]()
        with pytest.raises(Halt):
            worked_off(work, replace(asked, mark="a" * 32), hands)
        hands.kept.clear()
        given = replace(work, outputs={"call_1": "4 degrees"})
        outcome, waited = worked_off(given, replace(asked, mark="a" * 32), hands)
        grew += [file.name for file in work.shelf._folder.iterdir()] if work.shelf._folder.exists() else []
    (post,) = [one for one in api.requests if "submit" in one.path]
    assert post.body == {"tool_outputs": [{"tool_call_id": "call_1", "output": "4 degrees"}], "stream": True}
    result: Any = outcome.result
    assert outcome.state == "done" and waited == (1 if upto else 0) and not grew
    assert result["given"][0]["output"] == "4 degrees" and result["result"]["messages"][0]["text"] == "All of it"
    assert result["times"][0]["word"] == "requires_action" and result["times"][-1]["word"] == "completed"
    kept = tasks.read_handle(hands.kept[0])
    assert kept and not assisting.waiting_calls(kept) and kept.so_far["given"], "given once, also after a crash"


def test_a_key_that_comes_in_pieces_is_not_in_what_grows(tmp_path: Path) -> None:
    key = "sk-example-0123456789abcdef"
    grew: list[str] = []

    class Watching(StepHands):
        def keep_handle(self, handle: str) -> None:
            super().keep_handle(handle)
            if found := work.shelf.growing("a" * 32):
                grew.append(found.path.read_text())

    def event(name: str, body: Any) -> str:
        return f"event: thread.{name}\ndata: {json.dumps(body)}\n\n"

    def answer(request: Request) -> Reply:
        if not request.path.endswith("/runs"):
            return reply({"id": "run_ex1", "status": "completed", "data": []})
        pieces = ["Your key is ", key[:9], key[9:], ", keep it."]
        said = [event("message.delta", {"delta": {"content": [{"text": {"value": piece}}]}}) for piece in pieces]
        words = [event(f"run.{word}", {"id": "run_ex1", "status": word}) for word in ("queued", "in_progress", "x")]
        events = [words[0], *said[:2], words[1], *said[2:], words[2]]
        return reply("".join(events), headers={"Content-Type": "text/event-stream"})

    asked = task(assistant_id="asst_ex1", thread_id="thread_ex1", stream=True)
    with StudioAPI(answer) as api, making(api, tmp_path, kind=Assisting, key=key) as work:
        worked_off(work, replace(asked, mark="a" * 32), Watching())
    assert grew[0].startswith("Your key is") and grew[-1].endswith(", keep it.")
    assert not any(piece in text for text in grew for piece in (key[:9], key[9:]))


def test_a_stream_that_repeats_itself_is_written_down_only_when_it_changes(tmp_path: Path) -> None:
    def event(number: int) -> str:
        word = "queued" if number < 500 or number % 2 else "in_progress"
        return f'event: thread.run.{word}\ndata: {{"id": "run_ex1", "status": "{word}"}}\n\n'

    def answer(request: Request) -> Reply:
        if request.path.endswith("/runs"):
            return reply("".join(map(event, range(1_000))), headers={"Content-Type": "text/event-stream"})
        return reply({"id": "run_ex1", "status": "completed", "data": []})

    asked = task(assistant_id="asst_ex1", thread_id="thread_ex1", stream=True)
    with StudioAPI(answer) as api, making(api, tmp_path, kind=Assisting) as work:
        hands = StepHands()
        outcome, _ = worked_off(work, asked, hands)
    assert outcome.state == "done" and len(hands.kept) < 70


def test_events_of_a_run_are_read_whatever_comes() -> None:
    said = Events()
    delta = {"delta": {"content": [{"type": "text", "text": {"value": "Hi"}}, {"text": 7}, 5]}}
    assert said.take("thread.message.delta", json.dumps(delta)) == "Hi"
    assert not any(said.take(name, data) for name, data in [
        ("thread.run.created", "{"), ("thread.run.created", "[]"), ("thread.run.step.created", '{"id": "step"}'),
        ("thread.unheard", '{"id": "x"}'), ("done", "[DONE]"), ("thread.message.delta", '{"delta": []}'),
    ])  # fmt: skip
    assert said.run == {} and said.take("error", '{"message": "Slow down"}') == "" and said.error == "Slow down"
    long = json.dumps({"delta": {"content": [{"text": {"value": "x" * 2 * TEXT}}]}})
    assert len(said.take("thread.message.delta", long)) == TEXT - 2 and not said.take("thread.message.delta", long)


@pytest.mark.parametrize(("left_out", "word"), [(1, "exceeded your current quota"), (2, "expired")])
def test_a_run_that_failed_or_expired_says_why(left_out: int, word: str, tmp_path: Path) -> None:
    (row,) = rows("fails, and one that expired")
    answers = [row["responses"][0], row["responses"][left_out]]
    message = {"method": "POST", "path": "/threads/thread_ex1/messages"}
    posted = {"request": message, "responses": [{"status": 200, "headers": {}, "body": {"id": "m"}}]}
    with (
        StudioAPI(answers_by_path([posted, {**row, "responses": answers}])) as api,
        making(api, tmp_path, kind=Assisting) as work,
    ):
        outcome, _ = worked_off(work, task(assistant_id="asst_ex1", thread_id="thread_ex1"))
    assert outcome.state == "failed" and word in str(outcome.result["error"])
    assert outcome.result["made"]["thread"] == "thread_ex1"  # type: ignore


def test_nothing_is_made_twice_when_the_server_is_busy_or_the_process_is_killed(tmp_path: Path) -> None:
    busy = [reply("Slow", 429)]

    def answer(request: Request) -> Reply:
        if request.path.endswith("/runs"):
            return busy.pop() if busy else reply({"id": "run_1", "status": "queued"})
        if request.path.endswith("/messages"):
            return reply({"id": "msg_1", "data": []})
        if request.path.endswith("/run_1"):
            return reply({"id": "run_1", "status": "completed"})
        return reply({"id": f"{request.path.strip('/')}_1"})

    with StudioAPI(answer) as api, making(api, tmp_path, kind=Assisting) as work:
        hands = StepHands()
        with pytest.raises(Again):
            work(task().as_json(), hands)
        with pytest.raises(Later):
            work(task().as_json(), hands)
        killed = next(one for one in hands.kept if "asking" in one)
        again, _ = worked_off(work, task(), StepHands(killed))
        outcome, _ = worked_off(work, task(), hands)
    posts = [request.path for request in api.requests if request.method == "POST"]
    assert posts == ["/assistants", "/threads", "/threads/threads_1/messages", *["/threads/threads_1/runs"] * 2]
    assert outcome.state == "done" and again.state == "failed" and "look there" in str(again.result["error"])


def test_ids_from_a_server_or_a_visitor_are_no_paths(tmp_path: Path) -> None:
    answer = reply({"id": "../../x?y#z", "status": "completed"})
    with StudioAPI(answer) as api, making(api, tmp_path, kind=Assisting) as work:
        worked_off(work, task(thread_id="../admin"))
        with Call() as call:
            assisting.cancel(
                work.client, task(), tasks.Handle("r", so_far={"made": {"thread": "a/b", "run": "c"}}), call
            )
    paths = [request.path for request in api.requests]
    assert "/threads/..%2Fadmin/messages" in paths and paths[-1] == "/threads/a%2Fb/runs/c/cancel"
    assert not any("/../" in path or "?y" in path for path in paths)


@pytest.mark.parametrize(
    "body", [[], "x", {"status": 7}, {"id": ["x"]}, {"required_action": {"submit_tool_outputs": []}}]
)
def test_any_answer_is_read(body: Any, tmp_path: Path) -> None:
    with StudioAPI(reply(body)) as api, making(api, tmp_path, kind=Assisting) as work:
        outcome, _ = worked_off(work, task())
    assert outcome.state in ("failed", "unknown") and json.dumps(outcome.result)
