"""A failed answer: what happened, the provider's message, the side at fault, what was kept, and the next steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from backend import errors
from backend.conversation.tree import Node, NodeId
from backend.demos.playing import PlayedChat
from backend.protocol.remedies import Remedy
from backend.types import Failure
from components.chat import words
from components.chat.failure_actions import Situation, Way
from components.elements.markdown import name_in_code, plain
from components.inspector.state import Inspection, without_keys
from components.session import tab
from components.session.answer_context import AnswerContext
from components.session.connection import LOCAL

QUOTED = 300  # characters of the provider's message that are shown; all of it is in the details
_OURS = ("network", "here")  # sides on which the detail is not the provider's
_ICONS = {"instead": "swap_horiz"}  # by kind of remedy; other kinds leave something out


def failure(session: AnswerContext, node: Node) -> None:
    """The notice, and the next steps. Everything from outside is shown as plain text."""
    message, error = node.message, node.message.failure
    if error is None:
        return
    notice = words.FAILED if message.empty and not message.reasoning else words.FAILED_KEPT
    side = words.SIDES.get(errors.side(error.kind) or "", "")
    hint = f"{plain(error.hint)} {side}" if "side" not in error.hint else plain(error.hint)
    text = notice.format(title=plain(error.title), hint=hint.strip(), quote=_quote(session, error))
    st.error(text, icon=":material/error:")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        played = isinstance(session.chats.current, PlayedChat)  # a recording has no next steps
        for way in () if played else Situation(session, node, error).ways():
            _draw(session, node, way, f"failure.{node.id}")
        _details(error, session.connections.keys)


def _quote(session: AnswerContext, error: Failure) -> str:
    """The provider's own message."""
    if errors.side(error.kind) in _OURS or not error.detail.strip() or error.kind == "NotAnAnswer":
        return ""
    sentence = " ".join(without_keys(error.detail, session.connections.keys).split())
    more = "…" if len(sentence) > QUOTED else ""
    return words.QUOTE.format(sentence=plain(sentence[:QUOTED] + more))


def _draw(session: AnswerContext, node: Node, way: Way, key: str) -> None:
    actions = session.actions
    match way.step:
        case "key":
            _key(session, node.id, key)
        case "wait":
            label = words.WAIT_AND_RETRY.format(seconds=way.seconds)
            _button(label, f"{key}.wait", "hourglass_top", _wait, session, node.id, way.seconds)
        case "remedies" if way.remedy:
            label, name = _remedy(way.remedy)
            icon, learned = _ICONS.get(way.remedy.kind, "remove_circle_outline"), way.remedy.learned
            _button(label, f"{key}.without.{name}", icon, actions.retry_without, node.id, learned)
        case "shorten":
            _button(words.RETRY_SHORTER, f"{key}.shorten", "content_cut", actions.shorten, node.id)
        case "edit":
            _button(words.EDIT_QUESTION, f"{key}.edit", "edit", actions.do, "edit", way.question)
        case "other":
            label = words.USE_INSTEAD.format(model=plain(way.model))
            _button(label, f"{key}.successor", "swap_horiz", _use, session, node.id, way.model)
        case "address":
            label = words.USE_ADDRESS.format(address=plain(way.address))
            _button(label, f"{key}.address", "link", _use_address, session, node.id, way.address)
        case "local":
            _button(words.USE_LOCAL, f"{key}.local", "computer", session.connections.connect, LOCAL)
        case "again" | "call_again" | "topped_up":
            _button(words.AGAIN[way.step], f"{key}.{way.step}", "refresh", actions.again, node.id)


def _remedy(remedy: Remedy) -> tuple[str, str]:
    """The label of the button, and its name."""
    if remedy.field:
        sentence = words.RETRY_INSTEAD if remedy.kind == "instead" else words.RETRY_WITHOUT
        return sentence.format(parameter=name_in_code(remedy.field)), remedy.field
    return words.REMEDIES[remedy.kind], remedy.kind


def _button(label: str, key: str, icon: str, do: Callable[..., None], *args: object) -> None:
    st.button(label, key=key, on_click=do, args=args, icon=f":material/{icon}:")


def _use(session: AnswerContext, node: NodeId, model: str) -> None:
    session.models.choose(model)
    session.actions.regenerate(node)


def _use_address(session: AnswerContext, node: NodeId, address: str) -> None:
    model = session.setup.model
    session.connections.use_base_url(address)
    session.models.choose(model)  # a choice at one address does not apply at another
    session.actions.regenerate(node)


def _wait(session: AnswerContext, node: NodeId, seconds: float) -> None:
    """Send the same again when the server is ready for it."""
    chat = session.chats.current
    request = Inspection.current().request(chat.conversation[node])
    chat.beside(node, lambda: session.asker.ask.turn(request, after=seconds))


def _key(session: AnswerContext, node: NodeId, key: str) -> None:
    """A field for a missing key, in the place of the error: on a phone the sidebar is out of sight."""
    popover = st.popover(words.ENTER_KEY, icon=":material/key:", key=f"{key}.enter", on_change="rerun")
    if popover.open:
        field = f"{key}.key"
        popover.text_input(
            words.KEY,
            key=field,
            type="password",
            autocomplete="off",
            placeholder=words.KEY_PLACEHOLDER,
            on_change=_take_key,
            args=(session, node, field),
        )
        popover.caption(words.KEY_SENDS)


def _take_key(session: AnswerContext, node: NodeId, field: str) -> None:
    """Store the key and send again with it."""
    typed = str(tab.value(field, "")).strip()
    session.connections.take_key(field)
    if typed:
        session.actions.again(node)


def _details(error: Failure, keys: Sequence[str]) -> None:
    if not (error.detail or error.request_id or error.body):
        return
    with st.popover(words.DETAILS, icon=":material/receipt_long:", type="tertiary"):
        network = errors.side(error.kind) in _OURS
        for label, text in (
            (words.NETWORKS_WORDS if network else words.SERVERS_WORDS, error.detail),
            (words.SERVERS_REPLY, error.body if error.body.strip() != error.detail.strip() else ""),
            (words.REQUEST_ID, error.request_id),
        ):
            if text:
                st.caption(label)
                st.code(without_keys(text, keys), language=None, wrap_lines=True)
