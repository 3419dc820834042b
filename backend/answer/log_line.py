"""The log line about an answer that has ended: how it went, never what it contains."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from backend import logs
from backend.answer.usage import reported
from backend.errors import APIError
from backend.keys.endpoint import host
from backend.transport.call import Call
from backend.types import ChunkReceived, Event, Message, Retrying


def log_answer(
    log: logging.Logger, model: str, call: Call, message: Message, error: APIError | None, events: Sequence[Event]
) -> None:
    """Write the line. `model` is the requested one; `message` is final."""
    kinds = Counter(map(type, events))
    last = call.exchanges[-1] if call.exchanges else None
    server_id = error.request_id if error else message.request_id
    usage = reported(message.usage)
    logs.event(
        log,
        logging.WARNING if error else logging.INFO,
        "answer",
        request_id=call.request_id,
        server_id=logs.identifier(server_id) if server_id != call.request_id else "",
        model=model,
        host=host(last.url) if last else "",
        state=message.state,
        status=last.status if last else None,
        finish_reason=logs.reason(message.finish_reason),
        first_token=message.timing.first_token,
        seconds=message.timing.total,
        chunks=kinds[ChunkReceived],
        tokens_in=usage.into,
        tokens_out=usage.out,
        cost=message.cost,
        retries=kinds[Retrying],
        error=type(error).__name__ if error else "",
    )
