"""The Tools page around its conversation: the introduction, the bar with toolbox and export, background updates."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from backend import catalog
from backend.errors import BadInput
from backend.mcp.host import ServerHost
from backend.protocol import dialects
from backend.snippets.tool_loop import loop_code, recorded_mock
from backend.snippets.tool_servers import ServerToolInCode
from backend.tools.agent import Agent
from backend.tools.builtin import EXAMPLES
from backend.tools.custom import CustomTool
from backend.tools.loop import EMULATED_TOOLS
from backend.types import ToolCall
from components.chat.examples import examples
from components.chat.page import chat
from components.demos import words as demo_words
from components.demos.shelf import way_in
from components.elements.markdown import plain
from components.mcp.servers import is_visitors
from components.session import services, tab, widgets
from components.session.models import Models
from components.session.session import Session
from components.session.setup import Setup
from components.tools import words
from components.tools.background_updates import beside, follow
from components.tools.rows import Rows
from components.tools.state import Toolkit, able_model
from components.tools.toolbox import toolbox

_EXAMPLES = (
    (":material/local_shipping:", words.TWO_TOOLS_EXAMPLE),
    (":material/schedule:", EXAMPLES["current_time"][0]),
    (":material/calculate:", EXAMPLES["calculator"][0]),
    (":material/chat_bubble:", words.NO_TOOL_EXAMPLE),
)
# Questions that the smallest model answers with this tool alone: 4 of 4 each; clock, sums and dice only 1 of 4.
_FOR_SMALL = (
    (":material/local_shipping:", EXAMPLES["find_order"][0], "find_order"),
    (":material/package_2:", words.ORDER_EXAMPLE, "find_order"),
)


def tools(session: Session) -> None:
    """Draw the page."""
    if not session.plays.player:
        Toolkit.current().equip(session.setup, session.chats.agent)
    drawn = beside(session.chats.agent)  # before anything is drawn
    chat(session, _introduction, _above, Rows(session.chats.agent), words.UNTITLED)
    follow(session, session.chats.agent, drawn)


def _above(session: Session) -> None:
    """The controls above a conversation that has begun."""
    agent = session.chats.agent
    if session.plays.player:  # the settings here belong to another conversation
        return
    _toolbox(session, agent)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="tools.bar"):
        names = plain(", ".join(tool.name for tool in agent.tools))
        offer = words.TOOLS_ON_OFFER.format(tools=names) if names else words.NO_TOOLS_ON_OFFER
        st.caption(offer, width="stretch")
        if agent.tools:
            _export(session, agent)
    _model_words(session)


def _introduction(session: Session) -> None:
    """The introduction of an empty page."""
    st.header(words.PAGE_TITLE, anchor=False)
    st.markdown(words.INTRODUCTION)
    _model_words(session)
    first = partial(_watch, session)
    if session.connections.current.is_local:
        examples(partial(_ask_small, session), [(icon, question) for icon, question, _ in _FOR_SMALL], above=first)
    else:
        examples(session.composer.send, _EXAMPLES, above=first)
    _toolbox(session, session.chats.agent)


def _watch(session: Session) -> None:
    """For visitors without a key: recordings of capable models with tools."""
    if session.connections.current.is_local or session.setup.connection.needs_key:
        way_in(session, "wide.shelf", demo_words.WATCH_CARD, card=True)


def _ask_small(session: Session, question: str) -> None:
    """An example for the local model: it is offered one tool, and has to call it."""
    tool = next(tool for _, known, tool in _FOR_SMALL if known == question)
    Toolkit.current().ask_example(session, question, tool)


# ---- the toolbox and the export ---------------------------------------------------------------------------


def _toolbox(session: Session, agent: Agent) -> None:
    """The toolbox in an expander: a page longer than the screen is scrolled to its end, and its title would be
    out of sight.
    """
    fold = st.expander(words.TOOLBOX, key="toolbox.fold", icon=":material/home_repair_service:", on_change="rerun")
    if fold.open:
        with fold:
            toolbox(session, agent)
    elif not agent.conversation.path():
        kit = Toolkit.current()
        st.caption(words.TOOLS_ON_OUTSIDE.format(on=len(kit.offers), all=len(kit.all)))


def _export(session: Session, agent: Agent) -> None:
    """The whole loop as a program that runs without this app."""
    path = [node.message for node in agent.conversation.path()]
    setup, ask = session.setup, session.asker.ask
    first = agent.loop.rules.apply_to(ask.request(path[:1], agent.tools))
    request = agent.loop.rules.apply_to(ask.request(path, agent.tools, first.tool_choice))
    endpoint, explanation = setup.endpoint, words.EXPORT_PYTHON_HELP
    if agent.loop.rules.emulated:  # the program makes real tool calls, so it needs a model that can
        model, endpoint = able_model(setup) or services.configured().model, services.configured().endpoint
        dialect = dialects.choose(model, endpoint.base_url, catalog.find(model))
        request = replace(request, model=model, dialect=dialect)
        explanation = f"{explanation} {words.EXPORT_ASKS_MODEL.format(model=plain(request.model))}"
    try:
        code = loop_code(
            request, endpoint.base_url, _mocks(agent), own_headers=endpoint.headers, at_servers=_at_servers(agent)
        )
    except BadInput as refused:
        st.caption(plain(words.NO_EXPORT.format(reason=refused.title)))
        return
    st.download_button(
        words.EXPORT_PYTHON,
        code,
        "tool_loop.py",
        "text/x-python",
        key="tools.export",
        type="tertiary",
        icon=":material/code:",
        on_click="ignore",
        help=explanation,
    )


def _at_servers(agent: Agent) -> list[ServerToolInCode]:
    """The tools that the program calls at their servers."""
    return [
        ServerToolInCode(name, offer.host.tool, offer.host.connection.server, asks=offer.mode == "ask")
        for name, offer in agent.loop.rules.offers.items()
        if isinstance(offer.host, ServerHost) and offer.mode != "mock" and is_visitors(offer.host.connection.server)
    ]


def _mocks(agent: Agent) -> list[CustomTool]:
    """Every other tool on offer with its recorded results; one's own keeps its behaviour unless it asks."""
    called = {tool.name for tool in _at_servers(agent)}
    answered: dict[str, list[tuple[ToolCall, str]]] = {}
    for node in agent.conversation.path():
        for step in agent.loop.steps_at(node.id):
            offer = agent.loop.rules.offer(step.call)
            if offer and step.outcome and not step.problems:
                answered.setdefault(offer.tool.name, []).append((step.call, step.outcome.content))
    return [
        offer.own
        if offer.own and not (offer.own.behaviour == "ask" and name in answered)
        else recorded_mock(offer.tool, reversed(answered.get(name, [])))
        for name, offer in agent.loop.rules.offers.items()
        if name not in called
    ]


