"""Deadlines (timeouts): how long the app waits for a connection, the first byte, the next, the whole answer.

The owner sets them as PLAYGROUND_TIMEOUT_<NAME> (backend/settings.py). call.py watches them and ends
the call; client.py waits for the headers, reply.py for the body.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Deadlines:
    """Seconds of elapsed time.

    connect     until there is a connection
    headers     from the request to the first byte of the reply, its headers, when it is streamed
    blocking    the same when the reply comes in one piece: servers send headers when the answer is ready
    first_data  from the headers to the first piece of the answer
    idle        between two pieces, once it has begun to arrive
    tail        for usage after finish_reason
    total       for all of it
    abandoned   that a closed tab has to come back, before its answer is stopped
    """

    connect: float = 5.0
    headers: float = 60.0
    blocking: float = 300.0
    first_data: float = 120.0
    idle: float = 60.0
    tail: float = 5.0
    total: float = 900.0
    abandoned: float = 100.0
