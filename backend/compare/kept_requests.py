"""Requests as a job stores them: the fields that all of them share once, and the rest per task; and their cost.

    shared = shared_fields(bodies)
    task = {"request": own_fields(bodies[0], shared)}
    request(plan, task)                                        # where plan["request"] is `shared`

Never a key or an address: a server is identified by a digest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.answer import cost
from backend.answer.cost import Price
from backend.types import JSON, WIRE_FORMATS, ChatRequest, Dialect, Message
from backend.untrusted import fields, integer, one_of, string

USUAL = 500  # tokens assumed for an answer without a limit
_LENGTHS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
Body = Mapping[str, JSON]


def shared_fields(bodies: Sequence[Body]) -> dict[str, JSON]:
    """The fields that all bodies have with the same value."""
    first, *others = bodies
    return {
        name: value
        for name, value in first.items()
        if all(name in body and _same(body[name], value) for body in others)
    }


def own_fields(body: Body, shared: Body) -> dict[str, JSON]:
    """The remaining fields of one body."""
    return {name: value for name, value in body.items() if name not in shared}


def _same(one: JSON, other: JSON) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def whole_body(plan: Body, task: Body) -> dict[str, JSON]:
    """The body of a task as it is sent."""
    return {**fields(plan.get("request")), **fields(task.get("request"))}


def request(plan: Body, task: Body) -> ChatRequest:
    """The exact request of a task. Its messages are for estimates only: the body is what is sent."""
    body = whole_body(plan, task)
    prompt, system = string(plan.get("prompt")), string(plan.get("system_prompt"))
    messages = (*([Message("system", system)] if system.strip() else []), Message("user", prompt))
    form = one_of(plan.get("format"), WIRE_FORMATS) or WIRE_FORMATS[0]
    return ChatRequest(
        string(body.get("model")) or string(plan.get("model")),
        messages,
        stream=plan.get("stream") is not False,
        dialect=Dialect(format=form),
        raw=body,
        again=True,
        server=string(plan.get("server")),
    )


# ---- what they cost -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class JobEstimate:
    """The cost before the start, in US dollars. `usd` is None if the model's price is unknown. `open`: the answers
    have no length limit, so it may cost more.
    """

    requests: int
    usd: float | None
    open: bool


def length(body: Body) -> int | None:
    """The maximum of tokens of an answer; None: unlimited."""
    return next((found for name in _LENGTHS if (found := integer(body.get(name))) is not None), None)


def most(request: ChatRequest, body: Body, price: Price | None) -> float | None:
    """The maximum cost in US dollars, or an estimate if the answer has no limit; None: not known."""
    if price is None or price.into is None or price.out is None:
        return None
    into, out = cost.tokens_in(request.messages, request.model) + cost.definition_tokens(body), length(body)
    choices = max(1, integer(body.get("n")) or 1)
    return (into * price.into + (USUAL if out is None else out) * choices * price.out) / cost.MILLION
