"""A conversation as a recording, made from the records of its exchanges (backend/answer/exchange_record.py).

    recording = recorded(path, record_of, ...)

It begins with the first question from which on every exchange is on record; earlier messages are included as text.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from backend.answer.exchange_record import ExchangeRecord
from backend.compare.lane_settings import Overrides
from backend.conversation.tree import Node, NodeId
from backend.demos.document import CHUNKS, RESULTS, ROUNDS, SECONDS
from backend.demos.recording import (
    ENDINGS,
    Answer,
    Page,
    RecordedChunk,
    RecordedLane,
    RecordedReply,
    Recording,
    Result,
    Round,
    Talk,
)
from backend.demos.scrubbing import scrub
from backend.keys.endpoint import path_in
from backend.transport.pieces import DONE
from backend.types import Message, Tool
from backend.untrusted import Unreadable, string

RecordOf = Callable[[NodeId], ExchangeRecord | None]
ResultsOf = Callable[[NodeId], Sequence[Result]]


class NothingToRecord(Unreadable):
    """No answer has a complete record. The message is for the visitor."""


def recording_of(
    path: Sequence[Node],
    record_of: RecordOf,
    results_of: ResultsOf = lambda node: (),
    *,
    page: Page = "Chat",
    title: str = "",
    tools: Sequence[Tool] = (),
    emulated: bool = False,
) -> Recording:
    """The messages of a path as a recording, without ids. Raises NothingToRecord."""
    last = [node for node in path if node.message.role == "assistant"][-1:]
    if last and last[0].message.state == "running":
        raise NothingToRecord("An answer is still being written. Record when it has ended.")
    for place, node in enumerate(path):
        talks = _talks(path[place:], record_of, results_of) if node.message.role == "user" else None
        if talks:
            records = [record_of(last[0].id)] if last else []
            return scrub(
                Recording(
                    title,
                    tuple(talks[-ROUNDS:]),
                    page,
                    recorded=next((record.began for record in records if record), time.time()),
                    tools=tuple(tools),
                    emulated=emulated,
                    earlier=tuple(before.message for before in path[:place]),
                )
            )
    raise NothingToRecord(
        "The bytes of the last answer are not known any more, or it is too long. Ask again, and record it then."
    )


def recorded_race(
    lanes: Sequence[tuple[Overrides, Sequence[Node]]], record_of: RecordOf, title: str = ""
) -> Recording:
    """The lanes of a race, each with its settings and its path, as a recording. Raises NothingToRecord."""
    each = [(own, recording_of(path, record_of)) for own, path in lanes]
    return Recording(
        title,
        (),
        "Compare",
        recorded=min((lane.recorded for _, lane in each), default=0.0),
        lanes=tuple(RecordedLane(replace(own, connection=None), lane.talks, lane.earlier) for own, lane in each),
    )


def _talks(path: Sequence[Node], record_of: RecordOf, results_of: ResultsOf) -> list[Talk] | None:
    """Questions with their answers; None if one of them has no record, or they do not alternate."""
    talks: list[Talk] = []
    question: Message | None = None
    rounds: list[Round] = []
    for place, node in enumerate(path):
        role = node.message.role
        if role == "user":
            if question is not None:
                if not rounds:
                    return None
                talks.append(_talk(question, rounds))
            question, rounds = node.message, []
        elif role == "assistant":
            answer = answer_of(node.message, record_of(node.id))
            if answer is None or question is None or (rounds and not rounds[-1].results):
                return None
            rounds.append(Round(answer, _results(path[place + 1 :], results_of(node.id))))
        elif role != "tool":
            return None
    if question is None or not rounds:
        return None
    return [*talks, _talk(question, rounds)]


def _talk(question: Message, rounds: Sequence[Round]) -> Talk:
    """A question with its rounds. Results that no answer followed are left out."""
    return Talk(question, (*rounds[:-1], Round(rounds[-1].answer)))


def _results(after: Sequence[Node], known: Sequence[Result]) -> tuple[Result, ...]:
    """The results of the calls: as recorded, otherwise from the messages that followed."""
    results: list[Result] = []
    for node in after[:RESULTS]:
        if node.message.role != "tool":
            break
        content = node.message.content
        results.append(Result(content, not content.startswith("Error:")))
    return tuple(known) if len(known) == len(results) else tuple(results)


def answer_of(message: Message, record: ExchangeRecord | None) -> Answer | None:
    """The replayable part of an exchange; None if it is incomplete."""
    if record is None or not record.tries or record.state not in (*ENDINGS, "interrupted"):
        return None
    began = record.tries[0].sent
    chunks = [RecordedChunk(max(0.0, m.at - began), m.text) for m in record.moments if m.kind == "chunk"]
    whole = all(chunk.text for chunk in chunks) and not any(m.kind == "left out" for m in record.moments)
    ending = ENDINGS.get(record.state, "failed")
    late = chunks and chunks[-1].at > SECONDS
    if not whole or late or len(chunks) > CHUNKS or (ending == "done" and not chunks):
        return None
    streamed, body, last = _is_stream(record, chunks), record.body, record.tries[-1]
    # then only this marker says that it was complete
    if streamed and ending == "done" and not record.finish_reason:
        chunks.append(RecordedChunk(chunks[-1].at, DONE))
    return Answer(
        model=message.model or (string(body.get("model")) if body else ""),
        format=path_in(last.url) or "chat",
        request=body,
        replies=tuple(
            RecordedReply(one.status, max(0.0, (one.replied or one.sent) - began)) for one in record.tries[-4:]
        ),
        chunks=tuple(chunks),
        streamed=streamed,
        ending=ending,
        cost=record.cost,
        estimate=record.estimate,
    )


def _is_stream(record: ExchangeRecord, chunks: Sequence[RecordedChunk]) -> bool:
    """Whether the chunks are events of a stream, not one whole body."""
    reply, body = record.tries[-1].reply, record.body or {}
    kind = next((value for name, value in reply.items() if name.lower() == "content-type"), "")
    return len(chunks) != 1 or ("json" not in kind.lower() and body.get("stream") is True)
