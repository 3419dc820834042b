"""The cost so far, and of the next message: a quiet caption beside the composer."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from backend import attachments
from backend.answer import cost
from backend.answer.cost import Price, Sum
from backend.compare.race_chat import RaceChat
from backend.conversation.chat import end
from backend.conversation.tree import Conversation
from backend.protocol import wire
from backend.tokens import SCRIPTS, START, STARTS
from backend.types import ChatRequest, Message
from components.chat import attach, words
from components.elements import model_words
from components.elements.watching import watch
from components.session.session import Session
from components.session.setup import Setup
from components.session.spending import of_chat
from components.view.component import Ahead

UNTOLD = Ahead("", 0, 0.0, 0, 0.0, "", "", "", "")  # if there is nothing to show
_TABLE = {"scripts": SCRIPTS, "start": START, "starts": [start.decode() for start in STARTS]}


def _before(session: Session) -> str:
    """Session: ~$0.03 · chat: ~$0.01."""
    if session.plays.player:  # the cost of a recording is not this tab's
        return ""
    session.asker.spending.begin(session.chats.current)
    tab, chat = _cost_text(session.asker.spending.total), _cost_text(of_chat(session.chats.current))
    parts = [words.SESSION.format(spent=tab)] if tab else []
    parts += [(words.CHAT if tab else words.ONLY_CHAT).format(spent=chat)] if chat and chat != tab else []
    return " · ".join(parts)


def _cost_text(total: Sum) -> str:
    if not total.answers:
        return ""
    if total.usd is None or (total.exact and total.usd == 0):
        tokens_in, tokens_out = model_words.tokens(total.tokens_in), model_words.tokens(total.tokens_out)
        if total.guessed and not total.tokens_in:
            return words.SPENT_TOKENS_OUT.format(tokens_out=tokens_out)
        about = "~" if total.guessed else ""
        return words.SPENT_TOKENS.format(tokens_in=about + tokens_in, tokens_out=tokens_out)
    amount = f"{'~' if total.estimated else ''}{cost.dollars(total.usd)}"
    return words.SPENT_OVER.format(amount=amount) if total.unpriced or total.pending else amount


def _next_requests(session: Session, setup: Setup) -> list[tuple[Setup, Conversation]]:
    """The models that are asked next, each with its messages: one, or every lane of a race."""
    chat = session.chats.current
    if isinstance(chat, RaceChat):
        return [(session.lanes.desk(lane).setup, lane.chat.conversation) for lane in chat.race.lanes]
    return [(setup, chat.conversation)]


def _next(session: Session, setup: Setup, conversation: Conversation) -> int:
    """Estimate the tokens of the next request without what is typed: the browser counts that."""
    path = [node.message for node in conversation.path_to(end(conversation))]
    prompt, pending = setup.values.system_prompt, session.composer.pending
    system = [Message("system", prompt)] if prompt.strip() else []
    waiting = [*session.chats.current.queued.held_messages, *([pending.held.message] if pending.held else [])]
    attached = sum(attach.tokens(attachment, pending.detail, setup.model) or 0 for attachment in pending.attached)
    beside = wire.payload(ChatRequest(setup.model, (), setup.fitted.body, session.chats.current.tools))
    return cost.tokens_in([*system, *path, *waiting], setup.model) + attached + cost.definition_tokens(beside)


def _usd(prices: Sequence[Price], tokens: Sequence[int]) -> float:
    """The cost of sending these tokens to each; 0 if it is not completely known."""
    each = [cost.ahead(price, into) for price, into in zip(prices, tokens, strict=True)]
    return 0.0 if None in each else sum(usd or 0.0 for usd in each)


def _ahead(prices: Sequence[Price], tokens: Sequence[int]) -> str:
    together = sum(tokens)
    usd = _usd(prices, tokens if together else [1_000] * len(prices))
    if not together:
        return words.NEXT_TYPED.format(amount=cost.dollars(usd)) if usd else ""
    if not usd:
        return words.NEXT_TOKENS.format(tokens=model_words.tokens(together))
    return words.NEXT_PRICED.format(tokens=model_words.tokens(together), amount=cost.dollars(usd))


def draw(session: Session, setup: Setup) -> Ahead:
    """Draw the caption, if there is something to show; redrawn when a bill arrives. Returns what the browser
    needs to add what is being typed.
    """
    asked = _next_requests(session, setup)
    tokens = [_next(session, one, conversation) for one, conversation in asked]
    prices = [one.price(one.model) for one, _ in asked]
    spent = _before(session)
    text = " · ".join(filter(None, [spent, _ahead(prices, tokens)]))
    if text:
        st.caption(text.replace("$", "\\$"), width="content", help=words.SPENDING_HELP)
    spending = session.asker.spending
    if to_come := spending.bills_to_come:
        watch(lambda _: spending.bills_to_come != to_come)
    templates = (words.NEXT_TOKENS, words.NEXT_PRICED, words.AND_A_FILE, words.AND_FILES)
    rate = _usd(prices, [1_000_000] * len(prices))
    room, limit, over = _room([one for one, _ in asked], tokens)
    usd = _usd(prices, tokens)
    large = words.TOO_LARGE_AHEAD.format(name="{name}", most=attachments.BYTES // 1024**2)
    return Ahead(spent, sum(tokens), usd, len(asked), rate, *templates, room, limit, over, _TABLE, large)


def _room(setups: Sequence[Setup], tokens: Sequence[int]) -> tuple[int | None, int, str]:
    """The remaining tokens of the model with the least room, its limit, and the text for exceeding it."""
    known = [
        (setup.context_length - into, setup.context_length, setup.model_name)
        for setup, into in zip(setups, tokens, strict=True)
        if setup.context_length
    ]
    if not known:
        return None, 0, ""
    room, limit, name = min(known)
    model = name.rpartition("/")[2][:60] or words.THE_MODEL
    return room, limit, words.TOO_LONG_AHEAD.format(model=model, limit=model_words.tokens(limit), tokens="{tokens}")
