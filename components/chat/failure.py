"""An answer that failed: what happened, on whose side, what was kept, and the ways on from there."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from backend import errors
from backend.answer.delay import LONGEST
from backend.conversation.transcript import middle
from backend.conversation.tree import Node, NodeId
from backend.guests.metering import GUEST_ERRORS
from backend.types import Failure
from components.chat import words
from components.elements.markdown import plain
from components.inspector.state import Inspection, without_keys
from components.session.connection import LOCAL
from components.session.connections import Connections
from components.session.session import Session

_REFUSALS = ("BadRequest", "BadInput", "ServerTrouble")
# Parameters whose names are words of every message: believed only in quotes.
_EVERYDAY = {"n", "stop", "provider", "audio", "echo", "reasoning", "thinking", "prediction"}
# Errors that the model on this computer does not have.
_REMOTE_ERRORS = (
    "KeyMissing",
    "KeyRefused",
    "OutOfCredit",
    "Forbidden",
    "RateLimited",
    "ServerTrouble",
    "ConnectionFailed",
    "CertificateRefused",
    "TimedOut",
    *GUEST_ERRORS,
)
_KEY_ERRORS = ("KeyMissing", "KeyRefused", "OutOfCredit", "Forbidden", *GUEST_ERRORS)


def failure(session: Session, node: Node) -> None:
    """The notice, and the ways on. Everything from outside is shown as plain text."""
    message, error = node.message, node.message.failure
    if error is None:
        return
    notice = words.FAILED if message.empty and not message.reasoning else words.FAILED_KEPT
    side = words.SIDES.get(errors.side(error.kind) or "", "")
    hint = f"{plain(error.hint)} {side}" if "side" not in error.hint else plain(error.hint)
    st.error(notice.format(title=plain(error.title), hint=hint.strip()), icon=":material/error:")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        _ways(session, node, error, f"failure.{node.id}")
        _details(error, session.connections.keys)


def _ways(session: Session, node: Node, error: Failure, key: str) -> None:
    """The button that most likely helps stands first."""
    if error.retry_after and 0 < error.retry_after <= LONGEST:
        seconds = math.ceil(error.retry_after)
        label = words.WAIT_AND_RETRY.format(seconds=seconds)
        _way(label, f"{key}.wait", "hourglass_top", _wait, session, node.id, seconds)
    if error.kind == "ContextTooLong" and _shortens(session, node):
        _way(words.RETRY_SHORTER, f"{key}.shorten", "content_cut", session.actions.shorten, node.id)
    _way(words.TRY_AGAIN, f"{key}.again", "refresh", session.actions.regenerate, node.id)
    setup = session.setup
    for name in blamed(error, setup.fitted.body):
        label = words.RETRY_WITHOUT.format(parameter=name)
        _way(label, f"{key}.without.{name}", "remove_circle_outline", session.actions.retry_without, node.id, name)
    remote = not setup.connection.is_local
    if error.kind == "ModelNotFound" and remote:
        _successor(session, node, key)
    if error.kind in _KEY_ERRORS and remote:
        _key(session.connections, key)
    if error.kind in _REMOTE_ERRORS and remote:
        _way(words.USE_LOCAL, f"{key}.local", "computer", session.connections.connect, LOCAL)


def _way(label: str, key: str, icon: str, do: Callable[..., None], *args: object) -> None:
    st.button(label, key=key, on_click=do, args=args, icon=f":material/{icon}:")


def _shortens(session: Session, node: Node) -> bool:
    """There are older questions to leave out."""
    transcript = [before.message for before in session.chats.current.conversation.path_to(node.parent)]
    return middle(transcript) > 0


def _successor(session: Session, node: Node, key: str) -> None:
    setup = session.setup
    other = setup.listing.successor(setup.listing.find(node.message.model or setup.model))
    if other is not None:
        label = words.USE_INSTEAD.format(model=plain(other.id))
        _way(label, f"{key}.successor", "swap_horiz", _use, session, node.id, other.id)


def _use(session: Session, node: NodeId, model: str) -> None:
    session.models.choose(model)
    session.actions.regenerate(node)


def _wait(session: Session, node: NodeId, seconds: float) -> None:
    """Ask the same again when the server is ready for it."""
    chat = session.chats.current
    request = Inspection.current().request(chat.conversation[node])
    chat.beside(node, lambda: session.asker.ask.turn(request, after=seconds))


def _key(connections: Connections, key: str) -> None:
    """The key can be put in where its lack was noticed: on a telephone the sidebar is out of sight."""
    popover = st.popover(words.ENTER_KEY, icon=":material/key:", key=f"{key}.enter", on_change="rerun")
    if popover.open:
        field = f"{key}.key"
        popover.text_input(
            words.KEY,
            key=field,
            type="password",
            autocomplete="off",
            placeholder=words.KEY_PLACEHOLDER,
            on_change=connections.take_key,
            args=(field,),
        )
        if connections.key_state:
            popover.caption(words.KEY_TAKEN.format(key_state=plain(connections.key_state)))


def _details(error: Failure, keys: Sequence[str]) -> None:
    if not (error.detail or error.request_id or error.body):
        return
    with st.popover(words.DETAILS, icon=":material/receipt_long:", type="tertiary"):
        for label, text in (
            (words.SERVERS_WORDS, error.detail),
            (words.SERVERS_REPLY, error.body if error.body.strip() != error.detail.strip() else ""),
            (words.REQUEST_ID, error.request_id),
        ):
            if text:
                st.caption(label)
                st.code(without_keys(text, keys), language=None, wrap_lines=True)


def blamed(error: Failure, sent: Mapping[str, object]) -> list[str]:
    """The parameters that a refusal names, in whichever words: servers have a dozen ways to say it."""
    if error.kind not in _REFUSALS:
        return []
    text = f"{error.title} {error.hint} {error.detail}".lower()
    in_quotes = set(re.findall(r"[\"'`]([a-z_]+)[\"'`.\[]", text))
    bare = set(re.findall(r"[a-z_]+", text)) - _EVERYDAY
    return [name for name in sent if name in in_quotes or name in bare][:3]
