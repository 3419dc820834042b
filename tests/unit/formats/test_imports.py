"""Files from anywhere become conversations, whole or not at all, and nothing in them can do harm."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from import_files import PNG, TALK, chat, one, own, path, read, read_file, turns

from backend.conversation.tree import Conversation, Node
from backend.formats import archive, imports
from backend.formats.archive import Record
from backend.formats.zip import bundle
from backend.protocol import wire
from backend.types import ChatRequest, Citation, Dialect, Failure, Media, Message, Timing, ToolCall, Usage
from backend.untrusted import Unreadable

# ---- our own exports -----------------------------------------------------------------------------------------

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
MEDIA = st.builds(Media, st.sampled_from(["image", "audio", "file"]), st.just(PNG), WORDS, WORDS, WORDS)
MESSAGES = st.builds(
    Message,
    st.sampled_from(["system", "developer", "user", "assistant", "tool"]),
    WORDS,
    name=st.none() | WORDS,
    reasoning=WORDS,
    refusal=WORDS,
    reasoning_details=st.lists(st.dictionaries(WORDS, WORDS | st.integers(), max_size=2), max_size=2).map(tuple),
    tool_calls=st.lists(st.builds(ToolCall, WORDS, WORDS, WORDS), max_size=2).map(tuple),
    tool_call_id=st.none() | WORDS,
    citations=st.lists(st.builds(Citation, WORDS, WORDS), max_size=2).map(tuple),
    media=st.lists(MEDIA, max_size=2).map(tuple),
    finish_reason=st.none() | WORDS,
    usage=st.none()
    | st.builds(Usage, st.none() | st.integers(0, 10**9), raw=st.dictionaries(WORDS, WORDS, max_size=1)),
    cost=st.none() | st.floats(0, 100),
    model=st.none() | WORDS,
    state=st.sampled_from(["done", "stopped", "failed", "interrupted"]),
    failure=st.none() | st.builds(Failure, WORDS, WORDS),
    timing=st.builds(Timing, st.none() | st.floats(0, 100)),
    request_id=WORDS,
)


SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "model": WORDS.filter(bool),
        "system_prompt": WORDS.filter(bool),
        "parameters": st.fixed_dictionaries({"temperature": st.floats(0, 2), "seed": st.integers(1, 99)}),
        "top_p": st.floats(0.1, 1),
    },
)


@st.composite
def records(draw: st.DrawFn) -> Record:
    messages = draw(st.lists(MESSAGES, min_size=1, max_size=6))
    parents = [None if at == 0 else draw(st.none() | st.integers(1, at)) for at in range(len(messages))]
    conversation = Conversation.of(Node(at, parents[at - 1], said) for at, said in enumerate(messages, 1))
    if draw(st.booleans()):
        conversation.choose(draw(st.integers(1, len(messages))))
    times = st.floats(0, 10**10)
    tags = draw(st.lists(WORDS, max_size=2))
    return Record(
        conversation, draw(WORDS), draw(SETTINGS), tuple(tags), draw(times), draw(times), draw(st.booleans())
    )


@pytest.mark.slow
@given(records())
def test_an_export_that_was_read_is_exported_to_the_same_bytes(record: Record) -> None:
    text = archive.export(record)
    (back,) = read_file(text.encode())
    assert archive.export(back) == text


@pytest.mark.slow
@given(st.lists(records(), min_size=1, max_size=3))
def test_a_bulk_export_is_read_back_whole(given_: list[Record]) -> None:
    data = bundle(given_)
    assert [archive.export(record) for record in read_file(data)] == [archive.export(record) for record in given_]
    assert bundle(read_file(data)) == data


def test_a_file_brings_a_model_a_prompt_and_parameters_and_no_other_setting() -> None:
    hostile = {
        "model": "m",
        "system_prompt": "p",
        "temperature": 0.5,
        "base_url": "https://evil.example",
        "api_key": "sk-evil",
        "connection": "x",
        "headers": {"Authorization": "x"},
        "parameters": {
            "top_p": 0.5,
            "messages": [],
            "model": "other",
            "api_key": "k",
            "tools": [],
            "temperature": 99,
        },
    }
    assert one(own(settings=hostile)).settings == {
        "model": "m",
        "system_prompt": "p",
        "temperature": 0.5,
        "parameters": {"top_p": 0.5},
    }
    assert one(own(settings={"model": 7, "system_prompt": [], "parameters": "x"})).settings == {}


def test_a_file_of_a_newer_playground_is_refused_in_its_own_words() -> None:
    with pytest.raises(Unreadable, match="newer playground"):
        read(own(version=2))


# ---- OpenAI-style --------------------------------------------------------------------------------------------


def test_a_bare_list_and_an_object_with_messages_are_read() -> None:
    for value in (TALK, {"messages": TALK}, {"title": "T", "messages": TALK}, [{"messages": TALK}]):
        assert turns(one(value)) == [("user", "Hi"), ("assistant", "Hello.")]


def test_a_request_body_keeps_its_model_its_parameters_its_tools_and_every_other_field() -> None:
    body = {
        "model": "fake/alpha",
        "messages": TALK,
        "temperature": 0.2,
        "max_tokens": 100,
        "reasoning_effort": "low",
        "stream": True,
        "tools": [
            {"type": "function", "function": {"name": "clock"}},
            {"type": "mcp", "server_url": "https://a.test"},
        ],
        "user": "someone",
        "api_key": "sk-secret",
    }
    assert one(body).settings == {
        "model": "fake/alpha",
        "parameters": {"temperature": 0.2, "max_tokens": 100, "reasoning_effort": "low"},
        "tools": [{"type": "function", "function": {"name": "clock"}}],
        "page": "Tools",
        "extra": {"user": "someone"},
    }


@pytest.mark.parametrize("dialect", [Dialect(), Dialect(blocks="claude", system="parameter")], ids=["", "claude"])
def test_a_sent_request_can_be_imported(dialect: Dialect) -> None:
    in_blocks = dialect.blocks == "claude"  # which have no sound and no names
    sound = () if in_blocks else (Media("audio", "data:audio/wav;base64,AA"),)
    request = ChatRequest(
        "fake/alpha",
        (
            Message("system", "Be brief."),
            Message("user", "Look", media=(Media("image", PNG, detail="" if in_blocks else "low"), *sound)),
            Message("assistant", "I do."),
            Message("user", "Read", media=(Media("file", "data:application/pdf;base64,AA", name="a.pdf"),)),
            Message("assistant", "", tool_calls=(ToolCall("c1", "look", '{"a": 1}'),)),
            Message("tool", "seen", tool_call_id="c1"),
            Message("assistant", "So it is.", name=None if in_blocks else "bot"),
        ),
        dialect=dialect,
    )
    record = one(wire.payload(request))
    assert record.settings == {"model": "fake/alpha", "system_prompt": "Be brief."}
    back = path(record)
    assert [(found.role, found.content, found.tool_calls, found.name) for found in back] == [
        (found.role, found.content, found.tool_calls, found.name) for found in request.messages[1:]
    ]
    assert [[found.url for found in message.media] for message in back] == [
        [found.url for found in message.media] for message in request.messages[1:]
    ]
    assert back[4].tool_call_id == "c1"


def test_a_system_message_that_stands_first_is_the_system_prompt_and_any_other_a_message() -> None:
    record = one(chat(("system", "First."), ("user", "Hi"), ("system", "Later."), ("developer", "Dev.")))
    assert record.settings == {"system_prompt": "First."}
    assert turns(record) == [("user", "Hi"), ("system", "Later."), ("developer", "Dev.")]


def test_reasoning_calls_and_citations_of_an_answer_are_kept() -> None:
    answer = {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "So "},
            {"type": "text", "text": "be it."},
            {"type": "refusal", "refusal": "No."},
        ],
        "reasoning_content": "Hm.",
        "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        "annotations": [{"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A"}}],
        "images": [{"type": "image_url", "image_url": {"url": PNG}}],
    }
    (found,) = path(one([answer]))
    assert (found.content, found.reasoning, found.refusal) == ("So be it.", "Hm.", "No.")
    assert found.tool_calls == (ToolCall("a", "f", "{}"),)
    assert found.citations == (Citation("https://a.example", "A"),)
    assert found.media == (Media("image", PNG),)


def test_functions_of_older_files_become_tools() -> None:
    call = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": '{"a":1}'}}
    first, second = path(one([call, {"role": "function", "name": "f", "content": "1"}]))
    assert first.tool_calls == (ToolCall("f", "f", '{"a":1}'),)
    assert (second.role, second.tool_call_id, second.content) == ("tool", "f", "1")


def test_messages_whose_text_is_in_parts_or_fragments_are_not_empty() -> None:
    """As the AI SDK keeps them (Vercel's chat, assistant-ui), and big-AGI."""
    picture = {"type": "file", "mediaType": "image/png", "url": PNG}
    question = {"role": "user", "parts": [{"type": "text", "text": "Hi"}, picture]}
    thought = {"type": "reasoning", "text": "Hm."}
    answer = {"role": "assistant", "parts": [{"type": "step-start"}, thought, {"type": "text", "text": "Yo"}]}
    fragments = [
        {"ft": "content", "part": {"pt": "text", "text": "So"}},
        {"ft": "void", "part": {"pt": "ma", "aText": "H."}},
    ]
    first, second, third = path(one([question, answer, {"role": "assistant", "fragments": fragments}]))
    assert (first.content, first.media) == ("Hi", (Media("image", PNG),))
    assert [(each.content, each.reasoning, each.extra) for each in (second, third)] == [
        ("Yo", "Hm.", {}),
        ("So", "H.", {}),
    ]


@pytest.mark.parametrize(
    ("messages", "words", "shown"),
    [
        ([{"role": "king", "content": "x"}], "Message 1 has a role, “king”, that is not known here", ("user", "x")),
        ([*TALK, {"role": None, "content": "x"}], "Message 3 has a role that is not known", ("user", "x")),
        ([*TALK, "x"], "Message 3 is no message: it was left out", ("assistant", "Hello.")),
        ([{"role": "user", "content": 7}], "neither text nor a list", ("user", "")),
        (
            [{"role": "user", "content": [{"type": "hologram"}]}],
            "Message 1 has a part that is not known here: “hologram”",
            ("user", "[hologram: not known here]"),
        ),
        ([{"role": "user", "content": [7]}], "a part that is not known", ("user", "[Something: not known here]")),
        (
            [{"role": "user", "content": [{"type": "note", "text": "Seen"}]}],
            "Message 1 has a part that is not known here: “note”",
            ("user", "Seen"),
        ),
    ],
)
def test_unknown_parts_become_text_and_a_note_says_where(
    messages: list[Any], words: str, shown: tuple[str, str]
) -> None:
    (found,) = imports.conversations(io.BytesIO(json.dumps({"messages": messages}).encode()))
    assert isinstance(found, imports.ImportedConversation)
    assert turns(found.record)[-1] == shown
    assert [note for note in found.notes if words in note]


@pytest.mark.parametrize(
    ("role", "here"),
    [("human", "user"), ("gpt", "assistant"), ("Model", "assistant"), ("bot", "assistant"), ("function", "tool")],
)
def test_a_role_has_many_names(role: str, here: str) -> None:
    (found,) = imports.conversations(io.BytesIO(json.dumps(chat((role, "x"))).encode()))
    assert isinstance(found, imports.ImportedConversation) and not found.notes
    assert turns(found.record) == [(here, "x")]


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "file:///etc/passwd"}},
        {"type": "image_url", "image_url": "javascript:alert(1)"},
        {"type": "file", "file": {"file_id": "file-abc"}},
        {"type": "input_audio", "input_audio": {}},
    ],
)
def test_an_attachment_that_is_not_in_the_file_becomes_words_and_is_never_sent(part: dict[str, Any]) -> None:
    (message,) = path(one([{"role": "user", "content": [{"type": "text", "text": "Look"}, part]}]))
    assert message.media == ()
    assert message.content.startswith("Look\n\n[") and message.content.endswith(": not in the imported file]")


# ---- JSON Lines ----------------------------------------------------------------------------------------------


def test_every_line_of_training_data_is_a_conversation() -> None:
    lines = [json.dumps({"messages": chat(("system", "S"), ("user", str(place)))}) for place in range(3)]
    for text in ("\n".join(lines), "\r\n".join(lines) + "\r\n\r\n", lines[0] + "\n\n" + lines[1] + "\n" + lines[2]):
        found = read_file(text.encode())
        assert [turns(record) for record in found] == [[("user", str(place))] for place in range(3)]
        assert all(record.settings == {"system_prompt": "S"} for record in found)


def test_a_bad_line_is_named() -> None:
    good = json.dumps({"messages": TALK})
    with pytest.raises(Unreadable, match=r"^Line 2: It is not JSON"):
        read_file(f"{good}\n{{]\n{good}".encode())
    with pytest.raises(Unreadable, match=r"^Line 3: This is no conversation that the playground knows"):
        read_file(f'{good}\n\n{{"mess": [{{"role": "x"}}]}}'.encode())
