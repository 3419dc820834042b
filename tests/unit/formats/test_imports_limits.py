"""Files that are too much, damaged or made to hurt: refused in words, and nothing else ever happens."""

from __future__ import annotations

import codecs
import io
import json
import random
import struct
import zipfile
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from import_files import BRANCHED, TALK, chat, chatgpt, one, own, read_file, turns, webui, zipped

from backend.formats import archive, imports
from backend.formats.imports import Unreadable, opening
from backend.formats.imports.request import BROUGHT


def lying(data: bytes, size: int) -> bytes:
    """A zip that says its first file is of another size when unpacked."""
    at = data.index(opening._ENTRY)
    return data[:22] + struct.pack("<I", size) + data[26 : at + 24] + struct.pack("<I", size) + data[at + 28 :]


BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "no message"),
    "not JSON": (b"{]", r"not JSON \(line 1, column 2\)"),
    "not text": (b'{"messages": "\xff\xfa"}', "not text in UTF-8"),
    "a raw NUL": (b'{"a": "\0"}', "not JSON"),
    "a word": (b"hello", "^It is not JSON. Conversations are read from JSON"),
    "a page of Markdown": (b"# Chat\n\n**User:** Hi\n", "^It is not JSON. Conversations are read from JSON"),
    "a number": (b"7", "no conversation that the playground knows"),
    "an empty list": (b"[]", "no message"),
    "an empty object": (b"{}", "no conversation"),
    "no messages": (b'{"messages": []}', "no message"),
    "a key twice": (b'{"messages": [], "messages": []}', "says “messages” twice"),
    "NaN": (b'{"messages": [], "x": NaN}', "NaN is not a number"),
    "Infinity": (b'{"messages": [], "x": -Infinity}', "Infinity is not a number"),
    "a float beyond all": (b'{"messages": [], "x": 1e999}', "too large"),
    "a huge integer": (b'{"x": ' + b"9" * 5000 + b"}", "more than 40 digits"),
    "depth": (b"[" * 900, "nested more than 800 levels"),
    "great depth": (b"[" * 300_000, "nested more than 800 levels"),
    "depth in objects": (b'{"a":' * 200_000, "nested more than 800 levels"),
    "depth that a parser takes": (
        b'{"messages": [{"role": "user", "content": ' + b"[" * 700,
        "may have been cut off",
    ),
    "a file that was cut off": (json.dumps([{"messages": TALK}])[:-9].encode(), "Conversation 1: .* been cut off"),
    "too many parts": (b'{"a": [' + b"[]," * 2_100_000 + b"[]]}", "more than 2,000,000 lists"),
    "too many strings": (b'{"a": [' + b'"",' * 6_000_000 + b"1]}", "too many strings"),
    "a zip of nothing": (zipped({}), "no .json"),
    "a zip of pictures": (zipped({"a.png": b"x"}), "no .json"),
    "a damaged zip": (zipped({"a.json": json.dumps(TALK)})[:-30], "damaged"),
    "a bomb that says it is small": (lying(zipped({"a.json": b" " * 2**20}), 100), "damaged"),
    "a zip in lzma": (zipped({"a.json": json.dumps(TALK)}, zipfile.ZIP_LZMA), "not read here"),
    "a zip in bzip2": (zipped({"a.json": json.dumps(TALK)}, zipfile.ZIP_BZIP2), "not read here"),
    "one bad file of two": (zipped({"a.json": json.dumps(TALK), "b.json": "{]"}), "“b.json”: It is not JSON"),
}


SLOW = [pytest.param("too many parts", marks=pytest.mark.slow)]  # all of two million are read


@pytest.mark.parametrize("name", [*(name for name in BAD if name != "too many parts"), *SLOW])
def test_excessive_or_damaged_files_are_refused_in_words(name: str) -> None:
    data, words = BAD[name]
    with pytest.raises(Unreadable, match=words):
        read_file(data, "a file.json")