# ---- models without tools -------------------------------------------------------------------------------


def _model_words(session: Session) -> None:
    """Whether the model in use can call tools: not at all, emulated, or natively."""
    setup = session.setup
    connection, name = setup.connection, plain(setup.model_name)
    if connection.lacks_tools(setup.info):
        with st.container(border=True, key="tools.lacking"):
            st.markdown(words.CALLS_NO_TOOLS.format(model=name))
            _switch(session.models, setup)
    elif connection.emulates_tools(setup.info):
        tiny = connection.is_local
        explanation = words.TOOLS_EMULATED.format(model=name, tools=EMULATED_TOOLS)
        with st.container(border=True, key="tools.emulated", gap="small"):
            st.markdown(f"{explanation} {words.SMALL_MODEL_PICKS}" if tiny else explanation)
            with st.container(horizontal=True, gap="small"):
                _switch(session.models, setup)
                if tiny and tab.value(widgets.TOOL_CHOICE) != "required":
                    _must_call()


def _must_call() -> None:
    st.button(
        words.MUST_CALL,
        key="tools.must",
        on_click=tab.put,
        args=(widgets.TOOL_CHOICE, "required"),
        icon=":material/touch_app:",
        type="tertiary",
    )


def _switch(models: Models, setup: Setup) -> None:
    if model := able_model(setup):
        st.button(
            words.USE_MODEL.format(model=plain(model)),
            key="tools.switch",
            on_click=models.use_configured,
            args=(model,),
            icon=":material/swap_horiz:",
            type="tertiary",
        )
