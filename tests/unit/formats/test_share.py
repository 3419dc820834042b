"""A chat as a link: what goes in comes out, lies are refused in words, and a key is noticed before it leaves."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import random
import string
import zlib
from typing import Any, get_args

import pytest
from basics import examples
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from shared_chats import FULL

from backend.formats import links, share
from backend.formats.share import Shared
from backend.parameters import PARAMETERS
from backend.text import clean
from backend.types import JSON, Media, Message, Role, Tool, ToolCall
from backend.untrusted import Unreadable

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
NAME = st.text(alphabet=string.ascii_letters + string.digits + "_-./:", max_size=20)
CALL = st.builds(ToolCall, NAME, NAME, TEXT)
SCHEMA = st.dictionaries(NAME, st.one_of(st.none(), st.booleans(), st.integers(), TEXT, st.lists(TEXT)), max_size=3)
MESSAGE = st.builds(
    Message,
    role=st.sampled_from(get_args(Role)),
    content=TEXT,
    name=NAME.map(lambda name: name or None),
    tool_calls=st.lists(CALL, max_size=2).map(tuple),
    tool_call_id=NAME.map(lambda name: name or None),
)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "temperature": st.sampled_from([0.0, 0.7, 2.0]),
    "top_p": st.just(0.9),
    "max_tokens": st.integers(1, 2**53 - 1),
    "seed": st.integers(1, 2**53 - 1),
    "stop": st.lists(st.sampled_from(["END", "\n", "###"]), min_size=1, max_size=4),
}


SHARED = st.builds(
    Shared,
    model=NAME,
    system_prompt=TEXT,
    parameters=st.fixed_dictionaries({}, optional=VALUES),
    streaming=st.booleans(),
    messages=st.lists(MESSAGE, max_size=5).map(tuple),
    tools=st.lists(st.builds(Tool, NAME, TEXT, SCHEMA), max_size=2).map(tuple),
    title=TEXT,
)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list("abc")), inner, max_size=3),
    max_leaves=6,
)


FIELDS = ("model", "system_prompt", "parameters", "stream", "messages", "tools", "title", "more")


# A link of version 1. It stands in mails and chats: it opens for ever.
OLD = (
    "17End-SMmrNFDE17VEooHYDJFzhy1iGToXpSaWgLMY8VKRIa9RyZhn3oAK5N"
    "8HOnVEJFW09ATay0wCYASAUZxkYZRXriAKi9sHkcplmpBpqFkwFoA"
)


def packed(**fields: object) -> str:
    return links.pack(fields)


# ---- there and back ---------------------------------------------------------------------------------------


@given(SHARED)
def test_a_share_link_decodes_to_what_was_encoded(shared: Shared) -> None:
    if shared == Shared():
        return
    link = share.encode(shared)
    assert link.isascii() and not set(link) - set(string.ascii_letters + string.digits + "-_")
    assert share.decode(link) == shared


def test_nothing_is_not_a_chat() -> None:
    with pytest.raises(Unreadable):
        share.decode(share.encode(Shared()))


@given(st.text(alphabet=st.characters(), max_size=50))
def test_text_comes_back_cleaned(text: str) -> None:
    assert share.decode(share.encode(Shared("m", text))).system_prompt == clean(text)


def test_a_link_of_the_first_version_still_opens() -> None:
    assert share.decode(OLD) == FULL


def test_settings_make_a_short_link_and_a_long_text_none() -> None:
    settings = Shared("google/gemini-2.5-flash", "Answer in French only.", {"temperature": 0.7, "max_tokens": 500})
    assert len(share.encode(settings)) < 80
    noise = "".join(random.Random(1).choices(string.ascii_letters, k=20_000))
    assert share.fits("https://example.com/?s=" + share.encode(settings))
    assert not share.fits("https://example.com/?s=" + share.encode(Shared("m", noise)))


def test_only_words_and_calls_of_a_transcript_go() -> None:
    transcript = [
        Message("user", "Look", media=(Media("image", "data:image/png;base64,AAAA"),)),
        Message("user", media=(Media("file", text="all of the report"),)),
        Message("assistant", "<think>hm, a secret thought</think>A cat.", reasoning="more", model="m", cost=0.1),
        Message("assistant", refusal="I would rather not."),
        Message("assistant", tool_calls=(ToolCall("1", "f", "{}"),)),
        Message("tool", "", tool_call_id="1"),
        Message("assistant", "Half of", state="running"),
    ]
    kept = share.text_only(transcript)
    assert [message.content for message in kept] == ["Look", "A cat.", "I would rather not.", "", ""]
    assert share.text_only(kept) == kept
    words = ["2 attachments", "1 block of reasoning", "1 message without words", "the answer that is being written"]
    assert share.left_out(transcript) == words
    assert share.left_out(kept) == []
    text = links.compact(share.payload(Shared("m", messages=kept)))
    assert not any(word in text for word in ("base64", "report", "thought", "more", "cost"))


def test_the_contents_of_a_link_are_listed_in_words() -> None:
    said = ["temperature 0.7", "stop sequences (1)", "answers in one piece", "a system prompt", "2 messages"]
    assert share.summary(FULL) == [*said, "1 tool description"]
    assert share.summary(Shared("m")) == []


def test_a_link_becomes_a_picture_until_it_is_too_long() -> None:
    found = share.qr("https://example.com/?s=" + share.encode(FULL))
    assert found is not None and Image.open(io.BytesIO(found)).format == "PNG"
    assert share.qr("a" * share.QR_LIMIT) is not None
    assert share.qr("a" * (share.QR_LIMIT + 1)) is None


# ---- lies -------------------------------------------------------------------------------------------------


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        share.decode(text)
    except Unreadable as refused:
        assert str(refused).endswith(".")


@given(st.dictionaries(st.sampled_from(FIELDS), ANY_JSON, max_size=4))
def test_any_json_is_read_or_refused_in_words(item: dict[str, Any]) -> None:
    try:
        found = share.decode(links.pack(item))
    except Unreadable as refused:
        assert str(refused).endswith(".")
    else:
        assert share.decode(share.encode(found)).model == found.model if found != Shared() else True


@given(st.data())
def test_a_link_with_a_wrong_or_missing_character_is_never_read_as_another_one(data: st.DataObject) -> None:
    link = share.encode(FULL)
    place = data.draw(st.integers(0, len(link) - 1))
    other = data.draw(st.sampled_from(string.ascii_letters + string.digits + "-_ %=") | st.just(""))
    changed = link[:place] + other + link[place + 1 :]
    with contextlib.suppress(Unreadable):
        assert share.decode(changed) == FULL  # the last character may have bits to spare


@pytest.mark.parametrize("cut", [0, 1, 2, 5, 6, 20, -1, -2])
def test_a_cut_link_is_said_to_be_damaged(cut: int) -> None:
    with pytest.raises(Unreadable, match="damaged or cut off"):
        share.decode(share.encode(FULL)[:cut])


def test_a_link_of_a_newer_playground_says_so() -> None:
    with pytest.raises(Unreadable, match="newer playground"):
        share.decode("2" + share.encode(FULL)[1:])


def raw(plain: bytes) -> str:
    """A link with a right checksum around any bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = zlib.crc32(plain).to_bytes(4) + packer.compress(plain) + packer.flush()
    return "1" + base64.urlsafe_b64encode(body).decode().rstrip("=")