def test_a_locked_zip_is_refused() -> None:
    data = bytearray(zipped({"a.json": json.dumps(TALK)}))
    at = data.index(opening._ENTRY)
    data[6] |= 1
    data[at + 8] |= 1
    with pytest.raises(Unreadable, match="locked with a password"):
        read_file(bytes(data))


def test_a_zip_of_very_many_files_is_refused_before_it_is_listed() -> None:
    data = zipped({"a.json": json.dumps(TALK)})
    with pytest.raises(Unreadable, match="more than 100,000 files"):
        read_file(data + opening._ENTRY * 100_000 + data[-22:])


def test_a_conversation_that_is_too_large_is_refused_by_itself() -> None:
    """Also one of a zip that unpacks to gigabytes: what is larger is counted and thrown away."""
    large = {"messages": chat(("user", "x" * 2**20))}
    files = (
        json.dumps([large, {"messages": TALK}]).encode(),
        "\n".join(map(json.dumps, ({"messages": TALK}, large))).encode(),
        zipped({"a.json": json.dumps(large), "b.json": json.dumps(TALK), "c.json": b" " * 50 * 2**20}),
    )
    for data in files:
        found = list(imports.conversations(io.BytesIO(data), largest=2**20))
        assert [turns(one.record) for one in found if isinstance(one, imports.ImportedConversation)] == [
            turns(one_talk())
        ]
        assert [one.why for one in found if isinstance(one, imports.RefusedPart)] == ["It is larger than 1 MB."]


def test_a_conversation_of_very_many_messages_is_read() -> None:
    (record,) = read_file(json.dumps(chat(*[("user", "x")] * 10_001)).encode())
    assert len(archive.record(json.loads(archive.export(record))).conversation) == 10_001


def one_talk() -> Any:
    return one(TALK)


def test_the_unpacked_size_of_a_zip_is_counted_and_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "UNPACKED", 2**20)
    data = zipped({"a.json": json.dumps(TALK), "b.json": b" " * 2**22, "c.json": json.dumps(TALK)})
    first, last = imports.conversations(io.BytesIO(data))
    assert (
        isinstance(first, imports.ImportedConversation)
        and isinstance(last, imports.RefusedPart)
        and "not read" in last.why
    )


def test_a_file_of_nothing_but_trouble_is_left_after_a_while() -> None:
    found = list(imports.conversations(io.BytesIO(b"[" + b"[7]," * 5_000 + b"[7]]")))
    assert len(found) == imports.REFUSED + 1 and "the rest was left" in str(found[-1])


@pytest.mark.parametrize("bad", [b"{]", b'{"a": NaN}', b"[7]", b'{"x": "\xff"}', b'{"a": 1, "a": 2}', b"7", b"{}"])
def test_one_bad_conversation_does_not_block_the_others(bad: bytes) -> None:
    good = json.dumps({"messages": TALK}).encode()
    for data in (b"[%s,%s,%s]" % (good, bad, good), b"%s\n%s\n%s" % (good, bad, good)):
        found = list(imports.conversations(io.BytesIO(data)))
        kinds = [type(one) for one in found]
        assert kinds == [imports.ImportedConversation, imports.RefusedPart, imports.ImportedConversation]


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + json.dumps(TALK).encode(),
        codecs.BOM_UTF16_LE + json.dumps(TALK).encode("utf-16-le"),
        codecs.BOM_UTF16_BE + json.dumps(TALK).encode("utf-16-be"),
        zipped({"../../evil/x.json": json.dumps(TALK), "__MACOSX/._x.json": b"\0", ".hidden.json": b"\0"}),
        b"\r\n\t " + json.dumps(TALK, indent=4).encode(),
    ],
)
def test_marks_of_other_systems_do_no_harm(data: bytes) -> None:
    (record,) = read_file(data)
    assert turns(record) == [("user", "Hi"), ("assistant", "Hello.")]


def test_text_is_clean_when_it_has_been_read() -> None:
    (record,) = read_file(rb'[{"role": "user", "content": "a\u0000b\ud83dc\ud83d\ude00"}]')
    assert turns(record) == [("user", "ab\ufffdc😀")]


