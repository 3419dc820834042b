"""A tab of the inspector: two answers beside each other, what was asked differently, said differently, paid."""

from __future__ import annotations

import json

import streamlit as st

from backend.answer import diff
from backend.conversation.tree import Node, NodeId
from backend.protocol import wire
from backend.types import JSON, Message
from components.elements.heat_map import differing
from components.inspector.overview import facts
from components.inspector.parts import table
from components.inspector.state import OTHER, Inspection
from components.session.session import Session

_SHOWN = 300  # characters of a value in the table
_LABEL = 60


def differences(inspection: Inspection, node: Node) -> None:
    """Choose another answer of the conversation and see what is different."""
    nodes = others(Session.current().chats.current.conversation.nodes(), node)
    if not nodes:
        st.caption("There is no other answer yet. Regenerate this one, with another setting perhaps, then compare.")
        return
    by_id = {answer.id: answer for answer in nodes}
    chosen = st.selectbox(
        "Compare with", list(by_id), format_func=lambda id_: label(by_id[id_].message, nodes, id_), key=OTHER
    )
    other = by_id[chosen or nodes[0].id]
    _requests(inspection, other, node)
    st.markdown("**Texts**")
    before, after = (wire.thinking(answer.message)[1] for answer in (other, node))
    if before == after:
        st.caption("Word for word the same.")
    else:
        st.caption("Struck out: only in the other answer. Underlined: only in this one.")
        differing(diff.text_differences(before, after), "inspect.differing")
    st.markdown("**Cost and time**")
    rows = zip(facts(other.message), facts(node.message), strict=False)
    numbers = [{"What": was[0], "Other": was[1], "This": now[1]} for was, now in rows if was[0] != "Request"]
    table(numbers, "Figures of both answers")


def others(nodes: list[Node], node: Node) -> list[Node]:
    """The other answers, those to the same question first, then the newest."""
    answers = [answer for answer in nodes if answer.message.role == "assistant" and answer.id != node.id]
    return sorted(answers, key=lambda answer: (answer.parent != node.parent, -answer.id))


def label(message: Message, nodes: list[Node], id_: NodeId) -> str:
    """An answer in a list: its number, who gave it, how it begins."""
    number = len(nodes) - sorted(answer.id for answer in nodes).index(id_)
    words = " ".join(wire.thinking(message)[1].split())[:_LABEL] or "(no text)"
    return f"{number}. {message.model or 'unknown model'}: {words}"


def _requests(inspection: Inspection, other: Node, node: Node) -> None:
    st.markdown("**Requests**")
    if None in (inspection.turn(other), inspection.turn(node)):
        st.caption("Not every request is remembered: what is not is made with the settings of now.")
    changes = diff.differences(inspection.request(other), inspection.request(node))
    if not changes:
        st.caption("The same request, to the letter.")
        return
    rows: list[dict[str, object]] = [
        {
            "What": inspection.safe(change.path),
            "Other": "" if change.kind == "added" else inspection.safe(_short(change.before)),
            "This": "" if change.kind == "removed" else inspection.safe(_short(change.after)),
        }
        for change in changes
    ]
    table(rows, "What was asked differently")


def _short(value: JSON) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text):,} characters)"
