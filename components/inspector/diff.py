"""A tab of the inspector: compares two answers: differences in the request, in the text, and in the cost."""

from __future__ import annotations

import json

import streamlit as st

from backend.answer import diff
from backend.conversation.tree import Node, NodeId
from backend.protocol import wire
from backend.store.exchanges import Place
from backend.text import distinct
from backend.types import JSON, Message
from components.elements.coloured_text import differing
from components.elements.dates import day_and_time
from components.inspector import words
from components.inspector.overview import facts
from components.inspector.parts import table
from components.inspector.state import OTHER, PLACE, Inspection
from components.session.exchanges import as_sent
from components.session.session import Session

_SHOWN = 300  # characters of a value in the table
_LABEL = 60


def differences(inspection: Inspection, node: Node) -> None:
    """Choose another answer, of this conversation or of another one, and see the differences."""
    session = Session.current()
    place = _place(session.exchanges.places())
    nodes = others(_answers(session, place), node)
    if not nodes:
        st.caption(words.NO_OTHER_ANSWER)
        return
    by_id = {answer.id: answer for answer in nodes}
    chosen = st.selectbox(
        words.COMPARE_WITH,
        list(by_id),
        format_func=lambda id_: label(by_id[id_].message, nodes, id_),
        key=f"{OTHER}.{place}" if place else OTHER,
    )
    other = by_id[chosen or nodes[0].id]
    _requests(inspection, other, node, place)
    st.markdown(words.TEXTS)
    before, after = (wire.thinking(answer.message)[1] for answer in (other, node))
    if before == after:
        st.caption(words.SAME_TEXT)
    else:
        st.caption(words.TEXTS_EXPLAINED)
        differing(diff.text_differences(before, after), "inspect.differing")
    _figures(other.message, node.message)


def _place(places: list[Place]) -> str:
    """The id of another conversation to compare with, "" for the one in view."""
    if not places:
        return ""
    named = {place.id: f"{place.title or words.NO_TITLE} · {day_and_time(place.updated)}" for place in places}
    titles = distinct({"": words.THIS_CONVERSATION, **named})
    chosen = st.selectbox(words.CONVERSATION, list(titles), format_func=titles.__getitem__, key=PLACE)
    return chosen or ""


def _answers(session: Session, place: str) -> list[Node]:
    """The answers to choose from; in another conversation, only those with a stored exchange."""
    if not place:
        return session.chats.current.conversation.nodes()
    conversation, kept = session.exchanges.conversation(place)
    return [node for node in conversation.nodes() if node.id in kept]


def _figures(other: Message, message: Message) -> None:
    st.markdown(words.COST_AND_TIME)
    rows = [
        {words.COLUMN_WHAT: name, words.COLUMN_OTHER: before, words.COLUMN_THIS: now}
        for (name, before), (_, now) in zip(facts(other), facts(message), strict=True)
    ]
    table(rows, words.FIGURES_TABLE)


def others(nodes: list[Node], node: Node) -> list[Node]:
    """The other answers, those to the same question first, then the newest."""
    answers = [answer for answer in nodes if answer.message.role == "assistant" and answer.id != node.id]
    return sorted(answers, key=lambda answer: (answer.parent != node.parent, -answer.id))


def label(message: Message, nodes: list[Node], id_: NodeId) -> str:
    """The label of an answer: its number, its model, its beginning."""
    number = len(nodes) - sorted(answer.id for answer in nodes).index(id_)
    beginning = " ".join(wire.thinking(message)[1].split())[:_LABEL] or words.NO_TEXT
    model = message.model or words.UNKNOWN_MODEL
    return words.OTHER_ANSWER.format(number=number, model=model, beginning=beginning)


def _requests(inspection: Inspection, other: Node, node: Node, place: str) -> None:
    st.markdown(words.REQUESTS)
    records = inspection.record(other, place), inspection.record(node)
    if any(record is None or record.body is None for record in records):
        st.caption(words.REQUESTS_OF_NOW if not place else words.REQUESTS_NOT_KEPT)
        if place:
            return
    elif any(record and record.cut for record in records):
        st.caption(words.BODY_CUT)
    before = (as_sent(records[0]) if records[0] else None) or inspection.displayed_request(other)
    changes = diff.differences(before, inspection.displayed_request(node))
    if not changes:
        st.caption(words.SAME_REQUEST)
        return
    rows: list[dict[str, object]] = [
        {
            words.COLUMN_WHAT: inspection.safe(change.path),
            words.COLUMN_OTHER: "" if change.kind == "added" else inspection.safe(_short(change.before)),
            words.COLUMN_THIS: "" if change.kind == "removed" else inspection.safe(_short(change.after)),
        }
        for change in changes
    ]
    table(rows, words.REQUESTS_TABLE)


def _short(value: JSON) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if len(text) <= _SHOWN:
        return text
    return words.CUT_TEXT.format(beginning=text[:_SHOWN], count=len(text))
