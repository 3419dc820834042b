"""One call, one row: the model's arguments as they arrive, its outcome, and the visitor's actions.

Names, arguments and results are hostile text: they are drawn as code or as plain text only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

import streamlit as st

from backend.conversation.tree import Node, NodeId
from backend.demos.playing import PlayedAgent
from backend.invisible import visible_text
from backend.mcp.connection import ToolServerConnection
from backend.mcp.host import ServerHost
from backend.mcp.running_call import ServerCall
from backend.tools import steps
from backend.tools.agent import Agent
from backend.tools.calls import INJECTED_FAULTS, BadArguments, CallOutcome, arguments
from backend.tools.result_parts import orders
from backend.tools.steps import Step
from backend.types import ToolCall
from components.elements.markdown import plain
from components.mcp.questions import questions
from components.mcp.results import parts
from components.mcp.tool import progress
from components.mcp.words import RUNS_ON, SPEAKS_TO_MODEL
from components.session.session import Session
from components.tools import actions, words
from components.tools.brief import brief
from components.tools.round import below, number, tag

_BUTTONS = 3  # containers below the arguments of a waiting call
_LIVE = 4_000  # characters of growing arguments that are drawn


class Rows:
    """Draws the calls of an agent's conversation (components.chat.calls.Calls)."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def visible(self, path: list[Node]) -> list[Node]:
        """The messages without results: a result is drawn in the row of its call."""
        ids: set[str | None] = set()
        kept: list[Node] = []
        for node in path:
            if node.message.tool_calls:
                ids = {call.id for call in node.message.tool_calls}
            if node.message.role != "tool" or node.message.tool_call_id not in ids:
                kept.append(node)
        return kept

    def draws(self, node: Node) -> bool:
        return bool(node.message.tool_calls) or node.id in self._agent.loop.requests

    def earlier(self, node: Node) -> bool:
        return bool(node.message.tool_calls) and node.id != self._agent.conversation.leaf

    def finished(self, node: Node) -> None:
        """The calls of an answer, and the elements of its round."""
        _rows(self._agent, node)
        if Session.current().chats.view.on_stage:
            return
        if not self.earlier(node) or Session.current().chats.view.round == node.id:
            below(self._agent, node)


def _is_shown_only(agent: Agent) -> bool:
    """Whether there are no actions: it plays, or is on the stage."""
    return isinstance(agent, PlayedAgent) or Session.current().chats.view.on_stage


def _rows(agent: Agent, node: Node) -> None:
    loop = agent.loop
    calls = loop.steps_at(node.id)
    first = number(agent, node.id)
    if not calls:
        for place, call in enumerate(node.message.tool_calls):
            _growing(call, first + place, words.NOT_FINISHED)
        return
    repaired = _repairs(agent, node.id)
    for place, step in enumerate(calls):
        if step.poll():
            _finished(agent, node.id, step, first + place, place, repaired.get(step.call.id, 0))
        elif (
            step.running is None and loop.waits(step) and not loop.end_reason and node.id == agent.conversation.leaf
        ):
            _open(agent, node.id, step, first + place, place)
        else:
            left = node.id != agent.conversation.leaf or loop.end_reason
            _growing(
                step.call,
                first + place,
                words.NOT_RUN if left else words.STATES["running"],
                step,
            )
    for asking in _asking(agent, calls):
        questions(asking, f"call.{node.id}")


def _repairs(agent: Agent, node: NodeId) -> dict[str, int]:
    path = agent.conversation.path()
    places = {before.id: place for place, before in enumerate(path)}
    repaired = steps.repairs([before.message for before in path])
    return {call: took for (place, call), took in repaired.items() if place == places.get(node)}


# ---- the states of a row --------------------------------------------------------------------------------


def _title(call: ToolCall, count: int) -> str:
    return f"{tag(count)} **{plain(call.name or words.UNNAMED_TOOL)}**"


def _sentence(call: ToolCall, outcome: CallOutcome, count: int) -> str:
    """The call and its outcome in one line: convert_currency 453.6 USD, EUR → 382.4."""
    called = f"{_title(call, count)} {plain(brief(call.arguments))}".rstrip()
    result = plain(brief(outcome.content, told=call.arguments) or words.NOTHING_IN_IT)
    return words.CALL_WITH_RESULT.format(call=called, result=result)


