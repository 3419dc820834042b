"""The first tab of the inspector: the facts of an answer, and when everything about it happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from backend import catalog
from backend.answer import cost
from backend.answer.timeline import Timeline, timeline
from backend.catalog import Speed
from backend.conversation.tree import Node
from backend.types import Message, Usage
from components import notices
from components.inspector.parts import gone, table
from components.inspector.state import Inspection
from components.session.session import Session
from components.session.setup import Setup

if TYPE_CHECKING:
    import altair

_COLOURS = {
    "waiting": "#8a9199",
    "reasoning": "#7c6bd6",
    "text": "#14958a",
    "tool call": "#3b82c4",
    "stall": "#d9534f",
}
_SLOW = 1.5  # times the usual


def overview(inspection: Inspection, node: Node) -> None:
    """The timeline first, then every figure, then the ids that support asks for."""
    message, turn = node.message, inspection.turn(node)
    if turn is None:
        gone("The timeline")
    else:
        _timeline(timeline(turn))
    if usual := _usual(Session.current().setup, message.model or ""):
        st.caption(compared(message, usual))
    figures = facts(message, pending=turn is not None and turn.pending)
    rows: list[dict[str, object]] = [{"What": name, "Value": value} for name, value in figures]
    table(rows, "Facts of this answer", height="content")
    if message.request_id:
        st.caption("Request id, for the provider's support")
        st.code(inspection.safe(message.request_id), language=None)
    if turn and turn.call.request_id != message.request_id:
        st.caption("The id we sent along as X-Client-Request-Id: the provider's usage log lists it")
        st.code(turn.call.request_id, language=None)


def facts(message: Message, *, pending: bool = False) -> list[tuple[str, str]]:
    """The figures of an answer as pairs (name, value); "-" for what is not known."""
    usage, timing, (out, known) = message.usage or Usage(), message.timing, cost.counted(message)
    speed = timing.tokens_per_second(out)
    reported = "" if known else "~"
    return [
        ("Model", message.model or "-"),
        ("Ended", notices.ending(message)),
        ("finish_reason", message.finish_reason or "-"),
        ("Tokens in", _count(usage.prompt_tokens)),
        ("of them cached", _count(usage.cached_tokens)),
        ("Tokens out", "-" if out is None else f"{reported}{out:,}"),
        ("of them reasoning", _count(usage.reasoning_tokens)),
        ("First token", _seconds(timing.first_token)),
        ("Total time", _seconds(timing.total)),
        ("Tokens per second", "-" if speed is None else f"{reported}{speed:.1f}"),
        ("Cost", cost.words(message, pending=pending).removeprefix("cost ")),
        *([("Request", "edited by hand")] if message.by_hand else []),
    ]


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"


# ---- the provider's own measurements ------------------------------------------------------------------------


def _usual(setup: Setup, model: str) -> Speed | None:
    """How fast this model is for everybody right now, where the server in use measures that."""
    if not setup.connection.has_list:
        return None
    speeds = catalog.metrics(setup.endpoint).speeds
    return speeds.of(setup.listing.find(model)) if speeds else None


def compared(message: Message, usual: Speed) -> str:
    """This answer beside what the provider measures for everybody: slow today, or slow here?"""
    first, typical, slowest = message.timing.first_token, usual.first_token_p50, usual.first_token_p90
    pieces = [
        f"The provider measures for everybody right now: first token {_seconds(typical)} (half of all answers)"
    ]
    pieces.append(f", {_seconds(slowest)} (nine of ten)")
    if usual.tokens_per_second_p50:
        pieces.append(f", {usual.tokens_per_second_p50:.0f} tokens per second (half)")
    verdict = ""
    if first is not None and slowest is not None and first > slowest:
        verdict = " This answer began later than nine of ten: unlucky, or something between here and there is slow."
    elif first is not None and typical is not None and first > _SLOW * typical:
        verdict = " This answer began late, but within what others see: the model is slow today, not you."
    elif first is not None and typical is not None:
        verdict = " This answer began as usual."
    return "".join(pieces) + "." + verdict


# ---- the chart --------------------------------------------------------------------------------------------


def _timeline(times: Timeline) -> None:
    if times.spans:
        st.altair_chart(
            _chart(times), alt="When each part of the answer arrived, in seconds. The table below says it."
        )
    if times.stalls:
        longest = max(times.stalls, key=lambda stall: stall.seconds)
        st.caption(
            f":material/pause_circle: Silences in the middle: {len(times.stalls)}, "
            f"the longest {longest.seconds:.1f} s."
        )
    with st.expander("The timeline as a table", icon=":material/table_rows:"):
        rows: list[dict[str, object]] = [{"Seconds": round(mark.at, 3), "What": mark.what} for mark in times.marks]
        table(rows, "When everything happened")


def _chart(times: Timeline) -> altair.LayerChart:
    import altair as alt  # slow to load on a cold process: only when a timeline is looked at

    rows = [
        {"row": _row(span.kind), "kind": span.kind, "what": span.what, "start": span.start, "end": span.end}
        for span in times.spans
    ]
    for row in rows:
        row["seconds"] = f"{row['end'] - row['start']:.2f} s"  # type: ignore[operator]
    marks = [{"at": mark.at, "what": mark.what} for mark in times.marks]
    scale = alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values()))
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(height=16, cornerRadius=3)
        .encode(
            x=alt.X("start:Q", title="Seconds since the question left").axis(tickCount=6),
            x2="end:Q",
            y=alt.Y("row:N", title=None, sort=["waiting", "reasoning", "text", "tool calls"]),
            color=alt.Color("kind:N", scale=scale, legend=alt.Legend(orient="bottom", title=None, columns=3)),
            order=alt.Order("start:Q"),
            tooltip=[alt.Tooltip("what:N", title="What"), alt.Tooltip("seconds:N", title="Took")],
        )
    )
    rules = (
        alt.Chart(alt.InlineData(values=marks))
        .mark_rule(strokeDash=[2, 3], opacity=0.55)
        .encode(x="at:Q", tooltip=[alt.Tooltip("what:N", title="What"), alt.Tooltip("at:Q", format=".3f")])
    )
    both: alt.LayerChart = (rules + bars).properties(height=alt.Step(30))
    return both


def _row(kind: str) -> str:
    return {"stall": "text", "tool call": "tool calls"}.get(kind, kind)
