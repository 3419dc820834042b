"""The script as a list of steps: shown, moved, edited, exported, replaced by another one.

A dialog is drawn without the page: its changes show on the stage when it is closed.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import streamlit as st

from backend.demos import script_file
from backend.demos.script import Script, Step
from backend.untrusted import line
from components.compare import starters
from components.elements.markdown import plain
from components.session import tab
from components.session.session import Session
from components.session.stage import Stage
from components.stage import words
from components.stage.beginning import choices
from components.stage.step_fields import fields

_EDITED = "script.edited"  # the place of the step that is being edited, and a new number each time
_NUMBERS = itertools.count(1)
_TITLE, _COSTS = "script.title", "script.costs"
_BRIEF = 70  # characters of a step in the list
_ICONS = {"words": "notes", "ask": "forum", "race": "view_column", "play": "play_circle", "unknown": "help"}


def _on_close() -> None:
    tab.drop(_EDITED)
    Session.current().dialogs.close("script")


@st.dialog(words.SCRIPT_TITLE, width="large", icon=":material/list_alt:", on_dismiss=_on_close)
def script_dialog(session: Session) -> None:
    """The dialog, while it is open."""
    view, stage = session.chats.view, session.stage
    view.costs = st.toggle(words.SHOW_COSTS, value=view.costs, key=_COSTS)
    if stage.script is None:
        choices(session)
        return
    title = st.text_input(words.NAME, value=stage.script.title, key=_TITLE, max_chars=script_file.TITLE)
    stage.change(replace(stage.script, title=line(title, script_file.TITLE)))
    with st.container(key="script_steps", gap="xsmall"):
        for place, step in enumerate(stage.steps, 1):
            _row(session, place, step)
    with st.container(horizontal=True, gap="small"):
        for kind, label in words.ADD.items():
            st.button(label, key=f"script.add.{kind}", on_click=_add, args=(session, kind), icon=":material/add:")
        _export(stage)
    if stage.kept.trouble:
        st.warning(plain(stage.kept.trouble), icon=":material/save:")
    with st.expander(words.OTHER, icon=":material/slideshow:"):
        choices(session)


def _export(stage: Stage) -> None:
    """The export button. A script that is not saved is not exported either: it seems to contain a key."""
    script = _script(stage)
    st.download_button(
        words.EXPORT,
        data=lambda: script_file.export(script).encode(),
        file_name="script.json",
        mime="application/json",
        key="script.export",
        on_click="ignore",
        icon=":material/download:",
        disabled=stage.kept.has_key,
    )


# ---- one step -------------------------------------------------------------------------------------------


def _row(session: Session, place: int, step: Step) -> None:
    stage = session.stage
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
        text = plain(step_summary(step))
        label = words.STEP.format(place=place, text=f"**{text}**" if place == stage.place else text)
        st.markdown(f":material/{_ICONS[step.kind]}: {label}", width="stretch")
        chosen = st.menu_button(
            words.DO,
            _ways(stage, place, step),
            key=f"script.do.{place}",
            format_func=words.WAYS.__getitem__,
            type="tertiary",
            icon=":material/more_vert:",
        )
    if chosen:
        _do(session, str(chosen), place)
    edited_place, number = tab.value_as(tuple, _EDITED) or (0, 0)
    if edited_place == place and step.kind != "unknown":
        if (edited := fields(session, place, step, f"step.{number}")) != step:
            stage.change(with_steps(stage, place, edited))
        st.button(words.DONE, key="script.done", on_click=tab.drop, args=(_EDITED,))


def step_summary(step: Step) -> str:
    """A summary of a step."""
    if step.kind == "unknown":
        return words.UNKNOWN_STEP.format(kind=step.caption)
    text = step.caption or step.prompt or (step.recording.title if step.recording else "") or step.reveal
    text = " ".join(text.split())
    return text if len(text) <= _BRIEF else f"{text[:_BRIEF]}…"


def _ways(stage: Stage, place: int, step: Step) -> list[str]:
    count = len(stage.steps)
    ways = {
        "show": step.kind != "unknown",
        "edit": step.kind != "unknown",
        "up": place > 1,
        "down": place < count,
        "remove": count > 1,
    }
    return [way for way, there in ways.items() if there]


def _do(session: Session, way: str, place: int) -> None:
    stage = session.stage
    if way == "show":
        stage.go(place)
        _on_close()
        st.rerun()
    if way == "edit":
        tab.put(_EDITED, (place, next(_NUMBERS)))
    elif way == "remove":
        tab.drop(_EDITED)
        stage.change(with_steps(stage, place))
    else:
        tab.drop(_EDITED)
        stage.change(_with_moved_step(stage, place, -1 if way == "up" else 1))
    st.rerun(scope="fragment")


def with_steps(stage: Stage, place: int, *steps: Step) -> Script:
    """The script with one step replaced by others, or removed."""
    before, after = stage.steps[: place - 1], stage.steps[place:]
    return replace(_script(stage), steps=(*before, *steps, *after))


def _with_moved_step(stage: Stage, place: int, by: int) -> Script:
    steps = list(stage.steps)
    steps.insert(place - 1 + by, steps.pop(place - 1))
    return replace(_script(stage), steps=tuple(steps))


def _add(session: Session, kind: str) -> None:
    stage = session.stage
    if len(stage.steps) < script_file.STEPS:
        new = {
            "words": Step("words", words.NEW_WORDS),
            "ask": Step("ask", prompt=words.NEW_PROMPT),
            "race": Step("race", prompt=words.NEW_RACE, lanes=tuple(starters.at_temperatures(session))),
        }
        edited, _ = tab.value_as(tuple, _EDITED) or (0, 0)
        before = edited or len(stage.steps)  # behind the step that is open, else at the end
        steps = (*stage.steps[:before], new[kind], *stage.steps[before:])
        stage.change(replace(_script(stage), steps=steps))
        tab.put(_EDITED, (before + 1, next(_NUMBERS)))


def _script(stage: Stage) -> Script:
    return stage.script or Script("", ())
