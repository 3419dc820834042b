"""Questions of a server in the middle of a call: a form for the visitor (elicitation), or a model's answer
(sampling). A model is asked after a click, at the visitor's expense, and its answer is sent
to the server after another click.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Literal

import streamlit as st

from backend import parameters
from backend.answer import cost
from backend.attachments import pictures
from backend.invisible import visible_text
from backend.mcp.connection import ToolServerConnection
from backend.mcp.questions import Question
from backend.mcp.sampling import SamplingRequest
from backend.types import ChatRequest, Message, ToolCall
from components.elements import editing
from components.elements.markdown import plain
from components.mcp import words
from components.mcp.fields import field, key_of, typed
from components.mcp.servers import ToolServers
from components.mcp.signing_in import page_to_sign_in
from components.session import guest_request
from components.session.session import Session
from components.session.setup import Setup

_LONG, _PICTURE = 240, 400  # pixels
# elements of a previous state: Streamlit removes them only at the end of the run, which waits for an answer
_LEFT_BEHIND = 3


def questions(connection: ToolServerConnection, place: str) -> None:
    """All questions of a connection, and its sign-in if a call waits for one. `place` is the position on the page:
    they may be drawn twice.
    """
    if connection.sign_in and connection.sign_in.address:
        with st.container(border=True, gap="small", key=f"question.{place}.sign_in"):
            page_to_sign_in(connection)
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
    st.code(visible_text(question.words), language=None, wrap_lines=True, height=_height(question.words))
    for one in question.fields:
        field(one, key_of(key, one), short=True)
    for problem in ToolServers.current().misfits.get(id(question), []):
        st.markdown(f":small[:red[{plain(problem)}]]")
    with editing.choices(key):
        st.button(words.ANSWER, key=f"{key}.go", on_click=_answer, args=(question, key), type="primary")
        st.button(words.DECLINE, key=f"{key}.no", on_click=question.decline, type="tertiary")


def _page(question: Question, server: str, key: str) -> None:
    """The host and the whole address of a page, before the visitor opens it in another tab."""
    st.markdown(words.WANTS_PAGE.format(name=plain(server), host=plain(question.host)))
    st.code(visible_text(question.words), language=None, wrap_lines=True, height=_height(question.words))
    st.code(question.address, language=None, wrap_lines=True)
    if question.looks_alike:
        st.warning(words.PAGE_LOOKS_ALIKE, icon=":material/warning:")
    with editing.choices(key):
        st.link_button(words.OPEN_PAGE, question.address, type="primary", icon=":material/open_in_new:")
        st.button(words.PAGE_OPENED, key=f"{key}.go", on_click=question.note_visit)
        st.button(words.DECLINE, key=f"{key}.no", on_click=question.decline, type="tertiary")


def _answer(question: Question, key: str) -> None:
    ToolServers.current().misfits[id(question)] = question.answer(typed(question.fields, key))


# ---- an answer of a model -----------------------------------------------------------------------------------


def _sampling(asking: SamplingRequest, server: str, key: str) -> None:
    setup = Session.current().setup
    st.markdown(words.WANTS_MODEL.format(name=plain(server)))
    for message in asking.prompt.messages:
        _message(message)
    if asking.prompt.tools:
        tools = json.dumps([asdict(tool) for tool in asking.prompt.tools], ensure_ascii=False, indent=1)
        st.caption(words.SAMPLING_TOOLS)
        st.code(tools, language="json", wrap_lines=True, height=_height(tools))
    st.caption(" ".join(_terms(asking, setup)))
    if asking.turn is None:
        _before(asking, setup, key)
    elif asking.phase == "answering":
        st.caption(words.SAMPLING_RUNS.format(model=plain(setup.known_as(asking.turn.request.model))))
        _buttons(asking, key)
    else:
        _after(asking, setup, key)


def _message(message: Message) -> None:
    st.caption(words.SAMPLING_ROLES[message.role])
    if message.content:
        st.code(visible_text(message.content), language=None, wrap_lines=True, height=_height(message.content))
    for picture in message.media:
        if shown := pictures.preview(picture.url, _PICTURE):
            st.image(shown, width="content")
    _calls(message.tool_calls)


def _calls(called: Iterable[ToolCall]) -> None:
    for call in called:
        st.caption(words.SAMPLING_CALL.format(name=plain(call.name)))
        st.code(call.arguments, language="json", wrap_lines=True, height=_height(call.arguments))


def _terms(asking: SamplingRequest, setup: Setup) -> list[str]:
    """What the request is for, and its maximum cost."""
    terms = [words.SAMPLING_TERMS.format(most=asking.most)]
    if asking.wishes:
        terms.append(words.SAMPLING_WISHES.format(names=plain(", ".join(asking.wishes))))
    price = setup.price(setup.model)
    if price.into is not None and price.out is not None:
        into = cost.tokens_in(asking.prompt.messages, setup.model)
        most = price.amount({"in": into, "out": asking.most})
        terms.append(words.SAMPLING_COSTS.format(cost=_dollars(most)))
    return terms


def _before(asking: SamplingRequest, setup: Setup, key: str) -> None:
    missing = _missing(asking, setup)
    if missing:
        st.caption(missing)
    label = words.SAMPLING_ASK.format(model=plain(setup.model_name) or words.SAMPLING_MODEL)
    _buttons(asking, key, "" if missing else label)


def _missing(asking: SamplingRequest, setup: Setup) -> str:
    """Why the model in use cannot be asked this, "" if it can."""
    if not setup.model or setup.connection.needs_key:
        return words.SAMPLING_NO_MODEL
    if asking.prompt.has_pictures and setup.takes("image") is False:
        return words.SAMPLING_NO_PICTURES
    calls_none = bool(asking.prompt.tools) and setup.info is not None and setup.info.can("tools") is False
    return words.SAMPLING_CALLS_NONE if calls_none else ""


def _after(asking: SamplingRequest, setup: Setup, key: str) -> None:
    turn = asking.turn
    if turn is None:
        return
    message = turn.message
    st.caption(words.SAMPLING_SAID.format(model=plain(setup.known_as(turn.request.model))))
    if asking.answer:
        st.code(asking.answer, language=None, wrap_lines=True, height=_height(asking.answer))
    _calls(asking.calls)
    if message.failure:
        st.error(plain(f"{message.failure.title} {message.failure.hint}"), icon=":material/error:")
    elif not asking.answer and not asking.calls:
        st.caption(words.SAMPLING_EMPTY)
    spent = message.cost if message.cost is not None else message.estimate
    if spent is not None:
        st.caption(words.SAMPLING_COST.format(cost=_dollars(spent)))
    if asking.phase == "answered":
        _buttons(asking, key, words.SAMPLING_SEND)
    else:
        _buttons(asking, key, words.SAMPLING_AGAIN)


def _buttons(asking: SamplingRequest, key: str, go: str = "") -> None:
    """The button for the next step, if there is one; and the one that ends it."""
    with editing.choices(key):
        if go:
            sends = asking.phase == "answered"
            st.button(go, key=f"{key}.go", on_click=_next_step, args=(asking, sends), type="primary")
        st.button(words.DECLINE, key=f"{key}.no", on_click=asking.decline, type="tertiary")


def _next_step(asking: SamplingRequest, sends: bool) -> None:
    """Take the next step. `sends`: the button was drawn under an answer. A late click does only what its label
    said.
    """
    if sends:
        asking.send()
    elif asking.phase in ("asked", "failed"):
        ask, setup = Session.current().asker.ask, Session.current().setup
        if not _missing(asking, setup):
            asking.ask(ask.turn(_request(ask.request(asking.prompt.messages), asking, setup)))


def _request(usual: ChatRequest, asking: SamplingRequest, setup: Setup) -> ChatRequest:
    """The server's messages and settings, without anything of the visitor's."""
    wanted = {"max_tokens": asking.most, "temperature": asking.temperature, "stop": list(asking.stops) or None}
    fitted = parameters.fit(
        {name: value for name, value in wanted.items() if value is not None},
        setup.info,
        refused=setup.learned.without,
        dialect=setup.dialect,
        stream=usual.stream,
    )
    prompt = asking.prompt
    request = replace(
        usual,
        messages=prompt.messages,
        parameters=fitted.body,
        extra={},
        tools=prompt.tools,
        tool_choice=prompt.choice,
    )
    return guest_request.fit(request, setup)


def _dollars(amount: float) -> str:
    return cost.dollars(amount).replace("$", "\\$")


def _height(text: str) -> int | Literal["content"]:
    return _LONG if len(text) > 1_500 or text.count("\n") > 12 else "content"
