"""What can be done with one message: copy, regenerate, continue, edit, walk between branches, the menu."""

from __future__ import annotations

import streamlit as st

from backend.answer import cost
from backend.conversation.chat import Chat, unanswered
from backend.conversation.tree import Node, NodeId
from backend.protocol import wire
from backend.types import Message, Usage
from components import notices
from components.chat import words
from components.elements.copy_button import copy_button
from components.elements.markdown import plain
from components.session import widgets
from components.session.message_actions import Action, MessageActions
from components.session.session import Session

_ICONS: dict[Action, str] = {
    "regenerate": "refresh",
    "continue": "play_arrow",
    "edit": "edit",
    "inspect": "search_insights",
}
_ROLES = ("user", "assistant", "system", "developer", "tool")


def footer(session: Session, node: Node, *, brief: bool = False) -> None:
    """The actions under a message and, for an answer, the quiet line.

    `brief` is for older messages: everything in the menu. Forty messages with a row of buttons each made the
    next answer 300 ms late (measured: 620 ms from Enter to the first word, 330 ms without).
    """
    chat, message = session.chats.current, node.message
    answer = message.role == "assistant"
    with st.container(
        horizontal=True,
        gap="small",
        vertical_alignment="center",
        horizontal_alignment="left" if answer else "right",
        key=f"{'footer' if answer else 'asides'}.{node.id}",
    ):
        actions = _suitable(message)
        if not brief:
            if not message.empty:
                copy_button(wire.thinking(message)[1] or message.refusal, f"copy.{node.id}")
            for action in actions:
                _action(session.actions, action, node.id)
        _branches(chat, node)
        _menu(session, node, actions if brief else [])
        if answer:
            turn = chat.recent.get(node.id)
            st.caption(quiet_line(message, pending=turn is not None and turn.pending))


def _suitable(message: Message) -> list[Action]:
    """What suits this message, besides what every menu has."""
    answer = message.role == "assistant"
    fits: dict[Action, bool] = {
        "regenerate": answer and message.state != "failed",  # a failure has its own button, beside its words
        "continue": answer and resumable(message),
        "edit": not unanswered(message),
        "inspect": answer,
    }
    return [action for action, fit in fits.items() if fit]


def resumable(message: Message) -> bool:
    """An answer that ended before it was complete, with something to go on from."""
    cut = message.state in ("stopped", "failed", "interrupted") or message.finish_reason == "length"
    return cut and bool(message.content.strip()) and not message.tool_calls


def _action(actions: MessageActions, action: Action, node: NodeId) -> None:
    label, icon = words.ACTIONS[action], f":material/{_ICONS[action]}:"
    st.button(label, key=f"{action}.{node}", on_click=actions.do, args=(action, node), type="tertiary", icon=icon)


def _menu(session: Session, node: Node, actions: list[Action]) -> None:
    shown: Action = "rendered" if node.id in session.chats.view.raw else "raw"
    st.menu_button(
        words.MORE_ACTIONS,
        [*actions, shown, "add", "delete", "delete below"],
        key=widgets.message_menu(node.id),
        format_func=words.ACTIONS.__getitem__,
        on_click=session.actions.menu,
        args=(node.id,),
        type="tertiary",
    )


def _branches(chat: Chat, node: Node) -> None:
    """Arrows between the answers that were given here; nothing regenerated is lost."""
    siblings = chat.conversation.siblings(node.id)
    if len(siblings) < 2:
        return
    at = siblings.index(node.id)
    for label, key, step in ((words.PREVIOUS, "previous", -1), (words.NEXT, "next", 1)):
        target = siblings[(at + step) % len(siblings)]
        if step == 1:
            st.caption(words.BRANCH.format(number=at + 1, count=len(siblings)), width="content")
        st.button(
            label,
            key=f"{key}.{node.id}",
            on_click=chat.choose,
            args=(target,),
            type="tertiary",
            icon=":material/chevron_left:" if step < 0 else ":material/chevron_right:",
        )


