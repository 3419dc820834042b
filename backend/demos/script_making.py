"""A conversation as a script for the stage: a step for each question, with what is known of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backend.compare import settings
from backend.conversation.tree import Node
from backend.demos.recording import Recording, Talk
from backend.demos.script import Script, Step
from backend.demos.script_file import CAPTION, PROMPT, RECORDINGS, STEPS, SYSTEM_PROMPT, TITLE
from backend.types import JSON, Message
from backend.untrusted import Unreadable, line


def of_conversation(
    path: Sequence[Node], kept: Mapping[str, JSON], recording: Recording | None, title: str
) -> Script:
    """A question is asked again, and its recording stands by; one with tools or files is played.

    `kept` are the settings of the conversation. `recording`: of as many of its last questions as are known. Raises
    Unreadable where nothing was asked.
    """
    questions = [node.message for node in path if node.message.role == "user"][-STEPS:]
    if not questions:
        raise Unreadable("There is no question in this conversation.")
    talks = recording.talks[-RECORDINGS:] if recording else ()
    known: list[Talk | None] = [*[None] * (len(questions) - len(talks)), *talks]
    steps = (
        _step(question, talk, recording, kept, later=place > 0)
        for place, (question, talk) in enumerate(zip(questions, known, strict=True))
    )
    return Script(line(title, TITLE), tuple(step for step in steps if step))


def of_race(recording: Recording, title: str) -> Script:
    """A recorded race as a script of one step."""
    question = recording.all_talks[0].question.content
    return Script(line(title, TITLE), (Step("play", line(question, CAPTION), recording=recording),))


def _step(
    question: Message, talk: Talk | None, recording: Recording | None, kept: Mapping[str, JSON], *, later: bool
) -> Step | None:
    alone = replace(recording, talks=(talk,), earlier=()) if recording and talk else None
    if alone and (alone.page != "Chat" or question.media or len(question.content) > PROMPT):
        return Step("play", line(question.content, CAPTION), continues=later, recording=alone)
    if not question.content.strip():
        return None
    own = settings.read(dict(kept))
    return Step(
        "ask",
        prompt=question.content[:PROMPT],
        continues=later,
        model=own.model or "",
        system_prompt=(own.system_prompt or "")[:SYSTEM_PROMPT],
        parameters={name: value for name, value in own.parameters.items() if value is not None},
        recording=alone,
    )
