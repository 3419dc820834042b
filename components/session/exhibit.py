"""An answer outside of conversations, for the inspector: one of an experiment or of a suite's run."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from backend.answer.exchange_record import ExchangeRecord
from backend.compare import kept_requests
from backend.compare.suite import job as suites
from backend.compare.suite.results import Cell
from backend.conversation.tree import NodeId
from backend.formats import archive
from backend.jobs.asking import record
from backend.jobs.job import Job, JobStep
from backend.types import JSON, ChatRequest, Message, Timing, ToolCall
from backend.untrusted import string

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Exhibit:
    """`request` is the one that was sent; `record` is None if nothing else of the exchange is known."""

    message: Message
    request: ChatRequest
    record: ExchangeRecord | None = None


class TabSession(Protocol):
    """The session of the tab."""

    exhibit: Exhibit | None

    def inspect(self, node: NodeId) -> None: ...


def inspect(session: TabSession, exhibit: Exhibit) -> None:
    """Open the inspector on it."""
    session.inspect(-next(_NUMBERS))  # no message has such a number
    session.exhibit = exhibit


def of_grid(job: Job, step: JobStep) -> Exhibit:
    """The answer of a step of a grid; the job includes its plan."""
    return _exhibit(step, kept_requests.request(job.plan, step.task), Message("assistant"))


def of_suite(job: Job, step: JobStep, cell: Cell) -> Exhibit:
    """The answer of a step of a suite. If it was stored without the exchange, it has what its cell contains."""
    _, made = suites.of_plan(job.plan)
    request = suites.request_of(job.plan, made, step.task)
    calls = tuple(ToolCall("", name, arguments) for name, arguments in cell.calls)
    message = Message(
        "assistant",
        cell.answer,
        tool_calls=calls,
        model=request.model,
        cost=cell.cost,
        timing=Timing(total=cell.seconds),
    )
    return _exhibit(step, request, message)


def _exhibit(step: JobStep, request: ChatRequest, told: Message) -> Exhibit:
    kept: JSON = step.result.get("message")
    message = archive.message(kept) if isinstance(kept, dict) else told
    body: Mapping[str, JSON] = request.raw or {}
    return Exhibit(message, request, record(string(step.result.get("exchange")), body))