def quiet_line(message: Message, *, pending: bool = False) -> str:
    """Model, tokens, speed, cost and ending of an answer. An estimate is marked "~", the unknown is "-"."""
    timing = message.timing
    out, known = cost.counted(message)
    speed = timing.tokens_per_second(out)
    parts = [plain(message.model or ""), _tokens(message)]
    if timing.total is None:
        parts.append(words.NO_TIME)
    else:
        parts.append(words.TIME_TO_FIRST.format(time=_seconds(timing.first_token, 2)))
        if speed is not None:
            parts.append(words.SPEED.format(speed=f"{'' if known else '~'}{speed:.0f}"))
        parts.append(_seconds(timing.total, 1 if timing.total >= 1 else 2))
    parts.append(cost.words(message, pending=pending).replace("$", "\\$"))
    parts.append(plain(notices.ending(message)))
    if message.by_hand:
        parts.append(words.EDITED_BY_HAND)
    return " · ".join(part for part in parts if part)


def _tokens(message: Message) -> str:
    """12 in, 34 out (20 reasoning)."""
    usage, (out, known) = message.usage or Usage(), cost.counted(message)
    prompt = "-" if usage.prompt_tokens is None else f"{usage.prompt_tokens:,}"
    answer = "-" if out is None else f"{out:,}" if known else f"~{out:,}"
    if reasoning := _reasoning(message, usage):
        return words.TOKENS_REASONING.format(prompt=prompt, answer=answer, reasoning=reasoning)
    return words.TOKENS.format(prompt=prompt, answer=answer)


def _reasoning(message: Message, usage: Usage) -> str:
    if usage.reasoning_tokens:
        return f"{usage.reasoning_tokens:,}"
    thought = wire.thinking(message)[0]
    return f"~{cost.tokens(thought):,}" if thought else ""


def _seconds(value: float | None, decimals: int) -> str:
    return "-" if value is None else words.SECONDS.format(seconds=f"{value:.{decimals}f}")


# ---- editors --------------------------------------------------------------------------------------------


def editor(session: Session, node: Node) -> None:
    """A message as a text box. A changed question is asked again; a changed answer stays as it is."""
    question = node.message.role == "user"
    text, key = node.message.content, widgets.message_editor(node.id)
    st.text_area(words.EDITED_MESSAGE, value=text, key=key, height="content", label_visibility="collapsed")
    with st.container(horizontal=True, gap="small"):
        if question:
            _take(words.SEND_EDITED, "send", session.actions, node.id, run=True)
        _take(words.SAVE_UNASKED if question else words.SAVE_EDITED, "check", session.actions, node.id, run=False)
        close = session.chats.view.edit
        st.button(words.CANCEL, key=f"cancel.{node.id}", on_click=close, args=(None,), type="tertiary")


def _take(label: str, icon: str, actions: MessageActions, node: NodeId, *, run: bool) -> None:
    st.button(
        label,
        key=f"{'send' if run else 'save'}.{node}",
        on_click=actions.edited,
        args=(node,),
        kwargs={"run": run},
        type="primary" if run else "secondary",
        icon=f":material/{icon}:",
    )


def add_form(session: Session, after: NodeId | None) -> None:
    """A message of any role: an example for the model, an instruction in mid-conversation, a tool's result."""
    with st.form("add", border=True):
        st.segmented_control(words.ADDED_ROLE, _ROLES, default="user", required=True, key=widgets.ADD_ROLE)
        st.text_input(words.ADDED_NAME, key=widgets.ADD_NAME, help=words.ADDED_NAME_HELP)
        st.text_area(words.ADDED_MESSAGE, key=widgets.ADD_TEXT, height="content")
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button(words.ADD, type="primary", on_click=session.actions.added, args=(after,))
            close = session.chats.view.add_below
            st.form_submit_button(words.CANCEL, type="tertiary", on_click=close, args=(None,))