def test_brackets_in_strings_are_only_text() -> None:
    assert turns(one(chat(("user", "[" * 500_000 + '"\\"[{' * 5)))) == [("user", "[" * 500_000 + '"\\"[{' * 5)]


def test_the_shape_of_a_hostile_file_is_seen_at_once() -> None:
    # A scan that looks back takes hours here, and the test's own time limit ends it.
    for piece in (b'\\"', b'"\\', b"[]", b'{"a"', b'"', b"\\", b'"\\\\'):
        with pytest.raises(Unreadable):
            read_file(b'"' + piece * (4 * 2**20 // len(piece)))


# ---- nothing but Unreadable ----------------------------------------------------------------------------------

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
NAMES = st.sampled_from(
    [
        "messages",
        "role",
        "content",
        "mapping",
        "message",
        "author",
        "parent",
        "children",
        "chat",
        "history",
        "id",
        "parts",
        "parentId",
        "childrenIds",
        "currentId",
        "current_node",
        "metadata",
        "files",
        "format",
        "version",
        "type",
        "text",
        "error",
        "content_type",
        "tool_calls",
        "function",
        "function_call",
        "image_url",
        "file",
        "params",
        "models",
        "settings",
        "view",
        "thoughts",
        "usage",
        "sources",
        "tags",
        "title",
        "create_time",
        "conversations",
        "recipient",
        "attachments",
    ]
) | st.text(max_size=4)
WORDS_OF_FORMATS = st.sampled_from(
    [
        "user",
        "assistant",
        "tool",
        "system",
        "text",
        "image_url",
        "file",
        "code",
        "thoughts",
        "1",
        "2",
        archive.FORMAT,
    ]
)
ANYTHING = st.recursive(
    LEAVES | WORDS_OF_FORMATS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=30,
)
SHAPES: list[Any] = [
    TALK,
    {"messages": TALK},
    own(),
    chatgpt(BRANCHED, "a3"),
    [webui()],
    [
        {
            "role": "assistant",
            "content": [{"type": "text", "text": "x"}],
            "tool_calls": [{"function": {"name": "f"}}],
        }
    ],
]


def mutated(value: Any, dice: random.Random, other: Any) -> Any:
    """The same shape with something else in one of its places."""
    if not value or not isinstance(value, dict | list) or dice.random() < 0.15:
        return other
    found = dict(value) if isinstance(value, dict) else list(value)
    key: Any = dice.choice(list(found)) if isinstance(found, dict) else dice.randrange(len(found))
    found[key] = mutated(found[key], dice, other)
    return found


def only_unreadable(data: bytes) -> None:
    try:
        found = read_file(data, "x")
    except Unreadable as error:
        assert 0 < len(str(error)) < 400
        return
    for record in found:
        assert len(record.conversation)
        archive.read(archive.export(record))
        assert set(record.settings) <= {"model", "system_prompt", "parameters", *BROUGHT, *imports._TABLE}


@given(ANYTHING)
def test_no_json_raises_anything_else(value: Any) -> None:
    only_unreadable(json.dumps(value).encode())


@given(st.sampled_from(SHAPES), st.randoms(use_true_random=False), ANYTHING)
def test_no_known_shape_with_foreign_contents_raises_anything_else(
    shape: Any, dice: random.Random, other: Any
) -> None:
    only_unreadable(json.dumps(mutated(shape, dice, other)).encode())


@given(st.binary(max_size=200))
@example(b"PK\x03\x04")
@example(b"PK\x05\x06" + b"\0" * 18)
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    only_unreadable(data)
    only_unreadable(b"PK\x03\x04" + data)


@given(st.integers(0, 400), st.integers(0, 255), st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
def test_no_damage_to_a_zip_raises_anything_else(place: int, byte: int, method: int) -> None:
    data = bytearray(zipped({"a.json": json.dumps(TALK), "b.json": json.dumps(own())}, method))
    data[place % len(data)] = byte
    only_unreadable(bytes(data))
