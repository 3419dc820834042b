"""The fields of one step, and its recording: the answer that the stage shows for it can be kept as one."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from backend.catalog import ID_LIMIT
from backend.demos import making, script_file
from backend.demos.script import Step
from backend.untrusted import Unreadable, line, text
from components.elements.editing import editor
from components.elements.markdown import plain
from components.session.session import Session
from components.stage import words


def fields(session: Session, place: int, step: Step, key: str) -> Step:
    """Draw them; gives the step as it is now. `key` is another one each time they are opened."""
    with editor(f"step.{place}"):
        caption = st.text_area(words.CAPTION, step.caption, key=f"{key}.caption", max_chars=script_file.CAPTION)
        changed = replace(step, caption=line(caption, script_file.CAPTION))
        if step.kind == "ask":
            changed = _question(changed, key)
        reveal = st.text_area(words.REVEAL, step.reveal, key=f"{key}.reveal", max_chars=script_file.REVEAL)
        changed = replace(changed, reveal=line(reveal, script_file.REVEAL))
        if step.recording:
            st.markdown(words.HAS_RECORDING.format(title=plain(step.recording.title or words.UNNAMED)))
        elif step.kind == "ask" and place == session.stage.place:
            changed = _recorded(session, changed)
    empty = changed.kind == "words" and not (changed.caption or changed.reveal)
    return step if empty else changed


def _question(step: Step, key: str) -> Step:
    prompt = st.text_area(words.PROMPT, step.prompt, key=f"{key}.prompt", max_chars=script_file.PROMPT)
    continues = st.toggle(words.CONTINUES, value=step.continues, key=f"{key}.continues")
    model = st.text_input(
        words.MODEL, step.model, key=f"{key}.model", placeholder=words.MODEL_PLACEHOLDER, max_chars=ID_LIMIT
    )
    told = st.text_area(
        words.SYSTEM_PROMPT, step.system_prompt, key=f"{key}.told", max_chars=script_file.SYSTEM_PROMPT
    )
    known = step.parameters.get("temperature")
    heat = st.number_input(
        words.TEMPERATURE,
        0.0,
        2.0,
        value=float(known) if isinstance(known, int | float) else None,
        step=0.1,
        key=f"{key}.heat",
        placeholder=words.NOT_SET,
    )
    others = {name: value for name, value in step.parameters.items() if name != "temperature"}
    return replace(
        step,
        prompt=text(prompt, script_file.PROMPT) if prompt.strip() else step.prompt,
        continues=continues,
        model=line(model, ID_LIMIT),
        system_prompt=text(told, script_file.SYSTEM_PROMPT),
        parameters=others if heat is None else {"temperature": heat, **others},
    )


def _recorded(session: Session, step: Step) -> Step:
    """The answer in view as the recording that stands by."""
    if not st.button(words.KEEP_AS_RECORDING, key="step.record", icon=":material/radio_button_checked:"):
        return step
    path = session.chats.current.conversation.path()
    try:
        recording = making.recorded(path, session.exchanges.record, title=line(step.prompt, script_file.TITLE))
    except Unreadable as refused:
        st.warning(plain(str(refused)), icon=":material/block:")
        return step
    own = [talk for talk in recording.talks if talk.question.content == step.prompt]
    return replace(step, recording=replace(recording, talks=(own[-1],), earlier=())) if own else step
