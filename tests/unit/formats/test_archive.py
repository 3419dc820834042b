"""A conversation as JSON: nothing is lost on the way, and a stranger's file is read with care or refused."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, get_args

import pytest
from basics import ROOT
from hypothesis import given
from hypothesis import strategies as st

from backend.conversation.tree import Conversation
from backend.formats import archive
from backend.formats.archive import Record
from backend.text import clean
from backend.types import Citation, Failure, Media, Message, Role, State, Timing, Token, ToolCall, Usage
from backend.untrusted import Unreadable

FULL = Message(
    "assistant",
    "content",
    name="name",
    reasoning="reasoning",
    refusal="refusal",
    reasoning_details=({"type": "x", "deep": [1, None, True]},),
    tool_calls=(ToolCall("id", "name", '{"a": 1}', {"function": {"sig": "x"}, "extra_content": {"deep": [1]}}),),
    tool_call_id="call",
    citations=(Citation("https://example.com", "title"),),
    media=(Media("image", "data:image/png;base64,AA"), Media("audio", "https://example.com/a.mp3", "words")),
    finish_reason="stop",
    usage=Usage(1, 2, 3, 4, 5, raw={"prompt_tokens": 1, "more": {"x": 0.5}}),
    cost=0.25,
    model="m",
    state="failed",
    failure=Failure("title", "hint", "detail", "request", "kind", "body", 12.0),
    timing=Timing(0.5, 2.0),
    request_id="r",
    logprobs=(Token("con", -0.5, (("pro", -1.0),)), Token("tent", -0.25)),
    estimate=0.5,
    by_hand=True,
    continued_at=(3, 5),
    unreadable=2,
    reasoning_field="reasoning_content",
    extra={"extra_content": {"google": {"thought_signature": "SIG"}}},
    server="0123456789abcdef",
    order=(("text", 3), ("call", 0)),
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def test_every_field_of_a_message_survives() -> None:
    assert archive.load(archive.dump(FULL)) == FULL
    back = archive.load(archive.dump(FULL)).usage
    assert back is not None and FULL.usage is not None and back.raw == FULL.usage.raw


def test_the_full_message_leaves_no_field_out() -> None:
    empty = Message("user")
    assert [item.name for item in fields(Message) if getattr(FULL, item.name) == getattr(empty, item.name)] == []


def test_a_field_that_says_nothing_takes_no_room() -> None:
    assert archive.dump(Message("user", "Hi")) == '{"content":"Hi","role":"user"}'


@pytest.mark.parametrize("role", get_args(Role))
@pytest.mark.parametrize("state", get_args(State))
def test_every_role_and_state_survives(role: Role, state: State) -> None:
    assert archive.load(archive.dump(Message(role, state=state))) == Message(role, state=state)


@given(st.text(alphabet=st.characters(), max_size=50))
def test_text_comes_back_cleaned_and_nothing_else(text: str) -> None:
    dumped = archive.dump(Message("user", text))
    dumped.encode("utf-8")
    assert "\x00" not in dumped
    assert archive.load(dumped).content == clean(text)


@given(JSON_VALUES)
def test_any_json_body_is_read_or_reported(value: Any) -> None:
    assert archive.load(json.dumps(value)).role


@given(st.sampled_from([item.name for item in fields(Message)]), JSON_VALUES)
def test_a_field_of_the_wrong_type_reads_as_not_said(name: str, value: Any) -> None:
    if name != "role":
        body = {**archive.body(FULL), name: value}
        message = archive.message(body)
        assert archive.load(archive.dump(message)) == message


def test_a_field_from_the_future_is_ignored() -> None:
    assert archive.message({"role": "user", "content": "Hi", "hologram": {}}) == Message("user", "Hi")


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "{}", '{"role":"king"}', "[" * 100_000, "9" * 5000])
def test_a_damaged_body_becomes_a_message_that_says_so(text: str) -> None:
    message = archive.load(text)
    assert message.state == "failed" and message.failure is not None


def test_endless_depth_is_cut() -> None:
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    message = Message("assistant", reasoning_details=({"deep": deep},))
    assert archive.load(archive.dump(message)).reasoning_details


# ---- files -------------------------------------------------------------------------------------------------


def branching() -> Conversation:
    conversation = Conversation()
    question = conversation.add(Message("user", "Hi"), None)
    first = conversation.add(FULL, question)
    conversation.add(Message("assistant", "second"), question)
    conversation.choose(first)
    conversation.add(Message("user", "and then?"), first)
    conversation.end_at(first)
    return conversation


def shape(conversation: Conversation) -> list[tuple[int | None, Message]]:
    """Parents by place, so that ids do not matter."""
    place = {node.id: number for number, node in enumerate(conversation.nodes())}
    return [(None if node.parent is None else place[node.parent], node.message) for node in conversation.nodes()]


def test_a_whole_conversation_survives_with_every_branch_and_the_view() -> None:
    record = Record(branching(), "Title", {"model": "m", "temperature": 0.5}, ("a", "b"), 1.5, 2.5, True)
    back = archive.read(archive.export(record))
    assert shape(back.conversation) == shape(record.conversation)
    assert [n.message for n in back.conversation.path()] == [n.message for n in record.conversation.path()]
    assert (back.title, back.settings, back.tags) == (record.title, record.settings, record.tags)
    assert (back.created, back.updated, back.pinned) == (1.5, 2.5, True)


def test_an_export_is_the_same_every_time_and_counts_from_one() -> None:
    first, second = (archive.export(Record(branching())) for _ in range(2))
    assert first == second
    assert [message["id"] for message in json.loads(first)["messages"]] == [1, 2, 3, 4]


def test_a_conversation_that_was_read_can_go_on() -> None:
    conversation = archive.read(archive.export(Record(branching()))).conversation
    before = len(conversation)
    conversation.add(Message("user", "more"), conversation.leaf)
    assert len(conversation) == before + 1
    assert conversation.path()[-1].message.content == "more"


def test_an_answer_that_was_running_when_it_was_exported_is_interrupted() -> None:
    conversation = Conversation()
    conversation.add(Message("assistant", "Hel", state="running"), None)
    assert archive.read(archive.export(Record(conversation))).conversation.path()[0].message.state == "interrupted"


def file(**changes: Any) -> str:
    return json.dumps({"format": archive.FORMAT, "version": 1, "messages": [{"id": 1, "role": "user"}], **changes})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        (b"\xff\xfe\x00\x01", "not JSON"),
        ("[]", "not a conversation"),
        ("{}", "not a conversation"),
        (file(format="x"), "not a conversation"),
        (file(version=2), "newer playground"),
        (file(version="1"), "which version"),
        (file(version=0), "which version"),
        (file(messages=[{"id": 1, "role": "king"}]), "who wrote it"),
        (file(messages=[{"role": "user"}]), "no number of its own"),
        (file(messages=[{"id": 1, "role": "user"}] * 2), "no number of its own"),
        (file(messages=[{"id": [1], "role": "user"}]), "no number"),
        (file(messages=[{"id": 1, "parent": 1, "role": "user"}]), "stand before it"),
        (file(messages=[{"id": 1, "parent": 2, "role": "user"}, {"id": 2, "parent": 1, "role": "user"}]), "before"),
    ],
)
def test_a_file_that_is_no_conversation_is_refused_in_words(text: str | bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        archive.read(text)


@given(st.dictionaries(st.sampled_from(["title", "settings", "tags", "view", "created", "pinned"]), JSON_VALUES))
def test_any_field_beside_the_messages_is_read_with_care(changes: dict[str, Any]) -> None:
    try:
        record = archive.read(file(**changes))
    except Unreadable:
        return
    assert len(record.conversation.path()) <= 1
    archive.read(archive.export(record))


def test_the_example_in_the_documentation_is_read() -> None:
    page = (ROOT / "docs" / "formats.md").read_text("utf-8")
    example = page.partition("```json\n")[2].partition("```")[0]
    record = archive.read(example)
    assert [node.message.content for node in record.conversation.path()] == ["Name a colour.", "Blue."]
    assert json.loads(archive.export(record)) == json.loads(example)


def test_the_documentation_names_every_field() -> None:
    page = (ROOT / "docs" / "formats.md").read_text("utf-8")
    assert [item.name for item in fields(Message) if f"`{item.name}`" not in page] == []
