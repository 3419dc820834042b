"""A batch: from a table to its results, through the real backend."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_api import Reply, Request, reply
from studio import StepHands, StudioAPI, answers_by_path, making, of_family, worked_off

from backend.jobs.job import Halt
from backend.studio import batch_results, batches, batching, form_requests
from backend.studio.batches import BadRows
from backend.studio.batching import Batching, kept_rows
from backend.studio.families import FAMILIES
from backend.studio.task import Handle, Task
from backend.transport.call import Call

MODEL = "claude-sonnet-4-5-20250929"
WAY = FAMILIES["batch"].own


def task(table: str, prompt: str = "", **more: Any) -> Task:
    body = {"model": MODEL, "table": [dict(row) for row in batches.read(table)], "prompt": prompt, **more}
    (made,) = form_requests.tasks_of(Task("batch", MODEL, WAY.path, WAY.poll, body=body), WAY)
    return made


def asked(table: str, prompt: str = "", **more: Any) -> list[dict[str, Any]]:
    made: Any = task(table, prompt, **more).body["requests"]
    return list(made)


# ---- the table --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "prompt", "contents"),
    [
        ("prompt\nName a colour\nName a tree", "", ["Name a colour", "Name a tree"]),
        ("\ufeffcity;what\r\nOslo;weather\r\n;\r\n\"Rome; IT\";food\r\n", "{{ what }} in {{city}}?",
         ["weather in Oslo?", "food in Rome; IT?"]),
        ("a\tb\n1\t2", "{{a}}+{{b}}", ["1+2"]),
        ('{"prompt": "x"}\n\n{"prompt": ["y", 2]}', "", ["x", '["y", 2]']),
        ('[{"q": "x"}]', "Say {{q}}", ["Say x"]),
        ("q,note\n{{note}},secret", "{{q}}", ["{{note}}"]),
    ],
)  # fmt: skip
def test_a_row_becomes_a_request_by_the_template(table: str, prompt: str, contents: list[str]) -> None:
    made = asked(table, prompt, max_tokens=64, system="Be brief.")
    assert [one["params"]["messages"] for one in made] == [[{"role": "user", "content": one}] for one in contents]
    assert made[0]["params"] | {"messages": 0} == {
        "model": MODEL, "max_tokens": 64, "system": "Be brief.", "messages": 0
    }  # fmt: skip
    assert made[0]["custom_id"] == "row-1"


def test_a_row_may_be_a_request_already_as_either_provider_writes_it() -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    lines = [
        {"custom_id": "a-1", "params": {"model": "m", "max_tokens": 5, "messages": messages[1:]}},
        {"custom_id": "a-2", "method": "POST", "url": "/v1/chat/completions", "body": {"messages": messages}},
    ]
    one, two = asked("\n".join(map(json.dumps, lines)))
    assert one == lines[0]
    assert two["params"] == {
        "model": MODEL, "max_tokens": 1024, "system": "Be brief.", "messages": messages[1:]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "prompt", "words"),
    [
        ("", "", ["empty"]),
        ("prompt\n", "", ["no row"]),
        ("a,a\n1,2", "", ["“a” twice"]),
        ("prompt\nx\ny,z", "", ["Row 2: 2 cells, the head has 1"]),
        ('prompt\n"x', "", ["cannot be read"]),
        ("city\nOslo\nRome", "{{town}}", ["Rows 1, 2: there is no column “town”, only “city”"]),
        ("prompt,b\nx,1\n  ,1", "", ["Row 2: nothing is asked"]),
        ("id,prompt\na,x\na,y\n!,z", "", ["Row 2: the id “a” is that of row 1", "Row 3: the id “!” is none"]),
        ('{"prompt": "x"}\n{"prompt": ', "", ["Row 2: no JSON object"]),
        ("[1]", "", ["Row 1: no JSON object"]),
        ("[1", "", ["no valid JSON"]),
        ('{"params": {"messages": []}}', "", ["Row 1: its messages are missing"]),
        ('{"params": {"messages": [{"role": "tool", "content": "x"}]}}', "", ["Row 1: its messages"]),
        ('{"params": {"messages": [{"role": "user", "content": "x"}], "max_tokens": "many"}}', "",
         ["Row 1: its max_tokens"]),
        ("prompt\n" + "x\n" * 10_001, "", ["10,001 rows: 10,000"]),
        ("x\n" + " \n" * 20 + "1\n" * 20, "{{prompt}}", ["Rows 1, 2, 3 and 17 more: there is"]),
        ("x" * 8_000_001, "", ["8,000,000"]),
        ("[" * 5_000, "", ["no valid JSON"]),
    ],
)  # fmt: skip
def test_errors_in_a_table_are_named_with_their_rows(table: str, prompt: str, words: list[str]) -> None:
    with pytest.raises(BadRows) as error:
        task(table, prompt)
    assert all(word in str(error.value) for word in words), str(error.value)
    assert len(str(error.value)) < 2_000


# ---- the batch --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", of_family("batch"), ids=lambda row: str(row["scenario"]))
def test_a_documented_batch_ends_as_it_is_meant(row: Any, tmp_path: Path) -> None:
    created = next(one for one in of_family("batch") if "two requests" in one["scenario"])
    rows = [row] if row["request"].get("body") else [{**created, "responses": created["responses"][:1]}, row]
    requests = rows[0]["request"]["body"]["requests"]
    body = {"model": MODEL, "requests": requests}
    with StudioAPI(answers_by_path(rows)) as api, making(api, tmp_path, kind=Batching) as work:
        made = form_requests.storable(Task("batch", MODEL, WAY.path, WAY.poll, body=body), work.shelf)
        outcome, _ = worked_off(work, made)
        assert api.requests[0].body == {"requests": requests}
        if row["request"].get("body") is None:
            with Call() as call:
                batching.cancel(work.client, Handle("exBatch00000000000001"), call)
            assert (api.requests[-1].method, api.requests[-1].path) == ("POST", row["request"]["path"])
        if "not a Claude" in row["scenario"]:
            assert outcome.state == "failed" and "not supported" in str(outcome.result)
        elif row["scenario"] == "cancelled":
            assert outcome.state == "failed" and "cancelled" in str(outcome.result)
        else:
            answers = json.loads(work.shelf.find(outcome.result["rows"]["id"]).path.read_text())  # type: ignore
            told = [(one.id, one.state, one.answer or one.error) for one in kept_rows(answers)]
            assert told in (
                [("a-1", "succeeded", "Teal"), ("a-2", "succeeded", "Alder")],
                [("b-1", "errored", "max_tokens too large")],
            )


def test_results_are_matched_by_their_ids_whatever_the_server_gives() -> None:
    wanted = [
        {"custom_id": id_, "params": {"messages": [{"role": "user", "content": f"Q {id_}"}]}} for id_ in "abcd"
    ]
    lines = [
        {"custom_id": "c", "result": {"type": "errored", "error": {"type": "overloaded"}}},
        {
            "custom_id": "a",
            "result": {"type": "succeeded", "message": {"content": [{"type": "text", "text": "A"}]}},
        },
        {"custom_id": "a", "result": {"type": "expired"}},
        {"custom_id": "stranger", "result": {"type": "succeeded"}},
        {"custom_id": ["d"], "result": 7},
        "no object",
    ]
    given = "\n".join([*map(json.dumps, lines), '{"custom_id": "b", "resu'])
    found = batch_results.results(batch_results.lines_of([given.encode()]), wanted)  # type: ignore[arg-type]
    assert [(one.id, one.asked, one.state) for one in found] == [
        ("a", "Q a", "succeeded"), ("b", "Q b", "missing"), ("c", "Q c", "errored"), ("d", "Q d", "missing")
    ]  # fmt: skip
    assert found[2].error == "overloaded"


def test_a_table_of_results_runs_nothing_in_a_spreadsheet() -> None:
    outcome = batch_results.Outcome("a", "=1+1", "succeeded", '@SUM(1),"x"\n-', "", 1, None)
    (_, row) = csv.reader(io.StringIO(batch_results.table([outcome])))
    assert row == ["a", "succeeded", "'=1+1", '\'@SUM(1),"x"\n-', "", "1", ""]


def test_progress_is_kept_and_a_file_that_was_deleted_takes_no_result_with_it(tmp_path: Path) -> None:
    counts = {"processing": 1, "succeeded": 1, "errored": "x"}
    running = {"id": "b/1", "processing_status": "in_progress", "request_counts": counts}
    line = {"custom_id": "row-1", "result": {"type": "succeeded", "message": {"content": "Teal"}}}

    def answer(request: Request) -> Reply:
        if len(api.requests) < 3:
            return reply(running)
        (file,) = (path for path in tmp_path.rglob("*.json"))
        file.unlink()
        return Reply([json.dumps(line).encode()])

    with StudioAPI(answer) as api, making(api, tmp_path, kind=Batching) as work:
        hands = StepHands()
        outcome, waited = worked_off(work, form_requests.storable(task("prompt\nName a colour"), work.shelf), hands)
    assert json.loads(hands.kept[0])["so_far"] == {"counts": {"processing": 1, "succeeded": 1}}
    assert api.requests[1].path == "/v1/batches?batch_id=b%2F1"
    lines = work.shelf.find(outcome.result["lines"]["id"])  # type: ignore[index, call-overload, arg-type]
    assert lines and lines.type == batching.LINES and json.loads(lines.path.read_text()) == line
    assert (outcome.state, waited, outcome.result["counts"]) == ("done", 2, {"succeeded": 1})


# ---- a batch that ended before its time, and a large one -------------------------------------------------------


def answered(id_: str, words: str = "Teal") -> str:
    content = [{"type": "text", "text": words}]
    return json.dumps({"custom_id": id_, "result": {"type": "succeeded", "message": {"content": content}}})


def come(folder: Path, script: Any, rows: int = 3) -> tuple[Any, list[batch_results.Outcome], StudioAPI]:
    """What came of a batch of so many rows: its outcome, its table, and what was asked."""
    table = "prompt\n" + "".join(f"Question {at}\n" for at in range(rows))
    with StudioAPI(script) as api, making(api, folder, kind=Batching) as work:
        outcome, _ = worked_off(work, form_requests.storable(task(table), work.shelf))
        rows_ = work.shelf.find(outcome.result["rows"]["id"])  # type: ignore[index, call-overload, arg-type]
        assert rows_
        return outcome, kept_rows(json.loads(rows_.path.read_text())), api


@pytest.mark.parametrize("word", ["cancelled", "expired"])
def test_answers_of_a_cancelled_batch_arrive_and_the_rest_is_counted(word: str, tmp_path: Path) -> None:
    openai = {"custom_id": "row-2", "response": {"status_code": 400, "body": {"error": {"message": "Too long"}}}}
    over = {"id": "b", "status": word, "output_file_id": "file/1", "error_file_id": "file2"}

    def answer(request: Request) -> Reply:
        paths = {"/v1/files/file%2F1/content": answered("row-1"), "/v1/files/file2/content": json.dumps(openai)}
        if request.path in paths:
            return Reply([paths[request.path].encode()])
        return reply({"id": "b", "status": "in_progress"} if request.method == "POST" else over)

    outcome, rows, api = come(tmp_path, answer)
    assert [(one.state, one.answer or one.error) for one in rows[:2]] == [
        ("succeeded", "Teal"), ("errored", "Too long")
    ]  # fmt: skip
    assert outcome.state == "done" and outcome.result["counts"] == {"succeeded": 1, "errored": 1, "missing": 1}
    assert len(api.requests) == 4


def test_an_address_of_results_is_asked_with_the_key_at_the_same_server_alone(tmp_path: Path) -> None:
    counts = {"succeeded": 1, "canceled": 2}

    def answer(request: Request) -> Reply:
        if request.path == "/v1/results/b":
            return Reply([f"{answered('row-1')}\n".encode()])
        link = f"{api.origin}/v1/results/b" if len(api.requests) > here else "https://elsewhere.test/results"
        said = {"id": "b", "status": "cancelled", "results_url": link, "request_counts": counts}
        return reply({"id": "b", "status": "in_progress"} if request.method == "POST" else said)

    here, hands = 5, StepHands()
    with StudioAPI(answer) as api, making(api, tmp_path, kind=Batching) as work:
        made = form_requests.storable(task("prompt\na\nb\nc"), work.shelf)
        with pytest.raises(Halt, match="1 of its requests were answered"):
            worked_off(work, made, hands)
        assert {request.path for request in api.requests[1:]} == {"/v1/batches?batch_id=b"}
        here = 0
        outcome, _ = worked_off(work, made, hands)
    assert outcome.result["counts"] == {"succeeded": 1, "missing": 2}


def test_results_larger_than_memory_go_to_the_disk_line_by_line_and_the_table_is_bounded(tmp_path: Path) -> None:
    def lines() -> Iterator[bytes]:
        yield from (f"{answered(f'row-{at + 1}', 'x' * 260_000)}\n".encode() for at in range(200))

    def answer(request: Request) -> Reply:
        return reply({"id": "b"}) if request.method == "POST" else Reply(lines())

    tracemalloc.start()
    try:
        outcome, rows, _ = come(tmp_path, answer, 200)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert outcome.result["lines"]["bytes"] > 52_000_000 and peak < 32_000_000, peak
    assert outcome.result["counts"] == {"succeeded": 200} and len(rows[0].answer) == 50_000
    assert sum(len(one.answer) for one in rows) < 9_000_000 and rows[-1].cut and len(rows[-1].answer) == 300
