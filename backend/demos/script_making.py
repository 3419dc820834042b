"""A conversation as a script for the stage: a step for each question, with the recording of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backend.compare import lane_settings
from backend.compare.lane_settings import Overrides
from backend.conversation.tree import Node
from backend.demos.recording import Recording, Talk
from backend.demos.script import Script, Step
from backend.demos.script_file import CAPTION, PROMPT, RECORDINGS, STEPS, SYSTEM_PROMPT, TITLE, TOOLS
from backend.tools.builtin import FUNCTIONS
from backend.types import JSON, Message
from backend.untrusted import Unreadable, line


def of_conversation(
    path: Sequence[Node],
    kept: Mapping[str, JSON],
    recording: Recording | None,
    title: str,
    tools: Sequence[str] = (),
) -> Script:
    """A script that asks each question again with its recording standing by; one with files, or with tools that the
    stage does not have, is played.

    `kept` are the settings of the conversation, `tools` the names of those on offer. `recording`: of the last
    questions
    that are on record. Raises Unreadable if nothing was asked, or it cannot be asked again.
    """
    questions = [node.message for node in path if node.message.role == "user"][-STEPS:]
    if not questions:
        raise Unreadable("There is no question in this conversation.")
    if recording and recording.page == "Tools":
        tools = [tool.name for tool in recording.tools]
    talks = recording.talks[-RECORDINGS:] if recording else ()
    known: list[Talk | None] = [*[None] * (len(questions) - len(talks)), *talks]
    steps = (
        _step(question, talk, recording, kept, tuple(tools), later=place > 0)
        for place, (question, talk) in enumerate(zip(questions, known, strict=True))
    )
    made = tuple(step for step in steps if step)
    if any(step.unusable_tools for step in made):
        raise Unreadable("It calls tools that the stage does not have, and how it went is not known any more.")
    return Script(line(title, TITLE), made)


def of_race(
    question: Message, lanes: Sequence[Overrides], recording: Recording | None, title: str, *, again: bool = True
) -> Script:
    """A race as a script of one step: run `again` with its recording standing by, or the recording plays.

    `lanes` with all of their settings. Raises Unreadable if neither is possible.
    """
    prompt = question.content
    if again and prompt.strip() and len(prompt) <= PROMPT and not question.media:
        own = tuple(replace(lane, connection=None) for lane in lanes)
        return Script(line(title, TITLE), (Step("race", prompt=prompt, lanes=own, recording=recording),))
    if recording is None:
        raise Unreadable("How this race went is not known any more.")
    return Script(line(title, TITLE), (Step("play", line(prompt, CAPTION), recording=recording),))


def _step(
    question: Message,
    talk: Talk | None,
    recording: Recording | None,
    kept: Mapping[str, JSON],
    tools: tuple[str, ...],
    *,
    later: bool,
) -> Step | None:
    alone = replace(recording, talks=(talk,), earlier=()) if recording and talk else None
    elsewhere = any(name not in FUNCTIONS for name in tools) or len(tools) > TOOLS
    if alone and (elsewhere or question.media or len(question.content) > PROMPT):
        return Step("play", line(question.content, CAPTION), continues=later, recording=alone)
    if not question.content.strip():
        return None
    own = lane_settings.read(dict(kept))
    return Step(
        "ask",
        prompt=question.content[:PROMPT],
        continues=later,
        model=own.model or "",
        system_prompt=(own.system_prompt or "")[:SYSTEM_PROMPT],
        parameters={name: value for name, value in own.parameters.items() if value is not None},
        recording=alone,
        tools=tools,
    )
