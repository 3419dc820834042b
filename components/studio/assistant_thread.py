"""A run of an assistant: its messages, its timeline, and the tool outputs that it waits for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import streamlit as st

from backend.studio import assisting
from backend.studio import task as tasks
from backend.studio.fields import form as fields_of
from backend.studio.shelf import KeptFile, Shelf
from backend.untrusted import Object, fields, items, number, objects, string
from components.elements.markdown import plain
from components.session import tab
from components.session.session import Session
from components.session.studio_runs import Run
from components.studio import form, words
from components.studio.attempting import attempt
from components.view import component
from components.view.component import Item

_SHOWN = 30  # messages
_GROWN = 200_000  # bytes of a growing answer


def draw(run: Run, shelf: Shelf) -> None:
    """The messages of its thread, the timeline of the run below."""
    thread_messages(_messages(run), f"studio.said.{run.job.id}")
    timeline(run)


def thread_messages(messages: Sequence[Object], key: str) -> None:
    """The messages of a thread, drawn like those of a conversation."""
    if not messages:
        st.caption(words.NO_MESSAGES)
        return
    items_ = [_item(str(number), message) for number, message in enumerate(messages[-_SHOWN:])]
    with st.container(key=f"{key}.place"):
        component.draw(items_, key, _nothing, conversation=key, still=True)


def _item(id_: str, message: Object) -> Item:
    role = string(message.get("role"))
    text = string(message.get("text")) or words.NO_TEXT
    return Item(id_, role if role in words.ROLES else "assistant", words.ROLES.get(role, role), text)


def growing(run: Run, file: KeptFile) -> None:
    """The answer of a run so far, and the state of the run."""
    with suppress(OSError), file.path.open("rb") as text:
        come = text.read(_GROWN).decode("utf-8", "replace")
        key = f"studio.growing.{run.job.id}"
        with st.container(key=f"{key}.place"):
            item = Item("0", "assistant", words.ROLES["assistant"], come, running=True)
            component.draw([item], key, _nothing, conversation=key, still=True)
    timeline(run)


def _nothing() -> None:
    """Do nothing: a message of a thread has no actions."""


def _messages(run: Run) -> list[Object]:
    return objects(fields(run.step.result.get("result")).get("messages"))


def as_text(run: Run) -> str:
    """The messages of its thread, to be attached to a question."""
    turns = [(string(message.get("role")), string(message.get("text"))) for message in _messages(run)]
    return "\n\n".join(f"{words.ROLES.get(role, role)}: {text}" for role, text in turns)


def timeline(run: Run) -> None:
    """The states of a run with seconds since its beginning, its steps, and the arguments of its tools."""
    handle = tasks.read_handle(run.step.handle)
    so_far = {**(handle.so_far if handle else {}), **run.step.result}
    times = objects(so_far.get("times"))
    if not times:
        return
    first = number(times[0].get("at")) or 0.0
    parts = [
        f"{plain(string(one.get('word')).replace('_', ' '))} {(number(one.get('at')) or first) - first:.0f} s"
        for one in times
    ]
    st.caption(words.TIMELINE.format(times=" → ".join(parts)))
    for step in objects(fields(run.step.result.get("result")).get("steps")):
        began, ended = number(step.get("began")), number(step.get("ended"))
        took = f"{ended - began:.0f} s" if began is not None and ended is not None else ""
        names = ", ".join(map(str, items(step.get("tools"))))
        cells = [string(step.get("type")).replace("_", " "), names, string(step.get("state")), took]
        st.caption(words.STEP.format(facts=plain(" · ".join(filter(None, cells)))))
    for one in objects(so_far.get("given")):
        facts = (
            f"{string(one.get('name'))}({string(one.get('arguments'))[:300]}) = {string(one.get('output'))[:300]}"
        )
        st.caption(words.GIVEN.format(call=plain(facts)))


def waits_for_outputs(run: Run) -> bool:
    """Whether it waits for somebody to provide the outputs of its tools."""
    return run.job.state == "paused" and bool(assisting.waiting_calls(tasks.read_handle(run.step.handle)))


def ask_for_outputs(session: Session, run: Run) -> None:
    """A field for the output of each tool that the run waits for."""
    handle = tasks.read_handle(run.step.handle)
    if not waits_for_outputs(run):
        return
    calls = assisting.waiting_calls(handle)
    left = assisting.seconds_left(handle, time.time())
    if left is not None:
        st.caption(
            words.TIME_LEFT.format(minutes=int(left) // 60, seconds=int(left) % 60) if left else words.TIME_OVER
        )
    for number_, call in enumerate(calls):
        st.text_area(
            words.OUTPUT_OF.format(name=plain(call["name"])),
            key=_key(run, number_),
            height=80,
            help=words.OUTPUT_HELP,
            persist_state="session",
        )
        st.code(call["arguments"], language="json", wrap_lines=True)
    give = partial(_give_outputs, session, run, [call["id"] for call in calls])
    st.button(
        words.GIVE_OUTPUTS, key=f"studio.outputs.{run.job.id}", on_click=attempt, args=(give,), type="primary"
    )


def _give_outputs(session: Session, run: Run, ids: list[str]) -> None:
    outputs = {id_: str(tab.value(_key(run, place)) or "") for place, id_ in enumerate(ids)}
    session.studio.look_again(run, outputs)


def _key(run: Run, place: int) -> str:
    return f"studio.output.{run.job.id}.{place}"


def go_on(session: Session, run: Run) -> None:
    """Put assistant and thread of a run into the form: the next message goes into the same thread."""
    made, family = fields(run.step.result.get("made")), run.task.about
    model = session.studio.model(family, run.task.model)
    fields_ = {field.name: field for field in fields_of(model)}
    for name in ("assistant", "thread"):
        tab.put_setting(form.key(family, model, fields_[f"{name}_id"]), string(made.get(name)))
    tab.put(form.key(family, model, fields_["message"]), "")
