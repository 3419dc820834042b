"""What this tab has spent, and what the next message will cost: a quiet caption beside the composer."""

from __future__ import annotations

import streamlit as st

from backend.answer import cost
from backend.answer.cost import Price, Sum
from backend.types import Message
from components.elements import model_words
from components.session.session import Session
from components.session.setup import Setup


def caption(session: Session, setup: Setup) -> str:
    """This session: ~$0.01 · next: ~1.2K tokens, ~$0.0004."""
    parts = [_spent(session.asker.spending.total)]
    path = [node.message for node in session.chats.current.conversation.path()]
    prompt = setup.values.system_prompt
    if path or prompt.strip():
        system = [Message("system", prompt)] if prompt.strip() else []
        parts.append(_ahead(setup.price(setup.model), cost.tokens_in([*system, *path])))
    return " · ".join(filter(None, parts))


def _spent(total: Sum) -> str:
    if not total.answers:
        return ""
    counts = f"{model_words.tokens(total.tokens_in)} in, {model_words.tokens(total.tokens_out)} out"
    if total.usd is None or (total.exact and total.usd == 0):
        return f"Session: {'~' if total.guessed else ''}{counts}"
    least = "over " if total.unpriced or total.pending else ""
    return f"Session: {least}{'~' if total.estimated else ''}{cost.dollars(total.usd)}"


def _ahead(price: Price, tokens: int) -> str:
    usd = cost.ahead(price, tokens)
    money = f", ~{cost.dollars(usd)} before the answer" if usd else ""
    return f"next: ~{model_words.tokens(tokens)} tokens{money}"


HELP = (
    "Session: what the answers of this tab cost, reported where the server says so, else by list price (~); over, "
    "when the cost of some is not known. "
    "Next: the conversation so far, sent again with your next message; what you type comes on top."
)


def draw(session: Session, setup: Setup) -> None:
    """The caption, where there is something to say."""
    words = caption(session, setup)
    if words:
        st.caption(words.replace("$", "\\$"), width="content", help=HELP)
