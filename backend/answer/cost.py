"""Money and tokens: what was reported, what can be estimated, what is not known. Nothing here asks a server.

A reported number is a fact, an estimate says that it is one, and what is unknown is None and never 0. Tokens of
texts are estimated (backend/tokens.py), pictures are counted by the rule of the model's maker. Sounds and documents
that are sent as files are NOT counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from backend.answer.usage import NOTHING, reported
from backend.attachments import pictures
from backend.protocol import wire
from backend.tokens import tokens
from backend.types import JSON, ChatRequest, Message, PriceKind

MILLION = 1_000_000
# What writing into a cache costs where the list does not say it: 1.25 times a token in (Anthropic's prices).
_CACHE_WRITE = 1.25
_DESCRIBED = ("tools", "functions", "response_format", "text")  # what a model reads of a body besides the messages


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens; None: not known. `others`: for what is no ordinary text, where it is known."""

    into: float | None = None
    out: float | None = None
    others: Mapping[PriceKind, float] = field(default_factory=dict, hash=False)

    @property
    def free(self) -> bool:
        return self.into == 0 and self.out == 0

    def of(self, kind: PriceKind) -> float | None:
        """Of one kind of token; where that has no price of its own, as ordinary text."""
        if kind in self.others:
            return self.others[kind]
        if kind in ("out", "audio out"):
            return self.out
        return self.into * _CACHE_WRITE if kind == "cache write" and self.into is not None else self.into

    def amount(self, tokens: Mapping[PriceKind, int]) -> float:
        """US dollars of so many tokens of each kind; what has no price costs nothing here."""
        return sum(count * (self.of(kind) or 0.0) for kind, count in tokens.items()) / MILLION


@dataclass(frozen=True)
class Sum:
    """What a number of answers cost together. `pending`: some of it will be known later."""

    reported: float = 0.0
    estimated: float = 0.0
    unpriced: int = 0  # answers whose cost is unknown
    answers: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    guessed: bool = False  # some tokens are estimates
    pending: bool = False

    @property
    def usd(self) -> float | None:
        """None where not a single answer has a price."""
        return None if self.unpriced == self.answers else self.reported + self.estimated

    @property
    def exact(self) -> bool:
        return not (self.estimated or self.unpriced or self.pending)


# ---- tokens -----------------------------------------------------------------------------------------------


def tokens_in(messages: Iterable[Message], model: str = "") -> int:
    """About how many tokens a transcript is as it is sent to a model."""
    sent = list(wire.sendable(messages))
    shown = [media for message in sent if message.role != "assistant" for media in message.media]
    seen = sum(pictures.tokens_of(media, model) for media in shown if media.kind == "image")
    return sum(4 + tokens(_sent(message)) for message in sent) + seen


def described(body: Mapping[str, JSON]) -> int:
    """About how many tokens the tools and the schema of a body are: they go out with every transcript."""
    return sum(tokens(json.dumps(body[name], ensure_ascii=False)) for name in _DESCRIBED if body.get(name))


def _sent(message: Message) -> str:
    text = wire.thinking(message)[1] if message.role == "assistant" else message.content
    calls = "".join(call.name + call.arguments for call in message.tool_calls)
    return text + calls + "".join(media.text for media in message.media if not media.url)


def tokens_out(message: Message) -> int:
    """About how many tokens an answer is, its reasoning included."""
    calls = "".join(call.name + call.arguments for call in message.tool_calls)
    return tokens(message.content + message.reasoning + message.refusal + calls)


def counted(message: Message) -> tuple[int | None, bool]:
    """(tokens of an answer, whether that was reported). None where there is nothing to go by."""
    out, text = reported(message.usage).out, tokens_out(message)
    if out or (not text and message.usage and message.usage.completion_tokens is not None):
        return out or 0, True
    return text or None, False


