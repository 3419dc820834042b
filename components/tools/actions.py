"""The actions on one call: before it runs, and afterwards as a branch from there on."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from backend.conversation.tree import NodeId
from backend.tools import calls
from backend.tools.agent import Agent
from backend.tools.calls import INJECTED_FAULTS, CallOutcome
from backend.tools.steps import Step
from components.elements import editing
from components.elements.reveal import reveal
from components.session import tab
from components.tools import words
from components.tools.state import Toolkit


def choices(agent: Agent, node: NodeId, step: Step, place: int) -> None:
    """The buttons of a waiting call, and the form that one of them has opened."""
    kit, at = Toolkit.current(), (agent, node, step.call.id)
    opened = kit.opened.get((node, step.call.id), "")
    offer = agent.loop.rules.offer(step.call)
    with st.container(horizontal=True, gap="small", key=f"decide.{node}.{place}"):
        if step.problems:
            _button(
                words.SEND_ERROR,
                "send_back",
                "reply",
                node,
                place,
                agent.loop.send_back,
                node,
                step.call.id,
            )
        elif offer and not (offer.own and offer.mocked(step.call) is None):
            _button(words.RUN, "run", "play_arrow", node, place, agent.loop.run, node, step.call.id)
        for label, what, icon in (
            (words.EDIT_ARGUMENTS, "edit", "edit"),
            (words.TYPE_RESULT, "type", "keyboard"),
            (words.REJECT, "reject", "block"),
        ):
            _button(label, f"{what}.open", icon, node, place, _toggle, node, step.call.id, what, quiet=True)
        st.menu_button(
            words.MAKE_IT_FAIL,
            list(INJECTED_FAULTS),
            key=_fault_menu(node, place),
            format_func=lambda fault: INJECTED_FAULTS[fault].label,
            on_click=_fail,
            args=(*at, place),
            type="tertiary",
            icon=":material/bolt:",
            help=words.MAKE_IT_FAIL_HELP,
        )
    if opened:
        _form(opened, agent, node, step, place)


def _button(
    label: str,
    action: str,
    icon: str,
    node: NodeId,
    place: int,
    do: Callable[..., None],
    *args: object,
    quiet: bool = False,
) -> None:
    st.button(
        label,
        key=f"{action}.{node}.{place}",
        on_click=do,
        args=args,
        icon=f":material/{icon}:",
        type="tertiary" if quiet else "primary",
    )


def _toggle(node: NodeId, call_id: str, what: str) -> None:
    opened = Toolkit.current().opened
    opened[node, call_id] = "" if opened.get((node, call_id)) == what else what


def _fail(agent: Agent, node: NodeId, call_id: str, place: int) -> None:
    chosen = str(tab.value(_fault_menu(node, place)))
    if chosen in INJECTED_FAULTS:
        agent.loop.decide(node, call_id, INJECTED_FAULTS[chosen].outcome(), "fault", chosen)


def _form(what: str, agent: Agent, node: NodeId, step: Step, place: int) -> None:
    key = f"{what}.{node}.{place}"
    labels = {
        "edit": (words.ARGUMENTS_JSON, words.RUN_WITH_THESE, step.call.arguments or "{}"),
        "type": (words.RESULT, words.USE_AS_RESULT, ""),
        "reject": (words.REJECT_REASON, words.REJECT_CALL, ""),
    }
    label, go, value = labels[what]
    with st.container(key=f"form.{key}", gap="small"):
        with editing.editor(key):
            st.text_area(label, value=value, key=key, height=100)
            args = (agent, node, step.call.id, key)
            with editing.choices(key):
                st.button(go, key=f"go.{key}", on_click=_GO[what], args=args, type="primary")
                _cancel(node, step, what, key)
        reveal(f"form.{key}")


def _cancel(node: NodeId, step: Step, what: str, key: str) -> None:
    """Close the form at this call."""
    args = (node, step.call.id, what)
    st.button(words.CANCEL, key=f"cancel.{key}", on_click=_toggle, args=args, type="tertiary")


def _on_edit(agent: Agent, node: NodeId, call_id: str, key: str) -> None:
    agent.redo(node, call_id, arguments=str(tab.value(key) or ""))


def _typed(agent: Agent, node: NodeId, call_id: str, key: str) -> None:
    agent.loop.decide(node, call_id, calls.capped(str(tab.value(key) or "")), "typed")


def _rejected(agent: Agent, node: NodeId, call_id: str, key: str) -> None:
    agent.loop.decide(node, call_id, calls.rejected(str(tab.value(key) or "")), "rejected")


_GO = {"edit": _on_edit, "type": _typed, "reject": _rejected}


# ---- afterwards -----------------------------------------------------------------------------------------


def rewind(agent: Agent, node: NodeId, step: Step, place: int) -> None:
    """Set other arguments or another result, and continue from there; the current version stays as a branch."""
    outcome = step.poll()
    if outcome is None:
        return
    _button(words.REWIND, "rewind.open", "history", node, place, _toggle, node, step.call.id, "rewind", quiet=True)
    if Toolkit.current().opened.get((node, step.call.id)) != "rewind":
        return
    with st.container(key=f"form.rewind.{node}.{place}", gap="small"):
        _rewind_form(agent, node, step, outcome, f"{node}.{place}")
        reveal(f"form.rewind.{node}.{place}")


def _rewind_form(agent: Agent, node: NodeId, step: Step, outcome: CallOutcome, key: str) -> None:
    args = (agent, node, step.call.id)
    st.caption(words.REWIND_EXPLAINED)
    left, right = st.columns(2)
    with left:
        arguments = _other_arguments(key)
        with editing.editor(arguments):
            st.text_area(words.ARGUMENTS_JSON, value=step.call.arguments or "{}", key=arguments, height=140)
            with editing.choices(arguments):
                st.button(words.RUN_WITH_THESE, key=f"rewind.run.{key}", on_click=_rerun, args=(*args, key))
                _cancel(node, step, "rewind", arguments)
    with right:
        result = _other_result(key)
        with editing.editor(result):
            st.text_area(words.RESULT, value=outcome.content, key=result, height=140)
            with editing.choices(result):
                st.button(words.GO_ON_WITH_RESULT, key=f"rewind.go.{key}", on_click=_on_replace, args=(*args, key))
                _cancel(node, step, "rewind", result)


def _rerun(agent: Agent, node: NodeId, call_id: str, key: str) -> None:
    agent.redo(node, call_id, arguments=str(tab.value(_other_arguments(key)) or ""))


def _on_replace(agent: Agent, node: NodeId, call_id: str, key: str) -> None:
    agent.redo(node, call_id, outcome=calls.capped(str(tab.value(_other_result(key)) or "")))


# ---- the keys of widgets ----------------------------------------------------------------------------------


def _fault_menu(node: NodeId, place: int) -> str:
    return f"fail.{node}.{place}"


def _other_arguments(key: str) -> str:
    return f"rewind.arguments.{key}"


def _other_result(key: str) -> str:
    return f"rewind.result.{key}"
