"""A recording is made of what is known of the answers, without ids, addresses and keys; what is missing is said."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from keys import leaked
from runs import HELLO, TWO, piece

from backend.answer.exchange_record import ExchangeRecord, Moment, Try
from backend.conversation.tree import Conversation, Node
from backend.demos import document, making
from backend.demos.making import NothingToRecord
from backend.demos.recording import Answer, RecordedChunk, Recording, Result, Round, Talk
from backend.demos.scrubbing import scrub
from backend.demos.secrets import secrets_in
from backend.demos.trial import rehearse
from backend.types import Message, Tool

SECRET = "sk-proj-8f3kQ29dLx7vB4mN6pR1sT5wY0zA"
RECORD = ExchangeRecord(
    body={"model": "m", "messages": [], "stream": True},
    tries=(Try("POST", "https://private.example/v1/chat/completions", sent=2.0, status=200, replied=2.5),),
    moments=(*(Moment(chunk.at + 2.0, "chunk", chunk.text) for chunk in HELLO.chunks), Moment(63, "text")),
    state="done",
    finish_reason="stop",
    began=1_764_000_000.0,
    cost=0.5,
)


def path(*messages: Message) -> list[Node]:
    conversation = Conversation()
    conversation.graft(messages, None)
    return conversation.path()


Q, A = Message("user", "One?"), Message("assistant", "Hello", model="fake/alpha")


def test_times_count_from_the_request_and_neither_headers_nor_addresses_are_kept() -> None:
    recording = making.recording_of(path(Q, A), lambda node: RECORD, title="Hi")
    (round_,) = recording.rounds
    assert [chunk.at for chunk in round_.answer.chunks] == [40, 50, 60]
    assert round_.answer.replies[0].at == 0.5 and round_.answer.cost == 0.5
    assert (recording.recorded, recording.model, recording.composed) == (1_764_000_000.0, "fake/alpha", False)
    assert "private.example" not in document.export(recording)
    assert rehearse(recording)[0].content == "Hello"


UNKNOWN = {
    "nothing is known": None,
    "bytes were left out": replace(RECORD, moments=(*RECORD.moments, Moment(64, "left out", "9"))),
    "bytes were too many": replace(RECORD, moments=(Moment(3, "chunk", ""), *RECORD.moments)),
    "it never left": replace(RECORD, tries=()),
    "it still runs": replace(RECORD, state="running"),
}


@pytest.mark.parametrize("record", UNKNOWN.values(), ids=UNKNOWN)
def test_unknown_parts_of_the_last_answer_are_said(record: ExchangeRecord | None) -> None:
    with pytest.raises(NothingToRecord, match="not known any more"):
        making.recording_of(path(Q, A), lambda node: record)


def test_an_answer_that_is_being_written_is_not_recorded() -> None:
    with pytest.raises(NothingToRecord, match="still being written"):
        making.recording_of(path(Q, replace(A, state="running")), lambda node: RECORD)


def test_a_recording_begins_where_everything_is_known_from_on() -> None:
    nodes = path(Message("system", "Be brief."), Q, A, Q, A, Q, A)
    known = {node.id: RECORD for node in nodes[4:]}
    recording = making.recording_of(nodes, known.get)
    assert len(recording.talks) == 2 and [said.role for said in recording.earlier] == [
        "system",
        "user",
        "assistant",
    ]


def test_results_that_nothing_followed_are_left_out() -> None:
    tool = Message("tool", "42", tool_call_id="c")
    recording = making.recording_of(
        path(Q, A, tool), lambda node: RECORD, lambda node: [Result("42")], page="Tools", tools=[Tool("f", "", {})]
    )
    assert [round_.results for round_ in recording.rounds] == [()]


# ---- ids ------------------------------------------------------------------------------------------------


def of(*chunks: dict[str, Any], request: dict[str, Any] | None = None, **fields: Any) -> Recording:
    pieces = tuple(RecordedChunk(at, json.dumps(one)) for at, one in enumerate(chunks))
    answer = Answer("m", request=request, chunks=(*pieces, piece(90, "x"), piece(91, finish="stop")))
    return Recording("T", (Talk(Message("user", "?"), (Round(answer),)),), **fields)


def test_ids_are_renamed_alike_and_nothing_else_is_changed() -> None:
    call = {"index": 0, "id": "call_Zx81kq", "function": {"name": "f", "arguments": '{"id": "order-77"}'}}
    first = {
        "id": "chatcmpl-91ab",
        "system_fingerprint": "fp_44709d",
        "choices": [{"delta": {"tool_calls": [call]}}],
    }
    request = {
        "user": "anna",
        "metadata": {"user_id": "u-1"},
        "messages": [{"role": "tool", "tool_call_id": "call_Zx81kq", "content": "call_Zx81kq is a name"}],
    }
    answer = scrub(of(first, request=request)).rounds[0].answer
    chunk, sent = answer.chunks[0].text, json.dumps(answer.request)
    for gone in ("call_Zx81kq", "chatcmpl-91ab", "fp_44709d"):
        assert gone not in chunk
    assert "anna" not in sent and '"u-1"' not in sent and "order-77" in chunk
    id_ = json.loads(chunk)["choices"][0]["delta"]["tool_calls"][0]["id"]
    message = json.loads(sent)["messages"][0]
    assert message["tool_call_id"] == id_ and message["content"] == "call_Zx81kq is a name"


def test_names_inside_arguments_stay_as_they_are() -> None:
    block = {"type": "tool_use", "id": "toolu_018f", "name": "f", "input": {"id": "1042-A", "user": "anna"}}
    request = {"messages": [{"role": "assistant", "content": [block]}], "tools": [{"input_schema": {"id": "x"}}]}
    sent = json.dumps(scrub(of(request=request)).rounds[0].answer.request)
    assert "toolu_018f" not in sent and '"1042-A"' in sent and '"anna"' in sent and '"id": "x"' in sent


def test_scrubbing_twice_changes_nothing_more() -> None:
    once = scrub(of({"id": "chatcmpl-91ab"}, {"id": "chatcmpl-22cd"}))
    assert scrub(once) == once


# ---- keys -----------------------------------------------------------------------------------------------


def found(recording: Recording, *keys: str) -> list[str]:
    return secrets_in(recording, rehearse(recording), keys)


def words(*pieces: str) -> list[dict[str, Any]]:
    return [{"choices": [{"delta": {"content": one}}]} for one in pieces]


KEYS = {
    "in the title": (replace(TWO, title=SECRET), "the title"),
    "in a question": (replace(TWO, talks=(replace(TWO.talks[0], question=Message("user", SECRET)),)), "question 1"),
    "in a request": (of(request={"messages": [{"role": "user", "content": SECRET}]}), "the request of answer 1"),
    "in one piece": (of(*words(f"It is {SECRET}.")), "answer 1"),
    "split over pieces": (of(*words(*SECRET)), "answer 1"),
    "split in the thoughts": (of(*({"choices": [{"delta": {"reasoning": one}}]} for one in SECRET)), "answer 1"),
    "before the run": (replace(TWO, earlier=(Message("user", SECRET),)), "a message before the run"),
    "in a tool": (replace(TWO, tools=(Tool("f", SECRET, {}),)), "the tool f"),
}


@pytest.mark.parametrize(("recording", "where"), KEYS.values(), ids=KEYS)
def test_a_key_in_a_recording_is_found_and_placed_without_showing_it(recording: Recording, where: str) -> None:
    places = found(recording)
    assert places and places[0].startswith(where) and leaked(SECRET, "".join(places)) == []


def test_a_key_that_is_in_use_is_found_whatever_it_looks_like() -> None:
    assert found(of(*words("plain", "word", "s here")), "plainwords here") == [
        "answer 1: a key that is in use here (pla...)"
    ]


def test_an_honest_recording_holds_nothing_like_a_key() -> None:
    assert found(TWO) == []
