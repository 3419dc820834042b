"""Decides which next steps a failed answer offers, the most helpful first.

Nothing is drawn here. No step repeats a refused request: if waiting does not help, "Try again" is offered only
if another request would be sent by now, with another model, key or setting.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Literal

from backend.answer.delayed_source import LONGEST
from backend.answer.exchange_record import ExchangeRecord
from backend.conversation.transcript import middle
from backend.conversation.tree import Node, NodeId
from backend.errors import APIError, Redirected, WrongScheme
from backend.keys.base_urls import instead_of
from backend.keys.endpoint import Endpoint, is_near
from backend.keys.pasted import endpoint_base
from backend.protocol import wire
from backend.protocol.body import encode
from backend.protocol.remedies import Remedy, remedies
from backend.tokens import tokens
from backend.types import JSON, ChatRequest, Failure
from backend.untrusted import fields, objects, text
from components.session.answer_context import AnswerContext
from components.session.connections import address_problem

Step = Literal[
    "again", "call_again", "topped_up", "wait", "remedies", "shorten", "edit", "key", "other", "address", "local"
]
# By error class (backend/errors/kinds.py, backend/guests): what may help, the likeliest first.
_STEPS: Mapping[str, tuple[Step, ...]] = {
    "KeyMissing": ("key", "local"),
    "KeyRefused": ("key", "local"),
    "OutOfCredit": ("key", "local", "topped_up"),
    "Forbidden": ("other", "key", "local"),
    "ModelNotFound": ("other", "local"),
    "AddressNotFound": ("address", "other", "local"),
    "ResponsesOnly": ("address", "other", "local"),
    "BadRequest": ("remedies", "edit"),
    "BadInput": ("remedies", "edit"),
    "ContextTooLong": ("shorten", "remedies", "edit"),
    "TooLarge": ("remedies", "shorten", "edit"),
    "ContentFiltered": ("edit", "other", "local"),
    "ToolCallFailed": ("call_again", "remedies", "other"),
    "AnswerNotJSON": ("again", "remedies", "other"),
    "RateLimited": ("wait", "again", "other", "local"),
    "LimitUsedUp": ("wait", "key", "other", "local"),
    "ServerTrouble": ("remedies", "wait", "again", "other", "local"),
    "ConnectionFailed": ("again", "local"),
    # nothing was sent; the visitor sets a clock, or signs in to a hotspot
    "CertificateRefused": ("again", "local"),
    "WrongScheme": ("address", "local"),
    "Redirected": ("address", "again", "local"),
    "TimedOut": ("again", "local"),
    "NotAnAnswer": ("address", "again", "local"),
    "OverBudget": ("key", "local"),
    "PausedByOwner": ("key", "again", "local"),
    "BudgetUnknown": ("again", "key", "local"),
    "NotForGuests": ("remedies", "key", "local"),
}
_OTHERWISE: tuple[Step, ...] = ("again",)  # it failed on the way, or by a defect of this app
_AGAIN = ("again", "call_again", "topped_up")
_ALIKE = 0.6  # similarity of two ids, for one to be a misspelling of the other
# these differ between the rounds of a loop
_ROUNDS_OWN = ("messages", "tools", "tool_choice", "parallel_tool_calls")


@dataclass(frozen=True)
class Way:
    """One next step. `seconds`, `model`, `address`, `remedy` and `question` belong to the steps that need them."""

    step: Step
    seconds: int = 0
    model: str = ""
    address: str = ""
    remedy: Remedy | None = None
    question: NodeId | None = None


class Situation:
    """What is known about a failure and about the request that would be sent now."""

    def __init__(self, session: AnswerContext, node: Node, failure: Failure) -> None:
        self.session, self.node, self.failure = session, node, failure
        self.setup = session.setup
        self.chat = session.chats.current
        self.path = self.chat.conversation.path_to(node.parent)

    def ways(self) -> list[Way]:
        """Every offered step, in order."""
        return [way for step in self._steps() for way in self._ways(step)]

    def _steps(self) -> tuple[Step, ...]:
        steps = _STEPS.get(self.failure.kind, _OTHERWISE)
        if self.changed is False:
            return steps
        rest = tuple(step for step in steps if step not in _AGAIN)
        if self.changed is None:  # from another session: the request is not remembered
            return steps if "again" in steps else (*rest, "again")
        if self._elsewhere:  # a refusal by another model does not apply to this one
            return "again", *(step for step in rest if step not in ("remedies", "wait"))
        return ("remedies", "again", *rest[1:]) if rest[:1] == ("remedies",) else ("again", *rest)

    def _ways(self, step: Step) -> Iterator[Way]:
        match step:
            case "wait":
                seconds = self.failure.retry_after
                if seconds and 0 < seconds <= LONGEST:
                    yield Way(step, seconds=math.ceil(seconds))
            case "remedies":
                required = self.request.dialect.required
                yield from (Way(step, remedy=remedy) for remedy in remedies(self.failure, self.body, required))
            case "shorten":
                if middle([before.message for before in self.path]) > 0 and not self._too_long_alone:
                    yield Way(step)
            case "edit":
                yield from (Way(step, question=question.id) for question in self._questions[-1:])
            case "other":
                yield from (Way(step, model=model) for model in self._other_model())
            case "address":
                yield from (Way(step, address=address) for address in self._other_address())
            case "key" | "local" if self.setup.connection.is_local:
                return
            case "topped_up" if self.setup.guest:  # it is the owner's account
                return
            case _:
                yield Way(step)

    @property
    def _questions(self) -> list[Node]:
        return [before for before in self.path if before.message.role == "user"]

    @property
    def _too_long_alone(self) -> bool:
        """Whether the question alone exceeds the model's context, by estimate; False if the limit is unknown."""
        most = self.setup.context_length
        return most is not None and any(tokens(last.message.content) > most for last in self._questions[-1:])

    # ---- the request then and now ------------------------------------------------------------------------

    @cached_property
    def request(self) -> ChatRequest:
        """The request that would be sent now."""
        turn = self.chat.recent.get(self.node.id)
        if turn is not None and turn.request.raw is not None:
            return turn.request
        transcript = [before.message for before in self.path]
        return self.chat.shape_request(self.session.asker.ask.request(transcript, self.chat.tools))

    @cached_property
    def body(self) -> dict[str, JSON]:
        return wire.payload(self.request)

    @cached_property
    def changed(self) -> bool | None:
        """Whether the request now differs from the failed one; None if that is not remembered."""
        turn = self.chat.recent.get(self.node.id)
        if turn is None:
            return self._changed_since_kept
        if self.session.asker.asked_of.get(turn, self.setup.endpoint) != self.setup.endpoint:
            return True
        return _settings(turn.request) != _settings(self.request)

    @property
    def _elsewhere(self) -> bool:
        """Whether another server or model would be asked."""
        turn = self.chat.recent.get(self.node.id)
        if turn is None:
            return self._saved_record is not None and self._kept_target != (self._address, self.request.model)
        base_url = self.session.asker.asked_of.get(turn, self.setup.endpoint).base_url
        return (base_url, turn.request.model) != self.setup.target

    # ---- after a reload: from the stored exchange -----------------------------------------------------------

    @cached_property
    def _saved_record(self) -> ExchangeRecord | None:
        record = self.session.exchanges.record(self.node.id)
        return record if record and record.body and record.last_try and not record.cut else None

    @property
    def _address(self) -> str:
        return self.setup.endpoint.url(wire.path(self.request))

    @property
    def _kept_target(self) -> tuple[str, str]:
        record = self._saved_record
        url = record.last_try.url if record and record.last_try else ""
        return url, text(fields(record.body if record else None).get("model"))

    @property
    def _changed_since_kept(self) -> bool | None:
        record = self._saved_record
        if record is None:
            return None
        if self._kept_target != (self._address, self.request.model):
            return True
        sent = fields(record.body)
        return (_prompt(sent), _without_rounds(sent)) != (_prompt(self.body), _without_rounds(self.body))

    # ---- elsewhere ----------------------------------------------------------------------------------------

    def _other_model(self) -> list[str]:
        """Another model: the successor, one with a similar name, or the default."""
        setup, failed = self.setup, self.node.message.model or self.setup.model
        if setup.connection.is_local:
            return []
        successor = setup.listing.successor(setup.listing.find(failed))
        near = get_close_matches(failed, setup.models, 2, _ALIKE)
        found = [successor.id if successor else "", *near, setup.default_model, *setup.models[:2]]
        return [model for model in found if model and model not in (failed, setup.model)][:1]

    def _other_address(self) -> list[str]:
        """The intended address, as far as the failure tells."""
        base_url = self.setup.endpoint.base_url.rstrip("/")
        if not (self.setup.connection.takes_address and base_url):
            return []
        if self.failure.kind == "WrongScheme":
            return list(_other_scheme(base_url, self.failure.title))
        if self.failure.kind == "Redirected":
            target = self.failure.detail.partition("\n")[0].removeprefix(Redirected.POINTS_TO)
            other = endpoint_base(target)
            return [other] if other and other != base_url and not address_problem(other) else []
        if self.failure.kind == "ResponsesOnly":
            return [Endpoint(base_url).url("responses")]
        return [other] if (other := instead_of(base_url)) else []


