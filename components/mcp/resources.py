"""Resources and prompts of a server: resources to read and attach, prompts to fill in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from backend.attachments.attachment import data_of
from backend.mcp.connection import ToolServerConnection
from backend.mcp.resources import Resource, ServerPrompt
from backend.text import distinct
from backend.tools.calls import CallOutcome
from backend.tools.result_parts import ResultPart
from components.elements.markdown import plain
from components.mcp import words
from components.mcp.fields import field, key_of, typed
from components.mcp.results import parts
from components.mcp.servers import ToolServers, digest
from components.session.session import Session

One = TypeVar("One", Resource, ServerPrompt)


def resources(shelf: ToolServers, name: str, connection: ToolServerConnection) -> None:
    """An expander: choose one, read it, attach it to the next question."""
    known = connection.listing.resources

    def inside(chosen: Resource, key: str) -> None:
        st.caption(plain(" ".join(filter(None, (chosen.address, chosen.media_type, chosen.about)))))
        st.button(words.READ, key=f"read.{key}", on_click=_read, args=(shelf, name, chosen.address))
        outcome = shelf.read_last.get((name, chosen.address))
        if outcome and _show_outcome(outcome):
            icon = ":material/attach_file:"
            st.button(words.ATTACH, key=f"attach.{key}", on_click=_attach, args=(outcome, chosen), icon=icon)

    _fold("resource", name, known, lambda one: one.name or one.address, inside)


def prompts(shelf: ToolServers, name: str, connection: ToolServerConnection) -> None:
    """An expander: choose one, fill in its fields, put it into the message box."""
    known = connection.listing.prompts

    def inside(chosen: ServerPrompt, key: str) -> None:
        if chosen.about:
            st.caption(plain(chosen.about))
        place = (name, f"prompt {chosen.name}")
        if (given := _filled_in(chosen, key)) is not None:
            shelf.read_last = {place: connection.ask(lambda session: session.prompt(chosen.name, given))}
        outcome = shelf.read_last.get(place)
        if outcome and outcome.ok:
            st.code(outcome.content, language=None, wrap_lines=True)
        if outcome and _show_outcome(outcome):
            icon = ":material/edit_square:"
            st.button(words.USE_PROMPT, key=f"prompt.use.{key}", on_click=_use, args=(outcome.content,), icon=icon)

    _fold("prompt", name, known, lambda one: one.name, inside)


def _fold(
    kind: str, server: str, known: Sequence[One], called: Callable[[One], str], inside: Callable[[One, str], None]
) -> None:
    """An expander with a choice. Draws nothing while it is collapsed."""
    key, title, label, icon = digest(server), *words.OTHERS[kind]
    if not known:
        return
    fold = st.expander(title, key=f"server.{kind}s.{key}", icon=icon, on_change="rerun")
    if not fold.open:
        return
    labels = distinct({_id(one): called(one) for one in known})
    with fold:
        chosen: One | None = st.selectbox(
            label.format(count=len(known)),
            known,
            index=None,
            key=f"{kind}.{key}",
            format_func=lambda one: labels.get(_id(one), _id(one)),
        )
        if chosen is not None:
            inside(chosen, key)


def _id(one: Resource | ServerPrompt) -> str:
    return one.address if isinstance(one, Resource) else one.name


def _show_outcome(outcome: CallOutcome) -> bool:
    """Whether there is something to use."""
    if outcome.ok:
        parts(outcome)
    else:
        st.error(plain(outcome.content), icon=":material/error:")
    return outcome.ok


# ---- a resource -------------------------------------------------------------------------------------------


def _read(shelf: ToolServers, name: str, address: str) -> None:
    """Read it for display: only the last one of all servers is kept."""
    if connection := shelf.connections.get(name):
        shelf.read_last = {(name, address): connection.ask(lambda session: session.read(address))}


def _attach(outcome: CallOutcome, chosen: Resource) -> None:
    """Attach what was read to the next question, as a file."""
    pending = Session.current().composer.pending
    for part in outcome.parts:
        name, data = _file(part, chosen)
        if data:
            pending.problem = pending.attach(name, data)


def _file(part: ResultPart, chosen: Resource) -> tuple[str, bytes]:
    stem = re.sub(r"[^\w.-]", "_", chosen.address.rstrip("/").rpartition("/")[2] or chosen.name)[:60] or "resource"
    if part.data:
        return f"{stem}.{part.media_type.partition('/')[2] or 'bin'}", data_of(part.data) or b""
    return (stem if "." in stem else f"{stem}.txt"), part.text.encode()


# ---- a prompt ---------------------------------------------------------------------------------------------


def _filled_in(chosen: ServerPrompt, key: str) -> dict[str, str] | None:
    """The values of its fields once they were submitted."""
    prefix = f"prompt.argument.{key}.{digest(chosen.name)}"
    with st.form(f"prompt.form.{key}", border=False):
        for one in chosen.arguments:
            field(one, key_of(prefix, one))
        pressed = st.form_submit_button(words.GET_PROMPT, key=f"prompt.get.{key}")
    return {one: str(value) for one, value in typed(chosen.arguments, prefix).items() if value} if pressed else None


def _use(text: str) -> None:
    Session.current().composer.draft = text
