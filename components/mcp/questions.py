"""What a server asks in the middle of a call: a form for the visitor (elicitation), or an answer of a model
(sampling). A model is asked after a click, at the expense of who asks for all other answers, and what it says goes
to the server after another."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import streamlit as st

from backend import parameters
from backend.answer import cost
from backend.mcp.connection import Connection
from backend.mcp.questions import Question
from backend.mcp.sampling import SamplingRequest
from backend.types import ChatRequest
from components.elements import editing
from components.elements.markdown import plain
from components.mcp import words
from components.mcp.fields import field, key_of, typed
from components.mcp.servers import ToolServers
from components.session import guest_request
from components.session.session import Session
from components.session.setup import Setup

_LONG = 240  # pixels
_LEFT_BEHIND = 3  # elements of what stood in this place: they go when the page has ended, which waits for an answer


def questions(connection: Connection, place: str) -> None:
    """All of a connection. `place` tells where on the page: they may be drawn twice."""
    for number, question in enumerate(connection.questions.open):
        key = f"question.{place}.{number}"
        with st.container(border=True, gap="small", key=key):
            with editing.editor(key):
                if isinstance(question, Question):
                    _form(question, connection.server.name, key)
                else:
                    _sampling(question, connection.server.name, key)
            for _ in range(_LEFT_BEHIND):
                st.empty()


# ---- a form -----------------------------------------------------------------------------------------------


def _form(question: Question, server: str, key: str) -> None:
    if question.address:
        _page(question, server, key)
        return
    st.markdown(words.ASKS.format(name=plain(server)))
    st.code(question.words, language=None, wrap_lines=True)
    for one in question.fields:
        field(one, key_of(key, one))
    for problem in ToolServers.current().misfits.get(id(question), []):
        st.markdown(f":small[:red[{plain(problem)}]]")
    with editing.choices(key):
        st.button(words.ANSWER, key=f"{key}.go", on_click=_answer, args=(question, key), type="primary")
        st.button(words.DECLINE, key=f"{key}.no", on_click=question.decline, type="tertiary")


def _page(question: Question, server: str, key: str) -> None:
    """Whose page, and its whole address, before the visitor opens it in another tab."""
    st.markdown(words.WANTS_PAGE.format(name=plain(server), host=plain(question.host)))
    st.code(question.words, language=None, wrap_lines=True)
    st.code(question.address, language=None, wrap_lines=True)
    if question.looks_alike:
        st.warning(words.PAGE_LOOKS_ALIKE, icon=":material/warning:")
    with editing.choices(key):
        st.link_button(words.OPEN_PAGE, question.address, type="primary", icon=":material/open_in_new:")
        st.button(words.PAGE_OPENED, key=f"{key}.go", on_click=question.opened)
        st.button(words.DECLINE, key=f"{key}.no", on_click=question.decline, type="tertiary")


def _answer(question: Question, key: str) -> None:
    ToolServers.current().misfits[id(question)] = question.answer(typed(question.fields, key))


# ---- an answer of a model -----------------------------------------------------------------------------------


def _sampling(asking: SamplingRequest, server: str, key: str) -> None:
    setup = Session.current().setup
    st.markdown(words.WANTS_MODEL.format(name=plain(server)))
    for message in asking.messages:
        st.caption(words.SAMPLING_ROLES[message.role])
        st.code(message.content, language=None, wrap_lines=True, height=_height(message.content))
    st.caption(" ".join(_terms(asking, setup)))
    if asking.turn is None:
        _before(asking, setup, key)
    elif asking.phase == "answering":
        st.caption(words.SAMPLING_RUNS.format(model=plain(setup.known_as(asking.turn.request.model))))
        _buttons(asking, key)
    else:
        _after(asking, setup, key)


def _terms(asking: SamplingRequest, setup: Setup) -> list[str]:
    """What it is about, and what it costs at most."""
    told = [words.SAMPLING_TERMS.format(most=asking.most)]
    if asking.wishes:
        told.append(words.SAMPLING_WISHES.format(names=plain(", ".join(asking.wishes))))
    price = setup.price(setup.model)
    if price.into is not None and price.out is not None:
        into = cost.tokens_in(asking.messages, setup.model)
        most = price.amount({"in": into, "out": asking.most})
        told.append(words.SAMPLING_COSTS.format(cost=_dollars(most)))
    return told


def _before(asking: SamplingRequest, setup: Setup, key: str) -> None:
    ready = bool(setup.model) and not setup.connection.needs_key
    if not ready:
        st.caption(words.SAMPLING_NO_MODEL)
    label = words.SAMPLING_ASK.format(model=plain(setup.model_name) or words.SAMPLING_MODEL)
    _buttons(asking, key, label if ready else "")


def _after(asking: SamplingRequest, setup: Setup, key: str) -> None:
    turn = asking.turn
    if turn is None:
        return
    message = turn.message
    st.caption(words.SAMPLING_SAID.format(model=plain(setup.known_as(turn.request.model))))
    if asking.answer:
        st.code(asking.answer, language=None, wrap_lines=True, height=_height(asking.answer))
    if message.failure:
        st.error(plain(f"{message.failure.title} {message.failure.hint}"), icon=":material/error:")
    elif not asking.answer:
        st.caption(words.SAMPLING_EMPTY)
    spent = message.cost if message.cost is not None else message.estimate
    if spent is not None:
        st.caption(words.SAMPLING_COST.format(cost=_dollars(spent)))
    if asking.phase == "answered":
        _buttons(asking, key, words.SAMPLING_SEND)
    else:
        _buttons(asking, key, words.SAMPLING_AGAIN)


def _buttons(asking: SamplingRequest, key: str, go: str = "") -> None:
    """What takes it a step further, where there is such a step; and what ends it."""
    with editing.choices(key):
        if go:
            sends = asking.phase == "answered"
            st.button(go, key=f"{key}.go", on_click=_go, args=(asking, sends), type="primary")
        st.button(words.DECLINE, key=f"{key}.no", on_click=asking.decline, type="tertiary")


def _go(asking: SamplingRequest, sends: bool) -> None:
    """`sends`: the button was drawn under an answer. A click that comes late does nothing else than it said."""
    if sends:
        asking.send()
    elif asking.phase in ("asked", "failed"):
        ask, setup = Session.current().asker.ask, Session.current().setup
        asking.ask(ask.turn(_request(ask.request(asking.messages), asking, setup)))


def _request(usual: ChatRequest, asking: SamplingRequest, setup: Setup) -> ChatRequest:
    """The server's messages alone, with what it set and nothing that the visitor did."""
    wanted = {"max_tokens": asking.most, "temperature": asking.temperature, "stop": list(asking.stops) or None}
    fitted = parameters.fit(
        {name: value for name, value in wanted.items() if value is not None},
        setup.info,
        refused=setup.learned.without,
        dialect=setup.dialect,
        stream=usual.stream,
    )
    request = replace(usual, messages=asking.messages, parameters=fitted.body, extra={})
    return guest_request.fit(request, setup)


def _dollars(amount: float) -> str:
    return cost.dollars(amount).replace("$", "\\$")


def _height(text: str) -> int | Literal["content"]:
    return _LONG if len(text) > 1_500 or text.count("\n") > 12 else "content"