@pytest.mark.parametrize(
    "plain",
    [
        b"0" * 50_000_000,  # a bomb: 65 KB of link
        json.dumps({"model": "m", "title": "x" * 1_000_001}).encode(),
        b"[" * 100_000,
        b'{"tools":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"model":"m","seed":' + b"9" * 10_000 + b"}",
        b"\xff\xfe",
        b"",
        b"null",
        b"[]",
        b"[1]",
        b'"text"',
        b"not json",
    ],
    ids=lambda plain: plain[:12].decode("latin-1"),
)
def test_bombs_and_things_that_are_no_chat_are_refused(plain: bytes) -> None:
    with pytest.raises(Unreadable):
        share.decode(raw(plain))


@pytest.mark.parametrize(
    "item",
    [
        {"model": 5},
        {"model": None},
        {"model": "a\nb"},
        {"model": "a\x00b"},
        {"model": "a\u202eb"},
        {"model": "m" * 201},
        {"system_prompt": ["x"]},
        {"parameters": [1]},
        {"messages": {"role": "user"}},
        {"messages": ["hello"]},
        {"messages": [{"role": "root", "content": "x"}]},
        {"messages": [{"content": "x"}]},
        {"messages": [{"role": ["user"], "content": "x"}]},
        {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
        {"messages": [{"role": "tool", "tool_call_id": "a\rb"}]},
        {"messages": [{"role": "assistant", "tool_calls": [{"id": "a\u200bb"}]}]},
        {"messages": [{"role": "assistant", "tool_calls": "f()"}]},
        {"messages": [{"role": "user", "content": ""}] * 1_001},
        {"tools": [{"name": "f", "parameters": "{}"}]},
        {"tools": [{"name": 1}]},
    ],
    ids=lambda item: json.dumps(item)[:40],
)
def test_fields_of_the_wrong_kind_are_refused(item: dict[str, JSON]) -> None:
    text = json.dumps(item).encode()  # not through pack, which cleans
    with pytest.raises(Unreadable):
        share.decode(raw(text))


def test_keys_and_addresses_in_a_link_are_not_even_read() -> None:
    link = packed(
        model="m",
        base_url="https://evil.example",
        api_key="sk-0123456789abcdef0123",
        connection="other",
        extra={"headers": {"X-Evil": "1"}},
        messages=[{"role": "user", "content": "Hi", "media": [{"kind": "image", "url": "https://evil.example/x"}]}],
        parameters={"temperature": 1, "metadata": {"x": 1}, "url": "https://evil.example"},
    )
    found = share.decode(link)
    assert found == Shared("m", parameters={"temperature": 1.0}, messages=(Message("user", "Hi"),))
    assert "evil" not in repr(found)


def test_a_parameter_out_of_range_is_left_out_and_named() -> None:
    values = {"temperature": 9, "top_p": "much", "seed": 7, "max_tokens": 10**30, "stop": list("abcde"), "new": 1}
    found = share.decode(packed(parameters=values))
    assert found.parameters == {"seed": 7}
    assert len(found.dropped) == 4 and "Temperature must be between 0 and 2." in found.dropped


@given(name=st.sampled_from([parameter.name for parameter in PARAMETERS]), value=ANY_JSON)
@examples(400)
def test_any_value_of_a_parameter_is_used_or_dropped(name: str, value: Any) -> None:
    found = share.decode(packed(model="m", parameters={name: value}))
    json.dumps(found.parameters, allow_nan=False)


# ---- fields that are not known here -----------------------------------------------------------------------

SIGNED = ToolCall("c", "weather", "{}", {"extra_content": {"google": {"hint": "h"}}, "signature": "S" * 600})
ODD_ANSWER = Message("assistant", "Hi", tool_calls=(SIGNED,), extra={"provider_note": "n", "encrypted": "E" * 600})


def test_unknown_fields_of_calls_and_answers_go_along_without_the_long_ones() -> None:
    messages = share.text_only([Message("user", "?"), ODD_ANSWER])
    _, answer = share.decode(share.encode(Shared("m", messages=messages))).messages
    assert answer.extra == {"provider_note": "n"}
    assert answer.tool_calls[0].extra == {"extra_content": {"google": {"hint": "h"}}}


def test_the_fields_that_go_and_those_that_do_not_are_counted_in_words() -> None:
    assert "2 long fields of a provider (signatures)" in share.left_out([ODD_ANSWER])
    assert "2 fields of a provider in them" in share.summary(Shared(messages=share.text_only([ODD_ANSWER])))


def test_a_key_in_an_unknown_field_is_found() -> None:
    answer = Message("assistant", "Hi", extra={"debug": {"token": "sk-0123456789abcdef0123456789"}})
    assert share.secrets_in(Shared(messages=share.text_only([answer])))


def test_unknown_fields_in_a_strangers_link_take_the_place_of_nothing() -> None:
    call = {"id": "c", "name": "f", "arguments": "{}", "extra": {"id": "x", "type": "y", "note": 1}}
    entry = {
        "role": "assistant",
        "content": "Hi",
        "tool_calls": [call],
        "extra": {"content": "x", "long": "l" * 999},
    }
    (message,) = share.decode(packed(messages=[entry])).messages
    assert (message.content, message.extra, message.tool_calls[0].extra) == ("Hi", {}, {"note": 1})
    with pytest.raises(Unreadable):
        share.decode(packed(messages=[{"role": "user", "content": "x", "extra": []}]))


def test_words_that_nobody_sees_in_a_link_are_found_wherever_they_stand() -> None:
    unseen = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
    for shared in (
        Shared("m", f"Be brief.{unseen}"),
        Shared("m", messages=(Message("user", f"Hi{unseen}"),)),
        Shared("m", tools=(Tool("f", "", {"type": "object", "description": unseen}),)),
    ):
        assert share.hidden_words_in(share.decode(share.encode(shared))) == "obey"
    assert share.hidden_words_in(Shared("m", "Be brief. \u2764\ufe0f")) == ""
