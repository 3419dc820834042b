"""The fields of one step, and its recording: the answer on the stage can be stored as one."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from backend.catalog import ID_LIMIT
from backend.demos import script_file
from backend.demos.script import Step
from backend.tools.builtin import FUNCTIONS
from backend.untrusted import Unreadable, line, text
from components.demos.record import recording_in_view
from components.elements.editing import editor
from components.elements.markdown import plain
from components.session.session import Session
from components.stage import words
from components.stage.lane_fields import lanes, with_heat


def fields(session: Session, place: int, step: Step, key: str) -> Step:
    """Draw them; returns the step. `key` is new each time they are opened."""
    with editor(f"step.{place}"):
        caption = st.text_area(words.CAPTION, step.caption, key=f"{key}.caption", max_chars=script_file.CAPTION)
        changed = replace(step, caption=line(caption, script_file.CAPTION))
        if step.asks:
            changed = _question(changed, key)
        if step.kind == "ask":
            changed = _tools(changed, key)
        elif step.kind == "race":
            changed = replace(changed, lanes=lanes(changed.lanes, key))
        reveal = st.text_area(words.REVEAL, step.reveal, key=f"{key}.reveal", max_chars=script_file.REVEAL)
        changed = replace(changed, reveal=line(reveal, script_file.REVEAL))
        if step.recording:
            st.markdown(words.HAS_RECORDING.format(title=plain(step.recording.title or words.UNNAMED)))
        elif step.asks and place == session.stage.place:
            changed = _with_recording(session, changed)
    empty = changed.kind == "words" and not (changed.caption or changed.reveal)
    return step if empty else changed


def _question(step: Step, key: str) -> Step:
    prompt = st.text_area(words.PROMPT, step.prompt, key=f"{key}.prompt", max_chars=script_file.PROMPT)
    continues = False
    if step.kind == "ask":
        continues = st.toggle(words.CONTINUES, value=step.continues, key=f"{key}.continues")
    model = st.text_input(
        words.MODEL, step.model, key=f"{key}.model", placeholder=words.MODEL_PLACEHOLDER, max_chars=ID_LIMIT
    )
    system_prompt = st.text_area(
        words.SYSTEM_PROMPT, step.system_prompt, key=f"{key}.told", max_chars=script_file.SYSTEM_PROMPT
    )
    return replace(
        step,
        prompt=text(prompt, script_file.PROMPT) if prompt.strip() else step.prompt,
        continues=continues,
        model=line(model, ID_LIMIT),
        system_prompt=text(system_prompt, script_file.SYSTEM_PROMPT),
        parameters=with_heat(step.parameters, words.TEMPERATURE, f"{key}.heat"),
    )


def _tools(step: Step, key: str) -> Step:
    """The tools on offer. One that cannot be used here is named, and can only be removed."""
    here = [name for name in step.tools if name in FUNCTIONS]
    chosen = st.multiselect(words.TOOLS, tuple(FUNCTIONS), here, key=f"{key}.tools", help=words.TOOLS_HELP)
    others = step.unusable_tools
    if others:
        names = ", ".join(plain(name) for name in others)
        st.warning(words.TOOLS_NOT_HERE.format(names=names), icon=":material/build:")
        if st.button(words.LEAVE_OUT, key="step.tools"):
            others = ()
    return replace(step, tools=(*chosen, *others)[: script_file.TOOLS])


def _with_recording(session: Session, step: Step) -> Step:
    """The answer in view as the recording that stands by."""
    if not st.button(words.KEEP_AS_RECORDING, key="step.record", icon=":material/radio_button_checked:"):
        return step
    try:
        recording = replace(recording_in_view(session), title=line(step.prompt, script_file.TITLE))
    except Unreadable as refused:
        st.warning(plain(str(refused)), icon=":material/block:")
        return step
    if recording.lanes:
        return replace(step, recording=recording)
    own = [talk for talk in recording.talks if talk.question.content == step.prompt]
    return replace(step, recording=replace(recording, talks=(own[-1],), earlier=())) if own else step