def _growing(call: ToolCall, count: int, state: str, step: Step | None = None) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"{_title(call, count)} {state}")
        st.code(call.arguments[-_LIVE:] or "{}", language="json", wrap_lines=True)
        running = step.running if step else None
        if isinstance(running, ServerCall):
            with st.container(gap="small"):
                progress(running.progress)
            for _ in range(_BUTTONS):  # those of the waiting call vanish at once, not at the end of the run
                st.empty()


def _asking(agent: Agent, calls: Sequence[Step]) -> list[ToolServerConnection]:
    """The questions of servers whose calls are running: each server once for all of them."""
    hosts = [_host(agent, step) for step in calls if step.running is not None and not step.poll()]
    return list({id(host.connection): host.connection for host in hosts if host}.values())


def _host(agent: Agent, step: Step) -> ServerHost | None:
    """The server of a call; None for a function of this app."""
    offer = agent.loop.rules.offer(step.call)
    return offer.host if offer and isinstance(offer.host, ServerHost) else None


def _open(agent: Agent, node: NodeId, step: Step, count: int, place: int) -> None:
    """A waiting call."""
    with st.container(border=True, gap="small", key=f"call.{node}.{place}"):
        edited = f" {words.EDITED_BY_YOU}" if step.edited else ""
        st.markdown(f"{_title(step.call, count)} {words.STATES[step.phase]}{edited}")
        for problem in step.problems:
            st.markdown(f":red[{plain(problem)}]")
        st.code(visible_text(_pretty(step.call.arguments)), language="json", wrap_lines=True)
        if host := _host(agent, step):
            st.caption(RUNS_ON.format(name=plain(host.connection.server.name)))
        if not _is_shown_only(agent):
            actions.choices(agent, node, step, place)


def _finished(agent: Agent, node: NodeId, step: Step, count: int, place: int, repaired: int) -> None:
    outcome = step.poll()
    if outcome is None:
        return
    marks = filter(None, _marks(step, outcome, repaired))
    label = " ".join([_sentence(step.call, outcome, count), *marks])
    with st.expander(label, key=f"done.{node}.{place}"):
        _call_arguments(step)
        st.caption(words.RESULT_CUT.format(limit=outcome.cut) if outcome.cut else words.RESULT)
        content = outcome.content or words.NOTHING_IN_IT
        st.code(content, language=None, wrap_lines=True, height=_height(outcome.content))
        parts(outcome)
        if not _is_shown_only(agent):
            actions.rewind(agent, node, step, place)


def _marks(step: Step, outcome: CallOutcome, repaired: int) -> list[str]:
    """Badges for the origin of an outcome; "" for none. `repaired`: after how many rounds."""
    origin = words.ORIGINS.get(step.how, "")
    if step.fault:
        origin = words.ON_PURPOSE.format(fault=INJECTED_FAULTS[step.fault].label)
    repair = words.REPAIRED_AFTER_ROUNDS if repaired > 1 else words.REPAIRED_AFTER_ROUND
    return [
        words.STATES[step.phase],
        SPEAKS_TO_MODEL if orders(outcome.content) else "",
        f":gray-badge[{origin}]" if origin else "",
        f"{outcome.seconds:.2f} s" if step.running else "",
        words.EDITED_BY_YOU if step.edited else "",
        repair.format(rounds=repaired) if repaired else "",
    ]


def _call_arguments(step: Step) -> None:
    """The arguments, parsed and raw."""
    raw, read = step.call.arguments, visible_text(_pretty(step.call.arguments))
    st.caption(words.ARGUMENTS)
    if raw.strip() == read:
        st.code(read, language="json", wrap_lines=True)
    else:
        parsed, written = st.tabs([words.ARGUMENTS_PARSED, words.ARGUMENTS_AS_WRITTEN])
        parsed.code(read, language="json", wrap_lines=True)
        written.code(raw or words.NOTHING_WRITTEN, language=None, wrap_lines=True)
    for problem in step.problems:
        st.markdown(f":red[{plain(problem)}]")


def _pretty(text: str) -> str:
    """The parsed arguments; the raw text if they are invalid."""
    try:
        read = arguments(text)
    except BadArguments:
        return text
    line = json.dumps(read, ensure_ascii=False)
    return line if len(line) <= 80 else json.dumps(read, ensure_ascii=False, indent=1)


def _height(text: str) -> int | Literal["content"]:
    return 260 if len(text) > 1_500 or text.count("\n") > 12 else "content"
