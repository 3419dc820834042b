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
# The price of a cache write as a multiple of the input price, where the list gives none (Anthropic's prices).
_CACHE_WRITE = 1.25
# fields of a body that count as input tokens, besides the messages
_DESCRIBED = ("tools", "functions", "response_format", "text")


@dataclass(frozen=True)
class Price:
    """Prices in US dollars per million tokens; None: not known. `others`: prices of other kinds of token, where
    known.
    """

    into: float | None = None
    out: float | None = None
    others: Mapping[PriceKind, float] = field(default_factory=dict, hash=False)

    @property
    def free(self) -> bool:
        return self.into == 0 and self.out == 0

    def of(self, kind: PriceKind) -> float | None:
        """The price of one kind of token: the price of ordinary text where that kind has none of its own."""
        if kind in self.others:
            return self.others[kind]
        if kind in ("out", "audio out"):
            return self.out
        return self.into * _CACHE_WRITE if kind == "cache write" and self.into is not None else self.into

    def amount(self, tokens: Mapping[PriceKind, int]) -> float:
        """The cost in US dollars of these counts of tokens by kind; a kind without a price is not counted."""
        return sum(count * (self.of(kind) or 0.0) for kind, count in tokens.items()) / MILLION


@dataclass(frozen=True)
class Sum:
    """The total cost of several answers. `pending`: part of it will only be known later."""

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
        """The total in US dollars; None if no answer has a price."""
        return None if self.unpriced == self.answers else self.reported + self.estimated

    @property
    def exact(self) -> bool:
        return not (self.estimated or self.unpriced or self.pending)


# ---- tokens -----------------------------------------------------------------------------------------------


def tokens_in(messages: Iterable[Message], model: str = "") -> int:
    """Estimate the tokens of a transcript as it is sent to a model."""
    sent = list(wire.sendable(messages))
    shown = [media for message in sent if message.role != "assistant" for media in message.media]
    seen = sum(pictures.tokens_of(media, model) for media in shown if media.kind == "image")
    return sum(4 + tokens(_sent_text(message)) for message in sent) + seen


def definition_tokens(body: Mapping[str, JSON]) -> int:
    """Estimate the tokens of the tools and the schema in a body: they are sent with every transcript."""
    return sum(tokens(json.dumps(body[name], ensure_ascii=False)) for name in _DESCRIBED if body.get(name))


def _sent_text(message: Message) -> str:
    text = wire.thinking(message)[1] if message.role == "assistant" else message.content
    calls = "".join(call.name + call.arguments for call in message.tool_calls)
    return text + calls + "".join(media.text for media in message.media if not media.url)


def tokens_out(message: Message) -> int:
    """Estimate the tokens of an answer, including its reasoning."""
    calls = "".join(call.name + call.arguments for call in message.tool_calls)
    return tokens(message.content + message.reasoning + message.refusal + calls)


def counted(message: Message) -> tuple[int | None, bool]:
    """The pair (tokens of an answer, whether the server reported them); None if neither can be told."""
    out, text = reported(message.usage).out, tokens_out(message)
    if out or (not text and message.usage and message.usage.completion_tokens is not None):
        return out or 0, True
    return text or None, False


def speed(message: Message) -> float | None:
    """Tokens per second after the first one. Hidden reasoning came before the first token and is not counted."""
    out, _ = counted(message)
    thoughts = message.usage.reasoning_tokens or 0 if message.usage else 0
    hidden = 0 if wire.thinking(message)[0] else thoughts
    return message.timing.tokens_per_second(None if out is None else out - hidden)


# ---- money ------------------------------------------------------------------------------------------------


def estimate(price: Price | None, request: ChatRequest, message: Message, *others: Message) -> float | None:
    """The cost of an answer by its price; None if the price is unknown or the request was never sent. `others`: the
    other choices, where several were requested (n > 1).
    """
    if price is None or price.into is None or price.out is None:
        return None
    usage = reported(message.usage)
    if message.state == "failed" and _nothing_came(message):
        return None  # a refused request costs nothing; whether a broken one does is unknown
    if not price.free and any(media.kind == "image" for media in message.media):
        return None  # audio tokens cost several times as much as text, and price lists do not say how much
    into = usage.into or tokens_in(request.messages, request.model) + definition_tokens(wire.payload(request))
    return price.amount(usage.by_price(into, usage.out or sum(map(tokens_out, (message, *others)))))


def _nothing_came(message: Message) -> bool:
    """Whether there is no text, no reasoning and no token count."""
    return message.empty and not message.reasoning and reported(message.usage) == NOTHING


def ahead(price: Price | None, into: int) -> float | None:
    """The cost of sending this many tokens, without the answer to them."""
    return None if price is None or price.into is None else into * price.into / MILLION


def usd(message: Message) -> float | None:
    """The cost of an answer in US dollars: as reported, otherwise estimated; None if unknown. A reported 0 means
    free.
    """
    return message.cost if message.cost is not None else message.estimate


def add(total: Sum, message: Message, *, pending: bool = False) -> Sum:
    """The sum with one more answer. An answer that failed empty, or was stopped at no cost, is not counted."""
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
    """Format an amount: $12.35, $0.0124, $0.000031. Two decimals, or three significant digits if it is small."""
    if usd == 0 or usd >= 1:
        return f"${abs(usd):,.2f}"
    return f"${usd:.{_decimals(usd)}f}".rstrip("0").ljust(5, "0")


def cents(usd: float) -> str:
    """Format an amount in cents: 312 cents, 1 cent, 0.0124 cents. Whole, or three significant digits if it is
    small.
    """
    count = 100 * usd
    digits = f"{count:,.0f}" if count >= 100 else f"{count:.{_decimals(count)}f}"
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"{digits} cent" if digits == "1" else f"{digits} cents"


def _decimals(usd: float) -> int:
    """The number of decimals, 2 to 9, that shows three significant digits."""
    digits = 2
    while usd * 10**digits < 100 and digits < 9:
        digits += 1
    return digits


def words(message: Message, *, pending: bool = False) -> str:
    """The cost of an answer as text: $0.0012 as reported, ~$0.0012 as estimated; "" if it is unknown, and for a
    request that was refused, which costs nothing.
    """
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