def speed(message: Message) -> float | None:
    """Tokens a second after the first one. Thoughts that nobody was shown came before it, and are not counted."""
    out, _ = counted(message)
    thoughts = message.usage.reasoning_tokens or 0 if message.usage else 0
    hidden = 0 if wire.thinking(message)[0] else thoughts
    return message.timing.tokens_per_second(None if out is None else out - hidden)


# ---- money ------------------------------------------------------------------------------------------------


def estimate(price: Price | None, request: ChatRequest, message: Message, *others: Message) -> float | None:
    """What an answer costs by its price; None where the price is not known, or the request never left. `others`:
    what came beside it, where several were asked for (n > 1)."""
    if price is None or price.into is None or price.out is None:
        return None
    said = reported(message.usage)
    if message.state == "failed" and _nothing_came(message):
        return None  # a refused request costs nothing, one that broke perhaps: that is unknown
    if not price.free and any(media.kind == "image" for media in message.media):
        return None  # its tokens cost several times those of text, and the lists of prices do not say how much
    into = said.into or tokens_in(request.messages, request.model) + described(wire.payload(request))
    return price.amount(said.by_price(into, said.out or sum(map(tokens_out, (message, *others)))))


def _nothing_came(message: Message) -> bool:
    """Not a word, a thought or a count of tokens."""
    return message.empty and not message.reasoning and reported(message.usage) == NOTHING


def ahead(price: Price | None, into: int) -> float | None:
    """What sending so many tokens costs, the answer to them not counted."""
    return None if price is None or price.into is None else into * price.into / MILLION


def usd(message: Message) -> float | None:
    """What an answer cost in US dollars: as reported, else as estimated; None: not known. A reported 0 is free."""
    return message.cost if message.cost is not None else message.estimate


def add(total: Sum, message: Message, *, pending: bool = False) -> Sum:
    """The sum with one more answer; one that failed with nothing in it, or was stopped at no cost, is none."""
    amount = usd(message)
    if (message.state, amount) in (("failed", None), ("stopped", 0.0)) and _nothing_came(message):
        return total
    into, (out, known) = reported(message.usage).into, counted(message)
    return replace(
        total,
        reported=total.reported + (message.cost or 0.0),
        estimated=total.estimated + (0.0 if message.cost is not None else message.estimate or 0.0),
        unpriced=total.unpriced + (amount is None),
        answers=total.answers + 1,
        tokens_in=total.tokens_in + (into or 0),
        tokens_out=total.tokens_out + (out or 0),
        guessed=total.guessed or not known or into is None,
        pending=total.pending or pending,
    )


# ---- in words ---------------------------------------------------------------------------------------------


def dollars(usd: float) -> str:
    """$12.35, $0.0124, $0.000031: two decimals, or three digits of what is small."""
    if usd == 0 or usd >= 1:
        return f"${abs(usd):,.2f}"
    return f"${usd:.{_decimals(usd)}f}".rstrip("0").ljust(5, "0")


def cents(usd: float) -> str:
    """312 cents, 1 cent, 0.0124 cents, 0 cents: whole, or with three digits of what is small."""
    count = 100 * usd
    digits = f"{count:,.0f}" if count >= 100 else f"{count:.{_decimals(count)}f}"
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"{digits} cent" if digits == "1" else f"{digits} cents"


def _decimals(usd: float) -> int:
    """Enough for three digits that are not 0, between 2 and 9."""
    digits = 2
    while usd * 10**digits < 100 and digits < 9:
        digits += 1
    return digits


def words(message: Message, *, pending: bool = False) -> str:
    """The cost of an answer: $0.0012 as reported, ~$0.0012 by its price; "" when it is unknown, and for a request
    that was refused, which costs nothing."""
    if message.cost is not None:
        return dollars(message.cost)
    if message.state == "failed" and message.empty and message.estimate is None:
        return ""
    if message.estimate == 0:
        return "no cost"
    guess = "" if message.estimate is None else f"~{dollars(message.estimate)}"
    if pending:
        return f"{guess} (pending)" if guess else "cost pending"
    return guess
