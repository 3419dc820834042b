"""The first tab of the inspector: the facts of an answer, and its timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from backend import catalog
from backend.answer import cost
from backend.answer.timeline import Span, Timeline, timeline
from backend.answer.usage import reported
from backend.catalog import Speed
from backend.conversation.tree import Node
from backend.types import Message, Usage
from components import notices
from components.inspector import words
from components.inspector.parts import table
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
_SLOW = 1.5  # multiple of the usual time
_PATIENCE = 3.0  # seconds


def overview(inspection: Inspection, node: Node) -> None:
    """The timeline, then every figure, then the ids for support."""
    session, message, record = Session.current(), node.message, inspection.record(node)
    if record is None:
        st.caption(words.WIRE_OF_CELL if inspection.exhibit else words.TIMELINE_GONE)
    else:
        _timeline(timeline(record))
    comparison = st.empty()
    turn = session.chats.current.recent.get(node.id)
    figures = facts(message, pending=turn is not None and turn.pending)
    if message.by_hand:
        figures.append((words.FACT_REQUEST, words.EDITED_BY_HAND))
    if record is not None:
        figures += [(words.FACT_WRITTEN, reason) for reason in record.reasons]
        if record.left_behind:
            figures.append((words.FACT_WRITTEN, words.THOUGHTS_LEFT_BEHIND.format(count=record.left_behind)))
    rows: list[dict[str, object]] = [
        {words.COLUMN_WHAT: name, words.COLUMN_VALUE: value} for name, value in figures
    ]
    table(rows, words.FACTS, height="content")
    if message.request_id:
        st.caption(words.REQUEST_ID)
        st.code(inspection.safe(message.request_id), language=None)
    if record and record.client_request_id not in ("", message.request_id):
        st.caption(words.CLIENT_REQUEST_ID)
        st.code(inspection.safe(record.client_request_id), language=None)
    if usual := _usual(inspection.parts.setup, message.model or ""):  # last: the figures may still be loading
        comparison.caption(compared(message, usual))


def facts(message: Message, *, pending: bool = False) -> list[tuple[str, str]]:
    """The figures of an answer as pairs (name, value); "-" if unknown."""
    usage, tokens, timing = message.usage or Usage(), reported(message.usage), message.timing
    out, known = cost.counted(message)
    speed = cost.speed(message)
    about = "" if known else "~"
    return [
        (words.FACT_MODEL, message.model or "-"),
        (words.FACT_ENDED, notices.ending(message)),
        ("finish_reason", message.finish_reason or "-"),
        (words.FACT_TOKENS_IN, _count(tokens.into)),
        (words.FACT_TOKENS_CACHED, _count(tokens.cached or usage.cached_tokens)),
        (words.FACT_TOKENS_OUT, "-" if out is None else f"{about}{out:,}"),
        (words.FACT_TOKENS_REASONING, _count(usage.reasoning_tokens)),
        (words.FACT_TIME_TO_FIRST, _seconds(timing.first_token)),
        (words.FACT_TOTAL_TIME, _seconds(timing.total)),
        (words.FACT_RATE, "-" if speed is None else f"{about}{speed:.1f}"),
        (words.FACT_COST, cost.words(message, pending=pending).removeprefix("cost ") or "-"),
    ]


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"


# ---- the provider's own measurements ------------------------------------------------------------------------


def _usual(setup: Setup, model: str) -> Speed | None:
    """The current speed of this model for everybody, if the server in use publishes it."""
    if not setup.connection.has_list:
        return None
    measured = catalog.metrics(setup.endpoint)
    speeds = measured.speeds
    if speeds is None and measured.wait(_PATIENCE):  # the first request: they are being fetched
        speeds = measured.speeds
    return speeds.of(setup.listing.find(model)) if speeds else None


def compared(message: Message, usual: Speed) -> str:
    """This answer compared with the provider's measurements: is the model slow today, or only here?"""
    rate = usual.tokens_per_second_p50
    figures = (words.USUAL_START_AND_RATE if rate else words.USUAL_START).format(
        typical=_seconds(usual.first_token_p50), slowest=_seconds(usual.first_token_p90), rate=rate
    )
    return f"{figures} {_verdict(message.timing.first_token, usual)}".rstrip()


def _verdict(first: float | None, usual: Speed) -> str:
    """Whether the first token was late; "" if that cannot be told."""
    typical, slowest = usual.first_token_p50, usual.first_token_p90
    if first is not None and slowest is not None and first > slowest:
        return words.LATER_THAN_MOST
    if first is not None and typical is not None:
        return words.LATE_AS_OTHERS if first > _SLOW * typical else words.AS_USUAL
    return ""


# ---- the chart --------------------------------------------------------------------------------------------


def _timeline(times: Timeline) -> None:
    if times.spans:
        st.altair_chart(_chart(times), alt=words.TIMELINE_CHART)
    if times.stalls:
        longest = max(times.stalls, key=lambda stall: stall.seconds)
        st.caption(words.STALLS.format(count=len(times.stalls), longest=longest.seconds))
    with st.expander(words.TIMELINE_AS_TABLE, icon=":material/table_rows:"):
        rows: list[dict[str, object]] = [
            {words.COLUMN_SECONDS: round(mark.at, 3), words.COLUMN_WHAT: mark.what} for mark in times.marks
        ]
        table(rows, words.TIMELINE_TABLE)


def _chart(times: Timeline) -> altair.LayerChart:
    import altair as alt  # slow to import: only when a timeline is shown

    rows = [_bar(span) for span in times.spans]
    marks = [{"at": mark.at, "what": mark.what} for mark in times.marks]
    colours = {words.TIMELINE_KINDS[kind]: colour for kind, colour in _COLOURS.items()}
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    # The rows name the other colours: their legend was truncated on a narrow screen.
    stalls = words.TIMELINE_KINDS["stall"] if times.stalls else None
    legend = alt.Legend(orient="bottom", title=None, values=[stalls]) if stalls else None
    bars = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(height=16, cornerRadius=3)
        .encode(
            x=alt.X("start:Q", title=words.TIMELINE_AXIS).axis(tickCount=6, titleAnchor="end"),
            x2="end:Q",
            y=alt.Y("row:N", title=None, sort=list(dict.fromkeys(words.TIMELINE_ROWS.values()))),
            color=alt.Color("kind:N", scale=scale, legend=legend),
            order=alt.Order("start:Q"),
            tooltip=[
                alt.Tooltip("what:N", title=words.COLUMN_WHAT),
                alt.Tooltip("seconds:N", title=words.TIMELINE_TOOK),
            ],
        )
    )
    rules = (
        alt.Chart(alt.InlineData(values=marks))
        .mark_rule(strokeDash=[2, 3], color="#858b92")  # visible on light and dark backgrounds
        .encode(
            x="at:Q", tooltip=[alt.Tooltip("what:N", title=words.COLUMN_WHAT), alt.Tooltip("at:Q", format=".3f")]
        )
    )
    both: alt.LayerChart = (rules + bars).properties(height=alt.Step(30))
    return both


def _bar(span: Span) -> dict[str, object]:
    """A span as a row of the chart's data; times in seconds."""
    return {
        "row": words.TIMELINE_ROWS[span.during if span.kind == "stall" else span.kind],
        "kind": words.TIMELINE_KINDS[span.kind],
        "what": span.what,
        "start": span.start,
        "end": span.end,
        "seconds": f"{span.end - span.start:.2f} s",
    }
