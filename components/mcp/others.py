"""What a server has besides tools: resources to read and attach, prompts to fill in, questions to answer."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from backend.attachments.common import data_of
from backend.mcp.connection import Connection
from backend.mcp.form import Field
from backend.mcp.questions import Question
from backend.mcp.resources import Prompt, Resource
from backend.tools.calls import Outcome
from backend.tools.parts import Part
from components.elements import editing
from components.elements.markdown import plain
from components.mcp import words
from components.mcp.results import parts
from components.mcp.servers import ToolServers, digest
from components.session import tab
from components.session.session import Session

# ---- fields -----------------------------------------------------------------------------------------------


def field(one: Field, key: str) -> None:
    """The control of one value."""
    name, help_ = plain(one.name), plain(one.about) or None
    label = words.REQUIRED.format(name=name) if one.required else name
    if one.kind == "flag":
        st.checkbox(label, value=one.default is True, key=key, help=help_)
    elif one.kind == "choice":
        at_first = one.choices.index(one.start) if one.start in one.choices else None
        st.selectbox(label, one.choices, index=at_first, key=key, help=help_, format_func=plain)
    else:
        label = words.JSON_FIELD.format(name=label) if one.kind == "json" else label
        st.text_input(label, value=one.start, key=key, help=help_)


def typed(fields: tuple[Field, ...], key: str) -> Mapping[str, object]:
    """What is in the controls of these fields, whose keys begin with `key`."""
    return {one.name: tab.value(key_of(key, one)) for one in fields}


def key_of(form: str, one: Field) -> str:
    """The control of one value in a form."""
    return f"{form}.{one.name}"


# ---- resources --------------------------------------------------------------------------------------------


def resources(shelf: ToolServers, name: str, connection: Connection) -> None:
    """In a fold: choose one, read it, attach it to the next question."""
    known, key = connection.listing.resources, digest(name)
    if not known:
        return
    fold = st.expander(words.RESOURCES, key=f"server.resources.{key}", icon=":material/draft:", on_change="rerun")
    if not fold.open:
        return
    with fold:
        chosen: Resource | None = st.selectbox(
            words.RESOURCE.format(count=len(known)),
            known,
            index=None,
            key=f"resource.{key}",
            format_func=lambda one: plain(one.name or one.address),
        )
        if chosen is None:
            return
        st.caption(plain(" ".join(filter(None, (chosen.address, chosen.media_type, chosen.about)))))
        st.button(words.READ, key=f"read.{key}", on_click=_fetch, args=(shelf, name, chosen.address))
        if outcome := shelf.read_last.get((name, chosen.address)):
            _read(outcome, chosen, key)


def _fetch(shelf: ToolServers, name: str, address: str) -> None:
    """Read it, to be looked at: of all servers the last one is kept."""
    if connection := shelf.connections.get(name):
        shelf.read_last = {(name, address): connection.ask(lambda session: session.read(address))}


def _read(outcome: Outcome, chosen: Resource, key: str) -> None:
    _shown(outcome)
    if outcome.ok:
        st.button(
            words.ATTACH,
            key=f"attach.{key}",
            on_click=_attach,
            args=(outcome, chosen),
            icon=":material/attach_file:",
        )


def _shown(outcome: Outcome) -> None:
    if not outcome.ok:
        st.error(plain(outcome.content), icon=":material/error:")
        return
    parts(outcome)


def _attach(outcome: Outcome, chosen: Resource) -> None:
    """Keep what was read for the next question, as a file."""
    pending = Session.current().composer.pending
    for part in outcome.parts:
        name, data = _file(part, chosen)
        if data:
            pending.problem = pending.attach(name, data)


def _file(part: Part, chosen: Resource) -> tuple[str, bytes]:
    stem = re.sub(r"[^\w.-]", "_", chosen.address.rstrip("/").rpartition("/")[2] or chosen.name)[:60] or "resource"
    if part.data:
        return f"{stem}.{part.media_type.partition('/')[2] or 'bin'}", data_of(part.data) or b""
    return (stem if "." in stem else f"{stem}.txt"), part.text.encode()


# ---- prompts ----------------------------------------------------------------------------------------------


def prompts(shelf: ToolServers, name: str, connection: Connection) -> None:
    """In a fold: choose one, fill in its gaps, put it into the message box."""
    known, key = connection.listing.prompts, digest(name)
    if not known:
        return
    fold = st.expander(words.PROMPTS, key=f"server.prompts.{key}", icon=":material/notes:", on_change="rerun")
    if not fold.open:
        return
    with fold:
        chosen: Prompt | None = st.selectbox(
            words.PROMPT.format(count=len(known)),
            known,
            index=None,
            key=f"prompt.{key}",
            format_func=lambda one: plain(one.name),
        )
        if chosen is None:
            return
        if chosen.about:
            st.caption(plain(chosen.about))
        prefix = f"prompt.argument.{key}.{digest(chosen.name)}"
        with st.form(f"prompt.form.{key}", border=False):
            for one in chosen.arguments:
                field(one, key_of(prefix, one))
            pressed = st.form_submit_button(words.GET_PROMPT, key=f"prompt.get.{key}")
        if pressed:
            given = {one: str(value) for one, value in typed(chosen.arguments, prefix).items() if value}
            outcome = connection.ask(lambda session: session.prompt(chosen.name, given))
            shelf.read_last = {(name, f"prompt {chosen.name}"): outcome}
        if got := shelf.read_last.get((name, f"prompt {chosen.name}")):
            _got(got, key)


def _got(outcome: Outcome, key: str) -> None:
    if outcome.ok:
        st.code(outcome.content, language=None, wrap_lines=True)
    _shown(outcome)
    if outcome.ok:
        st.button(
            words.USE_PROMPT,
            key=f"prompt.use.{key}",
            on_click=_use,
            args=(outcome.content,),
            icon=":material/edit_square:",
        )


def _use(text: str) -> None:
    Session.current().composer.draft = text


# ---- questions --------------------------------------------------------------------------------------------


def questions(connection: Connection, place: str) -> None:
    """What the server asks in the middle of a call. `place` tells where on the page: it may be drawn twice."""
    for number, question in enumerate(connection.questions.open):
        key = f"question.{place}.{number}"
        with st.container(border=True, gap="small", key=key), editing.editor(key):
            st.markdown(words.ASKS.format(name=plain(connection.server.name)))
            st.code(question.words, language=None, wrap_lines=True)
            for one in question.fields:
                field(one, key_of(key, one))
            for problem in ToolServers.current().misfits.get(id(question), []):
                st.markdown(f":small[:red[{plain(problem)}]]")
            with editing.choices(key):
                st.button(words.ANSWER, key=f"{key}.go", on_click=_answer, args=(question, key), type="primary")
                st.button(words.DECLINE, key=f"{key}.no", on_click=question.decline, type="tertiary")


def _answer(question: Question, key: str) -> None:
    ToolServers.current().misfits[id(question)] = question.answer(typed(question.fields, key))
