"""What this tab has spent, and what the next message will cost: a quiet caption beside the composer."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import streamlit as st

from backend.answer import billing, cost
from backend.answer.cost import Price, Sum
from backend.answer.turn import Source, Turn
from backend.guests.metering import MeteredSource
from backend.types import Message
from components.elements import model_words
from components.session.connections import LOCAL, Connections

if TYPE_CHECKING:
    from components.session.session import Session


class Spending:
    """The answers of one tab, added up. A turn is let go of as soon as its cost is settled."""

    def __init__(self) -> None:
        self._settled = Sum()
        self._open: list[Turn] = []

    def add(self, turn: Turn) -> None:
        self._open.append(turn)

    @property
    def total(self) -> Sum:
        """All answers that have ended, by now."""
        ended = [turn for turn in self._open if not turn.running]
        for turn in ended:
            if not turn.pending:
                self._settled = cost.add(self._settled, turn.message)
                self._open.remove(turn)
        total = self._settled
        for turn in ended:
            if turn in self._open:
                total = cost.add(total, turn.message, pending=True)
        return total


def price(connections: Connections, model: str) -> Price | None:
    """What a model of the connection in use costs; None where nobody says it."""
    if connections.connection.id == LOCAL:
        return Price(0.0, 0.0)
    info = connections.listing.find(model)
    return Price(info.price_in, info.price_out)


def look_for_bill(session: Session, turn: Turn, paid: Source) -> None:
    """A stopped stream never says what it cost: AI/ML API's usage log does, a while later. `paid`: out of what."""
    if session.connection.id == LOCAL or not (session.endpoint.is_aimlapi and turn.request.stream):
        return
    chat = weakref.ref(session.chat)  # it may be gone by then

    def settled() -> None:
        if isinstance(paid, MeteredSource) and turn.message.cost is not None:
            paid.billed(turn.message.cost)
        if found := chat():
            found.billed(turn)

    billing.watch(turn, session.client(session.endpoint), session.endpoint.origin, settled)


def caption(session: Session) -> str:
    """This session: ~$0.01 · next: ~1.2K tokens, ~$0.0004."""
    parts = [_spent(session.spending.total)]
    path = [node.message for node in session.chat.conversation.path()]
    if path or session.system_prompt.strip():
        prompt = [Message("system", session.system_prompt)] if session.system_prompt.strip() else []
        parts.append(_ahead(price(session, session.model), cost.tokens_in([*prompt, *path])))
    return " · ".join(filter(None, parts))


def _spent(total: Sum) -> str:
    if not total.answers:
        return ""
    counts = f"{model_words.tokens(total.tokens_in)} in, {model_words.tokens(total.tokens_out)} out"
    if total.usd is None or (total.exact and total.usd == 0):
        return f"Session: {'~' if total.guessed else ''}{counts}"
    least = "over " if total.unpriced or total.pending else ""
    return f"Session: {least}{'~' if total.estimated else ''}{cost.dollars(total.usd)}"


def _ahead(found: Price | None, tokens: int) -> str:
    usd = cost.ahead(found, tokens)
    money = f", ~{cost.dollars(usd)} before the answer" if usd else ""
    return f"next: ~{model_words.tokens(tokens)} tokens{money}"


HELP = (
    "Session: what the answers of this tab cost, reported where the server says so, else by list price (~); over, "
    "when the cost of some is not known. "
    "Next: the conversation so far, sent again with your next message; what you type comes on top."
)


def draw(session: Session) -> None:
    """The caption, where there is something to say."""
    said = caption(session)
    if said:
        st.caption(said.replace("$", "\\$"), width="content", help=HELP)
