"""The editor of a message, and the form for a new one."""

from __future__ import annotations

import streamlit as st

from backend.conversation.tree import Node, NodeId
from components.chat import words
from components.elements import editing
from components.session import widgets
from components.session.answer_context import AnswerContext
from components.session.message_actions import MessageActions

_ROLES = ("user", "assistant", "system", "developer", "tool")


def editor(session: AnswerContext, node: Node) -> None:
    """A message in a text box. A changed question is asked again; a changed answer is only saved."""
    question = node.message.role == "user"
    text, key = node.message.content, widgets.message_editor(node.id)
    with editing.editor(f"message.{node.id}"):
        st.text_area(words.EDITED_MESSAGE, value=text, key=key, height="content", label_visibility="collapsed")
        _ways_out(session, node.id, question)


def _ways_out(session: AnswerContext, node: NodeId, question: bool) -> None:
    with editing.choices(f"message.{node}"):
        if question:
            _take(words.SEND_EDITED, "send", session.actions, node, run=True)
        _take(words.SAVE_UNASKED if question else words.SAVE_EDITED, "check", session.actions, node, run=False)
        close = session.chats.view.edit
        st.button(words.CANCEL, key=f"cancel.{node}", on_click=close, args=(None,), type="tertiary")


def _take(label: str, icon: str, actions: MessageActions, node: NodeId, *, run: bool) -> None:
    st.button(
        label,
        key=f"{'send' if run else 'save'}.{node}",
        on_click=actions.submit_edit,
        args=(node,),
        kwargs={"run": run},
        type="primary" if run else "secondary",
        icon=f":material/{icon}:",
    )


def add_form(session: AnswerContext, after: NodeId | None) -> None:
    """A form for a message of any role: an example for the model, an instruction in mid-conversation, a tool's
    result.
    """
    with editing.editor("add"), st.form("add", border=True):
        st.segmented_control(words.ADDED_ROLE, _ROLES, default="user", required=True, key=widgets.ADD_ROLE)
        st.text_input(words.ADDED_NAME, key=widgets.ADD_NAME, help=words.ADDED_NAME_HELP)
        st.text_area(words.ADDED_MESSAGE, key=widgets.ADD_TEXT, height="content")
        with editing.choices("add"):
            st.form_submit_button(words.ADD, type="primary", on_click=session.actions.insert_message, args=(after,))
            close = session.chats.view.add_below
            st.form_submit_button(words.CANCEL, type="tertiary", on_click=close, args=(None,))
