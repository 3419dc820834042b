"""A script for the stage as a file: the same again, and whatever is not one is refused in words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from changed_documents import Change, put
from runs import HELLO, TWO

from backend.compare.lane_settings import Overrides
from backend.conversation.tree import Conversation
from backend.demos import document, panic, script_file
from backend.demos.player import Ahead
from backend.demos.recording import Recording, Round, Talk
from backend.demos.script import Script, Step
from backend.demos.script_making import of_conversation, of_race
from backend.demos.shelf import shelf
from backend.demos.tour import tour
from backend.types import Media, Message, Tool, ToolCall
from backend.untrusted import Unreadable

SECRET = "sk-proj-8f3kQ29dLx7vB4mN6pR1sT5wY0zA"
ALL = Script(
    "All kinds",
    (
        Step("words", "A question", "Its answer"),
        Step(
            "ask",
            "Watch",
            prompt="One?",
            continues=True,
            model="fake/alpha",
            system_prompt="Be brief.\nBe kind.",
            parameters={"temperature": 1.5},
            recording=TWO,
        ),
        Step("play", recording=shelf()["reasoning"], shelf="reasoning"),
        Step("ask", prompt="Late?", tools=("find_order", "of_another_app"), recording=shelf()["two-tools"]),
        Step(
            "race",
            prompt="One?",
            lanes=(
                Overrides(model="fake/alpha", parameters={"temperature": 0.0}),
                Overrides(system_prompt="Rhyme."),
            ),
            recording=shelf()["race"],
        ),
    ),
    "About",
)


@pytest.mark.parametrize("script", [ALL, tour()], ids=lambda one: one.title)
def test_a_file_gives_the_same_script(script: Script) -> None:
    assert script_file.read(script_file.export(script).encode()) == script
    assert script_file.looked_through(script) == script


def test_the_script_that_comes_with_the_app_has_ten_steps_and_a_recording_wherever_it_asks() -> None:
    steps = tour().steps
    assert len(steps) == 10
    assert sum(step.recording is not None for step in steps) >= 3
    assert all(step.recording for step in steps if step.kind == "ask")
    assert all(step.recording.composed for step in steps if step.recording)


def written() -> Any:
    return json.loads(json.dumps(script_file.as_json(ALL)))


ASK, PLAY, TOOLS, RACE = ("steps", 1), ("steps", 2), ("steps", 3), ("steps", 4)
CHUNKS = (*ASK, "recording", "talks", 0, "rounds", 0, "chunks")
BAD: dict[str, tuple[Change, str]] = {
    "another format": (put("format", value=document.FORMAT), "not a script"),
    "a newer version": (put("version", value=2), "newer playground"),
    "no version": (put("version", value="1"), "which version"),
    "no steps": (put("steps", value=[]), "no steps"),
    "steps of the wrong type": (put("steps", value={"0": {}}), "no steps"),
    "a step of the wrong type": (put("steps", 0, value="words"), "no steps"),
    "too many steps": (put("steps", value=[{"kind": "words", "caption": "x"}] * 101), "too long"),
    "too many recordings": (put("steps", value=[{"kind": "play", "recording": "picture"}] * 21), "too many"),
    "a question without words": (put(*ASK, "prompt", value=" "), "Step 2 asks nothing"),
    "words without words": (put("steps", 0, value={"kind": "words", "caption": 7}), "Step 1 has no words"),
    "nothing to play": (put(*PLAY, "recording", value=None), "Step 3 has no recording"),
    "a recording that is not there": (put(*PLAY, "recording", value="../x"), "does not come with"),
    "a recording of the wrong type": (put(*PLAY, "recording", value=[1]), "Step 3: .*not a recording"),
    "a newer recording": (put(*ASK, "recording", "version", value=2), "Step 2: .*newer"),
    "tools that are no list": (put(*TOOLS, "tools", value="find_order"), "tools of step 4"),
    "tools without names": (put(*TOOLS, "tools", value=[{}]), "tools of step 4"),
    "too many tools": (put(*TOOLS, "tools", value=["x"] * 21), "tools of step 4"),
    "one lane": (put(*RACE, "lanes", value=[{}]), "race of step 5"),
    "seven lanes": (put(*RACE, "lanes", value=[{}] * 7), "race of step 5"),
    "a lane of the wrong type": (put(*RACE, "lanes", value=[{}, "x"]), "race of step 5"),
    "a race without a question": (put(*RACE, "prompt", value=""), "Step 5 asks nothing"),
    "a key in a lane": (put(*RACE, "lanes", 0, "system_prompt", value=SECRET), "looks like a key .step 5"),
    "a key as a tool": (put(*TOOLS, "tools", 0, value=SECRET), "looks like a key .step 4"),
    "time that goes backwards": (put(*CHUNKS, 1, 0, value=3), "Step 2: .*backwards"),
    "a recording that was cut": (put(*CHUNKS, value=[[1, '{"choices": [{"delta": {"content": "He']]), "its end"),
    "a key in a caption": (put("steps", 0, "caption", value=SECRET), "looks like a key .step 1"),
    "a key in a prompt": (put(*ASK, "prompt", value=f"It is {SECRET}"), "looks like a key .step 2"),
    "a key in a recording": (put(*ASK, "recording", "title", value=SECRET), "looks like a key .step 2"),
    "a key in the title": (put("title", value=SECRET), "looks like a key .the title"),
}


@pytest.mark.parametrize(("change", "why"), BAD.values(), ids=BAD)
def test_a_malformed_script_is_refused_in_words(change: Change, why: str) -> None:
    with pytest.raises(Unreadable, match=why) as refused:
        script_file.looked_through(script_file.read(json.dumps(change(written()))))
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(  # more kinds of damage: test_document.py
    "text", [script_file.export(ALL)[:-40], "[" + " " * script_file.LARGEST + "]"], ids=["cut off", "too large"]
)
def test_a_damaged_file_is_refused_in_words(text: str) -> None:
    with pytest.raises(Unreadable):
        script_file.read(text)


def test_a_step_of_an_unknown_kind_is_kept_as_such_and_passed_over() -> None:
    item = put("steps", 1, value={"kind": "hologram\u202e", "caption": "x", "prompt": "Send this"})(written())
    script = script_file.read(json.dumps(item))
    assert (script.steps[1].kind, script.steps[1].caption, script.steps[1].prompt) == ("unknown", "hologram", "")
    assert (script.after(0), script.after(1), script.after(5)) == (1, 3, None)
    assert (script.before(3), script.before(1), script.before(0)) == (1, 0, None)


def test_unknown_fields_of_a_script_are_left_out_and_texts_bounded() -> None:
    item = put("title", value="a\u202eb" * 900)(written())
    item["steps"][1].update(connection="other", base_url="https://evil.example", parameters={"x": 1})
    item["steps"][4]["lanes"][0].update(connection="other", base_url="https://evil.example")
    script = script_file.read(json.dumps(item))
    assert len(script.title) <= script_file.TITLE and script.title.isprintable()
    assert script.steps[1].parameters == {} and "evil" not in repr(script)


# ---- made of a conversation -------------------------------------------------------------------------------


def of(*messages: Message, recording: Recording | None = None, tools: Sequence[str] = ()) -> Script:
    conversation = Conversation()
    conversation.graft(messages, None)
    kept = {"model": "fake/alpha", "system_prompt": "Be brief.", "parameters": {"temperature": 0.5}, "extra": {}}
    return of_conversation(conversation.path(), kept, recording, "Mine", tools)


Q, A = Message("user", "One?"), Message("assistant", "Hello")


def test_each_question_is_asked_again_and_what_is_known_of_its_answer_stands_by() -> None:
    known = replace(TWO, talks=TWO.talks[1:])
    script = of(Q, A, replace(Q, content="Two?"), A, recording=known)
    first, second = script.steps
    assert (first.kind, first.prompt, first.continues, first.recording) == ("ask", "One?", False, None)
    assert (second.prompt, second.continues, second.recording) == ("Two?", True, known)
    assert (second.model, second.system_prompt, second.parameters) == (
        "fake/alpha",
        "Be brief.",
        {"temperature": 0.5},
    )
    assert script_file.read(script_file.export(script)) == script


def test_a_question_with_a_picture_or_with_tools_that_the_stage_does_not_have_is_played() -> None:
    seen = Message("user", "What is it?", media=(Media("image", "data:image/png;base64,AAAA"),))
    (shown,) = of(seen, A, recording=Recording("", (Talk(seen, (Round(HELLO),)),))).steps
    assert (shown.kind, shown.caption) == ("play", "What is it?")
    known = shelf()["two-tools"]
    own = replace(known, tools=(*known.tools, Tool("of_mine", "", {})))
    (called,) = of(Q, A, recording=own).steps
    assert (called.kind, called.recording) == ("play", own)
    with pytest.raises(Unreadable, match="calls tools that the stage does not have"):
        of(Q, A, tools=["of_mine"])


def test_a_question_with_tools_of_the_app_is_asked_again_with_them() -> None:
    known = shelf()["two-tools"]
    (called,) = of(Q, A, recording=known).steps
    assert (called.kind, called.recording) == ("ask", known)
    assert called.tools == tuple(tool.name for tool in known.tools) and not called.unusable_tools
    (again,) = of(Q, A, tools=["find_order"]).steps
    assert (again.tools, again.recording) == (("find_order",), None)


def test_a_race_is_run_again_or_played_where_it_cannot_be() -> None:
    lanes, known = (Overrides(model="a", connection="mine"), Overrides(model="b")), shelf()["race"]
    (again,) = of_race(Q, lanes, known, "Mine").steps
    assert (again.kind, again.prompt, again.recording) == ("race", "One?", known)
    assert again.lanes == (Overrides(model="a"), Overrides(model="b"))
    assert of_race(Q, lanes, None, "Mine").steps[0].kind == "race"
    assert of_race(Q, lanes, known, "Mine", again=False).steps[0].kind == "play"
    with pytest.raises(Unreadable, match="not known any more"):
        of_race(Q, lanes, None, "Mine", again=False)


def test_a_conversation_without_a_question_makes_no_script() -> None:
    with pytest.raises(Unreadable, match="no question"):
        of(A)


# ---- the place of an answer -------------------------------------------------------------------------------


@pytest.mark.parametrize(("characters", "second"), [(0, 0.0), (1, 40), (3, 40), (4, 50), (5, 50), (900, 60)])
def test_a_recording_is_found_at_as_many_characters(characters: int, second: float) -> None:
    assert panic.point_reached(TWO, [Message("assistant", "x" * characters, state="stopped")]) == Ahead(0, second)


CALLED = Message("assistant", tool_calls=(ToolCall("1", "find_order", "{}"),))


@pytest.mark.parametrize(
    ("answers", "rounds"),
    [([], 0), ([CALLED], 0), ([CALLED, Message("assistant", state="stopped")], 1), ([CALLED, CALLED, CALLED], 1)],
)
def test_a_recording_with_tools_is_found_at_as_many_rounds(answers: list[Message], rounds: int) -> None:
    known = shelf()["two-tools"]
    found = panic.point_reached(known, answers)
    assert found.rounds == rounds
    whole = bool(answers) and answers[-1] is CALLED
    assert found.seconds == (known.talks[0].rounds[rounds].answer.chunks[-1].at if whole else 0.0)


def test_each_lane_is_found_at_its_own_place_and_after_another_question_at_its_beginning() -> None:
    known, asked = shelf()["race"], Message("user", "One?")
    lanes = [[asked, Message("assistant", "x" * count, state="stopped")] for count in (0, 9, 9_999)]
    recording, begins = panic.in_place_of(known, "One?", lanes)
    assert recording is known
    first, middle, last = (ahead.seconds for ahead in begins)
    assert first == 0.0 < middle < last == known.lanes[2].talks[0].rounds[0].answer.chunks[-1].at
    later = [[*lane, Message("user", "And you?"), Message("assistant", "xxx")] for lane in lanes]
    assert panic.in_place_of(known, "One?", later)[1] == [Ahead()] * 3
    assert panic.in_place_of(known, "One?", lanes[:1]) == (known, []), "a race for a chat"
