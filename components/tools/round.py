"""One round of the loop: why it has paused, its exact messages, and repeating the question."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Literal

import streamlit as st

from backend.answer import cost
from backend.conversation.tree import Node, NodeId
from backend.demos.playing import PlayedAgent
from backend.errors import APIError
from backend.protocol import wire
from backend.tools.agent import Agent
from backend.tools.loop import ToolLoop
from backend.tools.repeat import TIMES, tally
from backend.types import JSON, ChatRequest, Message
from backend.untrusted import fields, objects
from components.elements.markdown import plain
from components.session.session import Session
from components.tools import words
from components.tools.state import Toolkit

_COLOURS = ("blue", "violet", "orange", "green", "red")  # a call and its result share one


def tag(count: int) -> str:
    """The number of a call in its colour, the same wherever the call is shown."""
    return f":{_COLOURS[(count - 1) % len(_COLOURS)]}-badge[{count}]"


def number(agent: Agent, answer: NodeId) -> int:
    """The number of an answer's first call in the transcript."""
    before = agent.conversation.path_to(answer)[:-1]
    return 1 + sum(len(node.message.tool_calls) for node in before)


def below(agent: Agent, node: Node) -> None:
    """The elements under the calls of an answer."""
    played = isinstance(agent, PlayedAgent)  # repeating would send a real request
    if node.id == agent.conversation.leaf and not played:
        _loop_status(agent.loop)
    exchanges, known = Session.current().exchanges, agent.loop.requests.get(node.id)
    if node.message.state == "running" or not (known or exchanges.there(node.id)):
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"round.{node.id}"):
        sent = st.popover(
            words.AS_SENT, key=f"sent.{node.id}", type="tertiary", icon=":material/data_object:", on_change="rerun"
        )
        if sent.open:
            with sent:
                _as_sent(known or exchanges.request(node.id))
        if played:
            return
        st.button(
            words.RUN_AGAIN.format(times=TIMES),
            key=f"repeat.{node.id}",
            on_click=_repeat,
            args=(node.id, known),
            type="tertiary",
            icon=":material/repeat:",
            help=words.RUN_AGAIN_HELP.format(times=TIMES),
        )
    _repeated_results(node.id)


# ---- why it has paused -----------------------------------------------------------------------------------


def _loop_status(loop: ToolLoop) -> None:
    if loop.end_reason == "rounds":
        rounds = loop.rules.rounds
        template = words.STOPPED_AFTER_ROUNDS if rounds > 1 else words.STOPPED_AFTER_ROUND
        st.warning(template.format(rounds=rounds), icon=":material/repeat:")
    elif loop.end_reason == "money":
        spent, limit = _dollars(loop.spent_usd), _dollars(loop.rules.limit)
        st.warning(words.STOPPED_BY_COST.format(cost=spent, limit=limit), icon=":material/payments:")
    elif loop.halted:
        with st.container(horizontal=True, vertical_alignment="center", key="halted"):
            st.caption(words.IN_DOUBT if loop.in_doubt else words.HALTED)
            st.button(words.GO_ON, key="halted.go", on_click=loop.go_on, icon=":material/play_arrow:")


def _dollars(amount: float) -> str:
    return cost.dollars(amount).replace("$", "\\$")


# ---- as sent --------------------------------------------------------------------------------------------


def _as_sent(request: ChatRequest | None) -> None:
    """The body, message by message; calls and their results have the same number and colour."""
    if request is None:
        st.caption(words.NOT_ALL_KEPT)
        return
    try:
        body = wire.payload(request)
    except (APIError, RecursionError):
        st.caption(words.NOT_TO_BE_SHOWN)
        return
    st.caption(words.AS_SENT_EXPLAINED)
    messages = body.get("messages")
    for line, message in _numbered(messages if isinstance(messages, list) else []):
        st.markdown(line)
        st.code(
            json.dumps(message, ensure_ascii=False, indent=1),
            language="json",
            wrap_lines=True,
            height=_tall(message),
        )
    rest = {name: value for name, value in body.items() if name != "messages"}
    st.markdown(words.REST_OF_BODY)
    st.json(rest, expanded=1)


def _numbered(messages: list[JSON]) -> Iterator[tuple[str, JSON]]:
    count, numbers = 0, dict[str, int]()
    for message in messages:
        item = fields(message)
        role = f"**{plain(str(item.get('role')))}**"
        calls = objects(item.get("tool_calls"))
        if calls:
            numbers = {str(call.get("id")): count + place for place, call in enumerate(calls, 1)}
            count += len(calls)
        shown = list(numbers.values()) if calls else [numbers.get(str(item.get("tool_call_id")), 0)]
        yield " ".join([role, *(tag(number) for number in shown if number)]), message


def _tall(message: JSON) -> int | Literal["content"]:
    return 200 if len(json.dumps(message)) > 1_200 else "content"


# ---- again ----------------------------------------------------------------------------------------------


def _repeat(node: NodeId, known: ChatRequest | None) -> None:
    session = Session.current()
    request = known or session.exchanges.request(node)
    if request is None:
        st.toast(words.NOT_ALL_KEPT)
        return
    ask = session.asker.ask
    Toolkit.current().repeated[node] = [ask.turn(request).start() for _ in range(TIMES)]


def _repeated_results(node: NodeId) -> None:
    """The results of the runs so far."""
    turns = Toolkit.current().repeated.get(node)
    if not turns:
        return
    answers = [turn.message for turn in turns if not turn.running]
    with st.container(border=True, key=f"repeated.{node}", gap="small"):
        costs = [answer.cost for answer in answers if answer.cost is not None]
        progress = words.RUN_AGAIN_ANSWERS.format(answers=len(answers), total=len(turns))
        cost = words.RUN_AGAIN_COST.format(cost=_dollars(sum(costs))) if costs else ""
        st.markdown(f"{progress} {cost}".rstrip())
        if answers:
            _choices_made(answers, len(turns))


def _choices_made(answers: Sequence[Message], total: int) -> None:
    """A table of the calls, with the number of runs that made each."""
    rows = [
        {words.COLUMN_RUNS: row.runs, words.COLUMN_CHOSEN: row.what, words.COLUMN_ARGUMENTS: row.arguments}
        for row in tally(answers)
    ]
    runs = st.column_config.ProgressColumn(
        min_value=0, max_value=total, format=words.RUNS_OF_TOTAL.format(total=total), width="small"
    )
    st.dataframe(rows, column_config={words.COLUMN_RUNS: runs}, hide_index=True)
