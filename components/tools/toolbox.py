"""The toolbox: which tools are on, who answers them, a try without a model; and the rules of the loop."""

from __future__ import annotations

import json

import streamlit as st

from backend.tools.agent import Agent
from backend.tools.builtin import EXAMPLES
from backend.tools.loop import LIMIT
from backend.types import Tool
from components.elements.markdown import plain
from components.session import tab, widgets
from components.session.session import Session
from components.session.setup import Setup
from components.tools.editor import editor_button, editor_dialog
from components.tools.state import DEFAULT, FORCED, Toolkit

_MODES = {
    "auto": "Run at once",
    "ask": "Ask me first",
    "mock": "Mock",
}
_BRIEF = 60  # characters of a description in a row: one line
_CHOICES = ("auto", "none", "required", FORCED)
_CHOICE_HELP = (
    "`tool_choice`. auto: the model decides. none: it may not call. required: it must call something. "
    "This tool: it must call that one. A forced choice holds for the first round only and then goes back to auto: "
    "kept up, the model could never answer."
)


def toolbox(session: Session, agent: Agent) -> None:
    """All of it."""
    kit = Toolkit.current()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="toolbox.head"):
        st.caption(
            f"{len(kit.offers)} of {len(kit.all)} tools are on: the model is told of these.", width="stretch"
        )
        st.button("All", key="tools.all", on_click=kit.tick, args=tuple(kit.all), type="tertiary")
        st.button("The usual four", key="tools.usual", on_click=kit.tick, args=DEFAULT, type="tertiary")
        editor_button()
    editing = session.dialogs.is_open("tool editor")
    if kit.trouble and not editing:
        st.error(plain(kit.trouble))
    for name, tool in kit.all.items():
        _row(kit, name, tool)
    _rules(session.setup, agent, kit)
    if editing:
        editor_dialog()


def _row(kit: Toolkit, name: str, tool: Tool) -> None:
    with st.container(horizontal=True, wrap=False, gap="small", vertical_alignment="top", key=f"tool.row.{name}"):
        about = tool.description
        if len(about) > _BRIEF:
            about = f"{about[:_BRIEF].rpartition(' ')[0]} ..."
        own = ":violet-badge[own] " if name in kit.own else ""
        fold = st.expander(f"{own}**{plain(name)}** {plain(about)}", key=f"tool.{name}", on_change="rerun")
        tab.put(widgets.tool_ticked(name), kit.ticked(name))
        st.checkbox(
            f"Offer {name}",
            key=widgets.tool_ticked(name),
            persist_state="session",
            label_visibility="collapsed",
        )
    if fold.open:
        with fold:
            _inside(kit, name, tool)


def _inside(kit: Toolkit, name: str, tool: Tool) -> None:
    own = name in kit.own
    modes = [mode for mode in _MODES if not (own and mode == "auto")]
    st.segmented_control(
        "When the model calls it",
        modes,
        default=kit.mode(name),
        required=True,
        format_func=_MODES.__getitem__,
        key=widgets.tool_mode(name),
        persist_state="session",
    )
    if kit.mode(name) == "mock" and not own:
        st.text_area(
            "What answers in its place",
            key=widgets.tool_mock(name),
            persist_state="session",
            height=80,
            placeholder='{"late": false}',
        )
    st.caption("What the model is told: the function's name, description and a JSON schema of its arguments")
    st.json({"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}, expanded=1)
    _try(kit, name)
    if own:
        _own(kit, name)


def _try(kit: Toolkit, name: str) -> None:
    st.caption("Run it yourself, as the model would")
    example = json.dumps(EXAMPLES[name][1], ensure_ascii=False) if name in EXAMPLES else "{}"
    with st.form(f"run.{name}", border=False):
        st.text_area("Arguments (JSON)", value=example, key=widgets.tool_arguments(name), height=80)
        st.form_submit_button("Run", icon=":material/play_arrow:", on_click=kit.try_out, args=(name,))
    if outcome := kit.tried.get(name):
        st.code(outcome.content or "(empty)", language=None, wrap_lines=True)
        cut = f", cut at {outcome.cut} kB" if outcome.cut else ""
        st.caption(f"{'ok' if outcome.ok else 'error'}, {outcome.seconds:.2f} s{cut}")


def _own(kit: Toolkit, name: str) -> None:
    with st.container(horizontal=True, gap="small"):
        editor_button(name)
        st.button("Delete", key=f"tool.gone.{name}", on_click=kit.delete, args=(name,), type="tertiary")


# ---- the rules of the loop ------------------------------------------------------------------------------


def _rules(setup: Setup, agent: Agent, kit: Toolkit) -> None:
    fold = st.expander("How the loop runs", key="tools.rules", icon=":material/tune:", on_change="rerun")
    if not fold.open:
        return
    with fold:
        _choice(kit)
        if not agent.loop.rules.emulated:
            _parallel(setup)
        st.toggle(
            "Send errors in the arguments back at once",
            key=widgets.REPAIR,
            persist_state="session",
            help="Off: a call that does not fit its schema waits for you. It is never run either way.",
        )
        st.number_input(
            "Stop when one question has cost more than (US dollars)",
            min_value=0.001,
            max_value=100.0,
            value=LIMIT,
            step=0.05,
            format="%.3f",
            key=widgets.MONEY_LIMIT,
            persist_state="session",
            help="As the server reports it. Servers that report no cost are stopped by the rounds only.",
        )
        once = " A model this small gets one." if setup.connection.is_local else ""
        rounds = agent.loop.rules.rounds
        st.caption(f"At most {rounds} round{'s' * (rounds > 1)} of tools for one question.{once}")


def _choice(kit: Toolkit) -> None:
    tab.put(widgets.TOOL_CHOICE, tab.value(widgets.TOOL_CHOICE) or "auto")
    chosen = st.segmented_control(
        "May the model call?",
        _CHOICES,
        required=True,
        key=widgets.TOOL_CHOICE,
        persist_state="session",
        help=_CHOICE_HELP,
    )
    if chosen == FORCED and kit.offers:
        st.selectbox("Which tool", list(kit.offers), key=widgets.FORCED_TOOL, persist_state="session")
    if chosen in ("required", FORCED):
        st.caption(
            "Forced in the first round of each question only, then auto again, or the model could never answer."
        )


def _parallel(setup: Setup) -> None:
    if setup.info and setup.info.lists("parallel_tool_calls") is False:
        return
    st.segmented_control(
        "Several calls in one answer",
        ("on", "off"),
        key=widgets.PARALLEL_CALLS,
        persist_state="session",
        help="`parallel_tool_calls`. Not sent unless you choose.",
    )