def _other_scheme(base_url: str, title: str) -> Iterator[str]:
    """The address with the scheme that its server speaks; http only for a local server."""
    scheme, _, rest = base_url.partition("://")
    if scheme == "http" and title == WrongScheme.title:
        yield f"https://{rest}"
    elif scheme == "https" and title != WrongScheme.title and is_near(base_url):
        yield f"http://{rest}"


def _settings(request: ChatRequest) -> tuple[object, ...]:
    """The settings of a request that the visitor can change without touching its messages."""
    body = wire.payload(replace(request, messages=request.messages[:1]))
    first = request.messages[0] if request.messages else None
    prompt = first.content if first and first.role == "system" else ""
    settings = _without_rounds(body)
    try:
        return request.learned, prompt, encode(settings)
    except APIError:
        return request.learned, prompt, repr(settings)


def _prompt(body: Mapping[str, JSON]) -> JSON:
    """The system prompt, if it is sent as the first message."""
    first = next(iter(objects(body.get("messages"))), {})
    return first.get("content") if first.get("role") in ("system", "developer") else None


def _without_rounds(body: Mapping[str, JSON]) -> dict[str, JSON]:
    """The fields without those that differ between rounds."""
    return {name: value for name, value in body.items() if name not in _ROUNDS_OWN}
