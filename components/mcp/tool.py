"""One tool of a server: its annotations, its problems, its cost in tokens; and a form to try it."""

from __future__ import annotations

import json

import streamlit as st

from backend.mcp import form
from backend.mcp.form import FormField
from backend.mcp.offered_tools import KnownTool
from backend.mcp.running_call import Progress
from backend.tokens import tokens
from components.elements.markdown import name_in_code, plain
from components.mcp import words
from components.mcp.fields import field, key_of, typed
from components.mcp.questions import questions
from components.mcp.servers import ToolServers
from components.session import tab, widgets

_LINT = 5  # problems that are shown


def about(known: KnownTool) -> None:
    """Above the definition for the model."""
    tool = known.tool
    hints = [badge for name, badge in words.HINTS.items() if getattr(tool, name)]
    if hints:
        st.markdown(" ".join(hints), help=words.HINTS_ARE_CLAIMS)
    if tool.must_ask:
        st.caption(words.MUST_ASK)
    if known.offered != tool.name:
        st.caption(words.ITS_NAME.format(name=name_in_code(tool.name), offered=known.offered))
    if known.hidden:
        st.warning(words.HIDDEN.format(codes=", ".join(known.hidden)), icon=":material/visibility_off:")
    if instruction := known.orders:
        st.warning(words.ORDERS.format(words=plain(instruction)), icon=":material/warning:")
    if known.blocking_problems:
        st.warning(words.REFUSED, icon=":material/error:")
    for problem in known.blocking_problems[:_LINT]:
        st.markdown(f":small[:red[{plain(problem.path)} {plain(problem.words)}]]")
    definition = {"name": known.offered, "description": tool.description, "parameters": dict(tool.schema)}
    st.caption(words.COST.format(tokens=tokens(json.dumps(definition))))


# ---- trial --------------------------------------------------------------------------------------------------


def trying(shelf: ToolServers, known: KnownTool, run: str) -> str | None:
    """The form; returns the JSON of a call once it was submitted. `run` is the key of what runs it."""
    st.caption(words.TRY)
    fields = form.form(known.tool.schema)
    with st.form(f"run.{known.offered}", border=False):
        if fields is None:
            st.text_area(words.JSON_FIELD.format(name=""), value="{}", key=widgets.tool_arguments(known.offered))
        for one in fields or ():
            field(one, key_of(widgets.tool_arguments(known.offered), one))
        pressed = st.form_submit_button(words.RUN, icon=":material/play_arrow:", key=run)
    _running(shelf, known)
    return _arguments_text(known, fields) if pressed else None


def _arguments_text(known: KnownTool, fields: tuple[FormField, ...] | None) -> str:
    if fields is None:
        return str(tab.value(widgets.tool_arguments(known.offered)) or "")
    return form.arguments(fields, typed(fields, widgets.tool_arguments(known.offered)))


def _running(shelf: ToolServers, known: KnownTool) -> None:
    running = shelf.trying.get(known.offered)
    if running is None or running.ended:
        return
    questions(shelf.connections[known.server], f"try.{known.offered}")
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"trying.{known.offered}"):
        progress(running.progress)
        st.button(
            words.CANCEL,
            key=f"cancel.try.{known.offered}",
            on_click=shelf.cancel,
            args=(known.offered,),
            type="tertiary",
            icon=":material/stop:",
        )


def progress(told: Progress) -> None:
    """The progress of a call: a bar if the server reports it."""
    label = plain(told.words) or words.RUNNING
    if told.part is None:
        st.caption(label, width="stretch")
    else:
        st.progress(told.part, text=label)
