"""A recording as a file and as a link: the same again, and whatever is not one is refused in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from changed_documents import Change, put
from runs import HELLO, TWO

from backend.demos import document, link
from backend.demos.recording import Recording
from backend.demos.shelf import shelf
from backend.demos.trial import rehearse
from backend.untrusted import Unreadable

LARGE = Recording(
    "Large", TWO.talks, about="An answer of many pieces.", earlier=tuple(talk.question for talk in TWO.talks) * 200
)


@pytest.mark.parametrize("recording", [TWO, *shelf().values()], ids=lambda one: one.title)
def test_a_file_and_a_link_give_the_same_recording(recording: Recording) -> None:
    assert document.read(document.export(recording).encode()) == recording
    assert link.decode(link.encode(recording)) == recording


def test_a_large_one_is_written_compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "PACKED", 1_000)
    text = document.export(LARGE)
    assert len(text) < len(json.dumps(document.document(LARGE))) / 5
    assert document.read(text) == LARGE


def whole() -> Any:
    return json.loads(json.dumps(document.document(TWO)))


ROUND = ("talks", 0, "rounds", 0)
BAD: dict[str, tuple[Change, str]] = {
    "another format": (put("format", value="llm-playground/tools"), "not a recording"),
    "a list": (lambda item: [item], "not a recording"),
    "a newer version": (put("version", value=2), "newer playground"),
    "no version": (put("version", value="1"), "which version"),
    "a page that is not there": (put("page", value="Owner"), "which page"),
    "nothing to play": (put("talks", value=[]), "nothing to play"),
    "talks of the wrong type": (put("talks", value={"0": 1}), "not a list"),
    "a talk of the wrong type": (put("talks", 0, value="?"), "not a list"),
    "too many talks": (put("talks", value=[whole()["talks"][0]] * 201), "too long"),
    "a question of an assistant": (put("talks", 0, "question", "role", value="assistant"), "not of the user"),
    "a question without a role": (put("talks", 0, "question", value=None), "who wrote it"),
    "no answer": (put("talks", 0, "rounds", value=[]), "not all there"),
    "an answer that breaks off": (put(*ROUND, "results", value=[{"content": "x"}]), "not all there"),
    "time that goes backwards": (put(*ROUND, "chunks", 1, 0, value=3), "backwards"),
    "time before the beginning": (put(*ROUND, "chunks", 0, 0, value=-1), "no time"),
    "time without end": (put(*ROUND, "chunks", 0, 0, value=1e300), "no time"),
    "no time": (put(*ROUND, "chunks", 0, 0, value=None), "no time"),
    "true as a time": (put(*ROUND, "chunks", 0, 0, value=True), "no time"),
    "bytes of the wrong type": (put(*ROUND, "chunks", 0, 1, value={"a": 1}), "no time or no text"),
    "chunks of the wrong type": (put(*ROUND, "chunks", value="all"), "no pieces"),
    "no bytes": (put(*ROUND, "chunks", value=[]), "empty"),
    "a status of the wrong type": (put(*ROUND, "replies", value=[["200", 0]]), "no status"),
    "a status that is none": (put(*ROUND, "replies", value=[[99999, 0]]), "no status"),
    "an unknown wire format": (put(*ROUND, "format", value="telepathy"), "not known here"),
    "an unknown ending": (put(*ROUND, "ending", value="running"), "not known here"),
    "tools on the Chat page": (put("tools", value=[{"name": "f", "parameters": {}}]), "page of tools"),
    "a tool without a name": (put("tools", value=[{"parameters": {}}]), "no name"),
}


@pytest.mark.parametrize(("change", "why"), BAD.values(), ids=BAD)
def test_a_malformed_recording_is_refused_in_words(change: Change, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        document.read(json.dumps(change(whole())))


DAMAGED = {
    "cut off": document.export(TWO)[:-40],
    "empty": "",
    "no JSON": "play me",
    "too large": "[" + " " * document.LARGEST + "]",
    "nested without end": '{"format":' * 5_000,
    "compressed and cut": json.dumps({"format": document.FORMAT, "version": 1, "zlib": "eJyrVg=="}),
    "compressed nonsense": json.dumps({"format": document.FORMAT, "version": 1, "zlib": "%%%"}),
    "compressed twice": json.dumps({"format": document.FORMAT, "version": 1, "zlib": 7}),
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_refused_in_words(text: str) -> None:
    with pytest.raises(Unreadable):
        document.read(text.encode())


def test_a_file_that_swells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "PACKED", 0)
    bomb = document.export(LARGE)
    monkeypatch.setattr(document, "LARGEST", 10_000)
    with pytest.raises(Unreadable, match="too large"):
        document.read(bomb)


EDITED: dict[str, tuple[Change, str]] = {
    "bytes cut": (put(*ROUND, "chunks", value=[[1, '{"choices": [{"delta": {"content": "Hel']]), "come to its end"),
    "pieces cut": (put(*ROUND, "chunks", value=whole()["talks"][0]["rounds"][0]["chunks"][:2]), "come to its end"),
    "the end is missing": (put(*ROUND, "ending", value="failed"), "come to its end"),
    "an error inside": (put(*ROUND, "chunks", 1, 1, value='{"error": {"message": "no"}}'), "come to its end"),
    "a refusal": (put(*ROUND, "replies", value=[[401, 0]]), "come to its end"),
}


@pytest.mark.parametrize(("change", "why"), EDITED.values(), ids=EDITED)
def test_an_incomplete_recording_is_found_before_it_plays(change: Change, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        rehearse(document.read(json.dumps(change(whole()))))


def test_calls_without_a_result_each_are_found_before_it_plays() -> None:
    item = json.loads(json.dumps(document.document(shelf()["two-tools"])))
    item["talks"][0]["rounds"][0]["results"].pop()
    with pytest.raises(Unreadable, match="a result each"):
        rehearse(document.recording(item))


def test_costs_and_names_in_a_file_are_bounded() -> None:
    item = whole()
    item["title"], item["about"] = "a\u202eb" * 900, ["x"]
    item["talks"][0]["rounds"][0]["cost"] = 1e12
    read = document.recording(item)
    assert len(read.title) <= document.TITLE and read.title.isprintable() and read.about == ""
    assert read.rounds[0].answer.cost is None and read.rounds[1].answer.cost == HELLO.cost


@pytest.mark.parametrize("text", ["", "1", "2abc", "1" + "A" * 5_000, "../../etc/passwd"])
def test_a_damaged_link_is_refused_in_words(text: str) -> None:
    with pytest.raises(Unreadable):
        link.decode(text)
