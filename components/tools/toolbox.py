"""The toolbox: which tools are on, what answers them, a trial without a model; and the rules of the loop."""

from __future__ import annotations

import json

import streamlit as st

from backend.tools.agent import Agent
from backend.tools.builtin import EXAMPLES
from backend.tools.loop import LIMIT
from backend.types import Tool
from components.elements.markdown import plain
from components.mcp.card import servers
from components.mcp.results import parts
from components.mcp.servers import is_visitors
from components.mcp.tool import about, trying
from components.session import tab, widgets
from components.session.session import Session
from components.session.setup import Setup
from components.tools import words
from components.tools.editor import editor_button, editor_dialog
from components.tools.state import DEFAULT, FORCED, Toolkit

_BRIEF = 60  # characters of a description in a row: one line


def toolbox(session: Session, agent: Agent) -> None:
    """Draw the toolbox."""
    kit = Toolkit.current()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="toolbox.head"):
        st.caption(words.TOOLS_ON_INSIDE.format(on=len(kit.offers), all=len(kit.all)), width="stretch")
        st.button(words.ALL_TOOLS, key="tools.all", on_click=kit.tick, args=tuple(kit.all), type="tertiary")
        st.button(words.USUAL_TOOLS, key="tools.usual", on_click=kit.tick, args=DEFAULT, type="tertiary")
        editor_button()
    editing = session.dialogs.is_open("tool editor")
    if kit.trouble and not editing:
        st.error(plain(kit.trouble))
    known = kit.of_servers
    for name, tool in kit.all.items():
        if name not in known:
            _row(kit, name, tool)
    servers(kit.servers, known, lambda name: _row(kit, name, kit.all[name]))
    _rules(session.setup, agent, kit)
    if editing:
        editor_dialog()


def _row(kit: Toolkit, name: str, tool: Tool) -> None:
    with st.container(horizontal=True, wrap=False, gap="small", vertical_alignment="top", key=f"tool.row.{name}"):
        about = tool.description
        if len(about) > _BRIEF:
            about = f"{about[:_BRIEF].rpartition(' ')[0]} ..."
        own = f"{words.OWN_BADGE} " if name in kit.own else ""
        fold = st.expander(f"{own}**{plain(name)}** {plain(about)}", key=f"tool.{name}", on_change="rerun")
        tab.put(widgets.tool_ticked(name), kit.is_ticked(name))
        st.checkbox(
            words.OFFER_TOOL.format(tool=name),
            key=widgets.tool_ticked(name),
            persist_state="session",
            label_visibility="collapsed",
            disabled=not kit.may_be_offered(name),
        )
    if fold.open:
        with fold:
            _inside(kit, name, tool)


def _inside(kit: Toolkit, name: str, tool: Tool) -> None:
    own, known = name in kit.own, kit.of_servers.get(name)
    if known:
        about(known)
    never_unasked = own or bool(known and known.tool.must_ask)
    modes = [mode for mode in words.MODES if not (never_unasked and mode == "auto")]
    st.segmented_control(
        words.MODE,
        modes,
        default=kit.mode(name),
        required=True,
        format_func=words.MODES.__getitem__,
        key=widgets.tool_mode(name),
        persist_state="session",
    )
    if kit.mode(name) == "mock" and not own:
        st.text_area(
            words.MOCK_RESULT,
            key=widgets.tool_mock(name),
            persist_state="session",
            height=80,
            placeholder=words.MOCK_RESULT_PLACEHOLDER,
        )
    st.caption(words.MODEL_IS_TOLD)
    st.json({"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}, expanded=1)
    if known:
        tried = is_visitors(kit.servers.connections[known.server].server)
        written = trying(kit.servers, known, f"run.{name}.go") if tried else None
        if written is not None:
            kit.try_tool(known, written)
            st.rerun()
        _outcome(kit, name)
    else:
        _try(kit, name)
    if own:
        _own(kit, name)


def _try(kit: Toolkit, name: str) -> None:
    st.caption(words.TRY_TOOL)
    example = json.dumps(EXAMPLES[name][1], ensure_ascii=False) if name in EXAMPLES else "{}"
    with st.form(f"run.{name}", border=False):
        st.text_area(words.ARGUMENTS_JSON, value=example, key=widgets.tool_arguments(name), height=80)
        st.form_submit_button(words.RUN, icon=":material/play_arrow:", on_click=kit.try_out, args=(name,))
    _outcome(kit, name)


def _outcome(kit: Toolkit, name: str) -> None:
    if outcome := kit.tried.get(name):
        st.code(outcome.content or words.NOTHING_IN_IT, language=None, wrap_lines=True)
        parts(outcome)
        word = words.OUTCOME_OK if outcome.ok else words.OUTCOME_ERROR
        template = words.TRIED_AND_CUT if outcome.cut else words.TRIED
        st.caption(template.format(outcome=word, seconds=outcome.seconds, limit=outcome.cut))


def _own(kit: Toolkit, name: str) -> None:
    with st.container(horizontal=True, gap="small"):
        editor_button(name)
        st.button(words.DELETE_TOOL, key=f"tool.gone.{name}", on_click=kit.delete, args=(name,), type="tertiary")


# ---- the rules of the loop ------------------------------------------------------------------------------


def _rules(setup: Setup, agent: Agent, kit: Toolkit) -> None:
    fold = st.expander(words.LOOP_RULES, key="tools.rules", icon=":material/tune:", on_change="rerun")
    if not fold.open:
        return
    with fold:
        _choice(kit)
        if not agent.loop.rules.emulated:
            _parallel(setup)
        st.toggle(
            words.REPAIR,
            key=widgets.REPAIR,
            persist_state="session",
            help=words.REPAIR_HELP,
        )
        st.number_input(
            words.MONEY_LIMIT,
            min_value=0.001,
            max_value=100.0,
            value=LIMIT,
            step=0.05,
            format="%.3f",
            key=widgets.MONEY_LIMIT,
            persist_state="session",
            help=words.MONEY_LIMIT_HELP,
        )
        rounds = agent.loop.rules.rounds
        limit = (words.ROUNDS_LIMIT if rounds > 1 else words.ROUND_LIMIT).format(rounds=rounds)
        st.caption(f"{limit} {words.SMALL_MODEL_ROUNDS}" if setup.connection.is_local else limit)


def _choice(kit: Toolkit) -> None:
    tab.put(widgets.TOOL_CHOICE, tab.value(widgets.TOOL_CHOICE) or "auto")
    chosen = st.segmented_control(
        words.TOOL_CHOICE,
        tuple(words.TOOL_CHOICES),
        required=True,
        format_func=words.TOOL_CHOICES.__getitem__,
        key=widgets.TOOL_CHOICE,
        persist_state="session",
        help=words.TOOL_CHOICE_HELP,
    )
    if chosen == FORCED and kit.offers:
        st.selectbox(words.FORCED_TOOL, list(kit.offers), key=widgets.FORCED_TOOL, persist_state="session")
    if chosen in ("required", FORCED):
        st.caption(words.FORCED_ONCE)


def _parallel(setup: Setup) -> None:
    if setup.info and setup.info.lists("parallel_tool_calls") is False:
        return
    st.segmented_control(
        words.PARALLEL_CALLS,
        tuple(words.PARALLEL_CALLS_OPTIONS),
        format_func=words.PARALLEL_CALLS_OPTIONS.__getitem__,
        key=widgets.PARALLEL_CALLS,
        persist_state="session",
        help=words.PARALLEL_CALLS_HELP,
    )
