"""Measures what one request takes from a budget: the maximum, the amount so far, and the final one. metering.py
records it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from backend import errors
from backend.answer.cost import Price
from backend.answer.usage import NOTHING, Reported, reported
from backend.errors import APIError
from backend.guests.ledger import Amount
from backend.guests.terms import CHOICES, LENGTHS, MICROS
from backend.guests.token_bounds import (
    BYTES_PER_TOKEN_CAUTIOUS,
    BYTES_PER_TOKEN_TYPICAL,
    DATA,
    PICTURE,
    least_prompt_tokens,
    prompt_tokens,
    size,
)
from backend.protocol import wire
from backend.transport import bills
from backend.types import (
    AudioDelta,
    ChatRequest,
    CostReported,
    Event,
    MediaReceived,
    ReasoningDelta,
    RefusalDelta,
    ResponseStarted,
    Retrying,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReported,
)
from backend.untrusted import integer

# Tokens per second of hidden reasoning before the first token or instead of one, and the seconds for which a
# server is silent anyway.
_THINKS, _SILENT = 100, 2.0
# Errors that cost nothing: the server refused, or was never reached.
_FREE = (
    *(errors.KeyMissing, errors.KeyRefused, errors.OutOfCredit, errors.Forbidden, errors.ModelNotFound),
    *(errors.AddressNotFound, errors.BadRequest, errors.ContextTooLong, errors.TooLarge, errors.RateLimited),
    *(errors.ContentFiltered, errors.LimitUsedUp),
    *(errors.ServerTrouble, errors.ConnectionFailed, errors.CertificateRefused, errors.Redirected, errors.BadInput),
)


class Meter:
    """The use of one request: the maximum, so far, and in the end."""

    def __init__(self, request: ChatRequest, price: Price, clock: Callable[[], float] = time.monotonic) -> None:
        body = wire.payload(request)
        self._price = price
        self._clock, self._began = clock, clock()
        self._first: float | None = None  # when visible output arrived
        self._prompt = prompt_tokens(body)
        self._least = least_prompt_tokens(body)
        self._replies = 0  # how often the server began to answer: a retry after that is charged again
        self._bytes = 0
        self._sound = 0  # bytes equivalent to the tokens of received sound
        self._pictures = 0
        self._usage: Usage | None = None
        self._usd: float | None = None
        self._free = False
        self._left = False  # it was stopped or timed out: the server may have worked on it nevertheless
        longest = max((integer(body.get(name)) or 0 for name in LENGTHS), default=0)
        choices = max(min(CHOICES, integer(body.get(name)) or 0) for name in ("n", "best_of"))
        self._longest = longest * max(1, choices)
        self.worst = self._amount(self._prompt, self._longest)

    def take(self, event: Event) -> None:
        match event:
            case ResponseStarted():
                self._replies += 1
            case Retrying(after):
                self._began = self._clock() + after
            case TextDelta(text) | ReasoningDelta(text) | RefusalDelta(text):
                self._bytes += size(text)
            case ToolCallDelta():
                self._bytes += size(event.name) + size(event.arguments)
            case AudioDelta():
                self._sound += len(event.data) * BYTES_PER_TOKEN_CAUTIOUS // DATA
                self._bytes += size(event.text)
            case MediaReceived():
                self._pictures += 1
            case UsageReported(usage):
                self._usage = usage
            case CostReported(usd):
                # A bill of 0 is ignored, unless the model is known to be free: then the estimate is 0 too.
                self._usd = usd if 0 < usd <= bills.HIGHEST else None
        if self._first is None and self._has_output:
            self._first = self._clock()

    def failed(self, error: APIError) -> None:
        """Note an error. Before any output it is free if the server refused; otherwise the answer was cut off."""
        self._free = isinstance(error, _FREE) and not (self._has_output or self._usage or self._usd)
        self._left = not self._free

    def note_stop(self) -> None:
        self._left = True

    @property
    def _has_output(self) -> bool:
        return bool(self._bytes or self._sound or self._pictures)

    @property
    def amount(self) -> Amount:
        """The amount used as far as it is known: the larger of what was reported and what was counted.

        Servers report 0 tokens, or leave out the prompt or the reasoning: that does not make a request free.
        """
        if self._free or not (self._replies or self._has_output or self._left):
            return Amount()
        usage = reported(self._usage)
        counted = -(-(self._bytes + self._sound) // BYTES_PER_TOKEN_CAUTIOUS) + PICTURE * self._pictures
        # A reported count is accepted down to a lower bound; an unreported one is estimated upwards.
        into = max(usage.into, self._least) if usage.into else self._prompt
        out = max(usage.out, self._bytes // BYTES_PER_TOKEN_TYPICAL) if usage.out else counted + self._unseen_tokens
        before = self._prompt * max(0, self._replies - 1)  # attempts that the server had begun to answer
        return self._amount(into + before, out, self._usd, usage)

    @property
    def _unseen_tokens(self) -> int:
        """Billed tokens of an interrupted answer that never arrived: hidden reasoning, and a non-streamed answer
        that was incomplete.
        """
        if not self._left:
            return 0
        silent = (self._clock() if self._first is None else self._first) - self._began - _SILENT
        return min(self._longest, max(0, int(_THINKS * silent)))

    def _amount(self, into: int, out: int, usd: float | None = None, said: Reported = NOTHING) -> Amount:
        if usd is None:
            usd = self._price.amount(said.by_price(into, out))
        return Amount(1, into + out, math.ceil(usd * MICROS))
