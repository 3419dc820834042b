"""What this tab has spent, and what the next message will cost: a quiet caption beside the composer."""

from __future__ import annotations

import streamlit as st

from backend.answer import cost
from backend.answer.cost import Price, Sum
from backend.types import Message
from components.chat import words
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
    if total.usd is None or (total.exact and total.usd == 0):
        tokens_in = f"{'~' if total.guessed else ''}{model_words.tokens(total.tokens_in)}"
        return words.SPENT_TOKENS.format(tokens_in=tokens_in, tokens_out=model_words.tokens(total.tokens_out))
    sentence = words.SPENT_OVER if total.unpriced or total.pending else words.SPENT
    return sentence.format(amount=f"{'~' if total.estimated else ''}{cost.dollars(total.usd)}")


def _ahead(price: Price, tokens: int) -> str:
    usd = cost.ahead(price, tokens)
    if not usd:
        return words.NEXT_TOKENS.format(tokens=model_words.tokens(tokens))
    return words.NEXT_PRICED.format(tokens=model_words.tokens(tokens), amount=cost.dollars(usd))


def draw(session: Session, setup: Setup) -> None:
    """The caption, where there is something to say."""
    text = caption(session, setup)
    if text:
        st.caption(text.replace("$", "\\$"), width="content", help=words.SPENDING_HELP)
