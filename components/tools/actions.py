"""What a visitor may do with one call: before it runs, and afterwards as a branch from there on."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from backend.conversation.tree import NodeId
from backend.tools import calls
from backend.tools.agent import Agent
from backend.tools.calls import INJECTED_FAULTS
from backend.tools.steps import Step
from components.session import tab
from components.tools.state import Toolkit


def choices(agent: Agent, node: NodeId, step: Step, place: int) -> None:
    """The buttons of a call that waits, and the form that one of them has opened."""
    kit, at = Toolkit.current(), (agent, node, step.call.id)
    opened = kit.opened.get((node, step.call.id), "")
    offer = agent.loop.rules.offers.get(step.call.name)
    with st.container(horizontal=True, gap="small", key=f"decide.{node}.{place}"):
        if step.problems:
            _button(
                "Send the error to the model",
                "send_back",
                "reply",
                node,
                place,
                agent.loop.send_back,
                node,
                step.call.id,
            )
        elif offer and not (offer.own and offer.mocked(step.call) is None):
            _button("Run", "run", "play_arrow", node, place, agent.loop.run, node, step.call.id)
        for label, what, icon in (
            ("Edit arguments", "edit", "edit"),
            ("Type the result", "type", "keyboard"),
            ("Reject", "reject", "block"),
        ):
            _button(label, f"{what}.open", icon, node, place, _toggle, node, step.call.id, what, quiet=True)
        st.menu_button(
            "Make it fail",
            list(INJECTED_FAULTS),
            key=_fault_menu(node, place),
            format_func=lambda fault: INJECTED_FAULTS[fault].label,
            on_click=_fail,
            args=(*at, place),
            type="tertiary",
            icon=":material/bolt:",
            help="What goes wrong with tools in the field.",
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
        "edit": ("Arguments (JSON)", "Run with these", step.call.arguments or "{}"),
        "type": ("Result", "Use as the result", ""),
        "reject": ("Why not? The model reads it (optional)", "Reject this call", ""),
    }
    label, go, value = labels[what]
    st.text_area(label, value=value, key=key, height=100)
    args = (agent, node, step.call.id, key)
    st.button(go, key=f"go.{key}", on_click=_GO[what], args=args, type="primary")


def _edited(agent: Agent, node: NodeId, call_id: str, key: str) -> None:
    agent.redo(node, call_id, arguments=str(tab.value(key) or ""))


def _typed(agent: Agent, node: NodeId, call_id: str, key: str) -> None:
    agent.loop.decide(node, call_id, calls.capped(str(tab.value(key) or "")), "typed")


def _rejected(agent: Agent, node: NodeId, call_id: str, key: str) -> None:
    agent.loop.decide(node, call_id, calls.rejected(str(tab.value(key) or "")), "rejected")


_GO = {"edit": _edited, "type": _typed, "reject": _rejected}


# ---- afterwards -----------------------------------------------------------------------------------------


def rewind(agent: Agent, node: NodeId, step: Step, place: int) -> None:
    """Other arguments or another result, and on from there; what there is now stays one arrow away."""
    outcome = step.poll()
    if outcome is None:
        return
    _button(
        "Rewind to here", "rewind.open", "history", node, place, _toggle, node, step.call.id, "rewind", quiet=True
    )
    if Toolkit.current().opened.get((node, step.call.id)) != "rewind":
        return
    key, args = f"{node}.{place}", (agent, node, step.call.id)
    st.caption("Change one of the two. What came after stays as a branch: the arrows under the answer lead back.")
    left, right = st.columns(2)
    with left:
        st.text_area("Arguments (JSON)", value=step.call.arguments or "{}", key=_other_arguments(key), height=140)
        st.button("Run with these", key=f"rewind.run.{key}", on_click=_rerun, args=(*args, key))
    with right:
        st.text_area("Result", value=outcome.content, key=_other_result(key), height=140)
        st.button("Go on with this result", key=f"rewind.go.{key}", on_click=_replaced, args=(*args, key))


def _rerun(agent: Agent, node: NodeId, call_id: str, key: str) -> None:
    agent.redo(node, call_id, arguments=str(tab.value(_other_arguments(key)) or ""))


def _replaced(agent: Agent, node: NodeId, call_id: str, key: str) -> None:
    agent.redo(node, call_id, outcome=calls.capped(str(tab.value(_other_result(key)) or "")))


# ---- the keys of widgets ----------------------------------------------------------------------------------


def _fault_menu(node: NodeId, place: int) -> str:
    return f"fail.{node}.{place}"


def _other_arguments(key: str) -> str:
    return f"rewind.arguments.{key}"


def _other_result(key: str) -> str:
    return f"rewind.result.{key}"
