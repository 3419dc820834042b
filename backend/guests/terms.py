"""The terms for guests on the owner's key: how much, which models, how long an answer.

Numbers and rules only. The usage is in backend/guests/ledger.py; the consequences are in
backend/guests/metering.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Literal

from backend.catalog import Listing, ModelInfo
from backend.errors import APIError
from backend.parameters import PARAMETERS
from backend.protocol import wire
from backend.types import JSON, ChatRequest, WireFormat
from backend.untrusted import fields, string

Who = Literal["guest", "all"]
Unit = Literal["messages", "tokens", "usd"]
Window = Literal["minute", "day"]
MICROS = 1_000_000  # money is counted in millionths of a US dollar: whole numbers add up exactly
CHOICES = 2  # answers at once, at most

# (who, what, period) -> the default limit. What is absent has no limit of its own.
_DEFAULTS: dict[tuple[Who, Unit, Window], float] = {
    ("guest", "messages", "minute"): 5,
    ("guest", "messages", "day"): 20,
    ("guest", "tokens", "day"): 100_000,
    ("guest", "usd", "day"): 0.20,
    ("all", "messages", "minute"): 30,
    ("all", "messages", "day"): 300,
    ("all", "tokens", "day"): 1_000_000,
    ("all", "usd", "day"): 2.0,
}
_MOST = 10**15
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
# The fields for the length and the number of answers.
LENGTHS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
# Which of them each format reads: another one would be ignored, and the answer would have no limit.
_LENGTHS_READ: Mapping[WireFormat, tuple[str, ...]] = {
    "chat": LENGTHS[:2],
    "messages": LENGTHS[:1],
    "responses": LENGTHS[2:],
}
_COUNTS = ("n", "best_of")
# An unknown field could cost anything ("models" names fallbacks): guests may send known ones only.
_OPEN = frozenset(parameter.field for parameter in PARAMETERS) | {
    *("model", "messages", "stream", "stream_options", "tools", "tool_choice", "parallel_tool_calls"),
    *("response_format", "system", *LENGTHS, *_COUNTS),
    *("input", "instructions", "text", "store", "include"),  # in the Responses format
}


class NotForGuests(APIError):
    """Something that the owner keeps for himself or herself."""

    title = "This is not open to guests."
    hint = "Change it, or use a key of your own: then nothing is limited."
    side = "you"


@dataclass(frozen=True)
class Limit:
    """At most this much. `most` is in messages, tokens or millionths of a dollar."""

    who: Who
    unit: Unit
    window: Window
    most: int


@dataclass(frozen=True)
class GuestPolicy:
    """The policy of one installation. `models` are globs, empty: every model; prices per million tokens."""

    limits: tuple[Limit, ...] = ()
    max_tokens: int = 2_048
    models: tuple[str, ...] = ()
    price_limit: float | None = 15.0
    addresses: bool = False
    # days that a browser is known after its last visit, and a conversation is kept after its last message
    days: int = 14

    def limit(self, who: Who, unit: Unit, window: Window) -> int | None:
        """The limit; None: no limit."""
        return next(
            (found.most for found in self.limits if (found.who, found.unit, found.window) == (who, unit, window)),
            None,
        )


def terms(setting: Callable[[str], str], model: str = "") -> GuestPolicy:
    """The configured terms. `model` is the owner's default, which is always allowed."""
    globs = tuple(word.lower() for word in re.split(r"[\s,;\[\]'\"]+", setting("PLAYGROUND_GUEST_MODELS")) if word)
    plain = GuestPolicy()
    length = _amount(setting("PLAYGROUND_GUEST_MAX_TOKENS"), plain.max_tokens)
    return GuestPolicy(
        limits=tuple(_limits(setting)),
        max_tokens=max(1, int(length)) if length is not None else plain.max_tokens,
        models=(*globs, model.lower()) if globs else (),
        price_limit=_amount(setting("PLAYGROUND_GUEST_PRICE_LIMIT"), plain.price_limit),
        addresses=setting("PLAYGROUND_GUEST_ADDRESSES").lower() in ("1", "true", "yes", "on"),
        days=_days(setting("PLAYGROUND_GUEST_DAYS"), plain.days),
    )


def _limits(setting: Callable[[str], str]) -> Iterator[Limit]:
    """Parse PLAYGROUND_GUEST_MESSAGES_PER_DAY=20, PLAYGROUND_ALL_USD_PER_DAY=2 and so on; "none" removes a
    limit.
    """
    whos: tuple[Who, ...] = ("guest", "all")
    units: tuple[Unit, ...] = ("messages", "tokens", "usd")
    windows: tuple[Window, ...] = ("minute", "day")
    for who in whos:
        for unit in units:
            for window in windows:
                name = f"PLAYGROUND_{who}_{unit}_per_{window}".upper()
                most = _amount(setting(name), _DEFAULTS.get((who, unit, window)))
                if most is not None:
                    yield Limit(who, unit, window, int(min(_MOST, most * (MICROS if unit == "usd" else 1))))


def is_amount(typed: str) -> bool:
    """Whether it is a valid amount: a number that is not negative, or "none"."""
    return typed.lower() == "none" or _number(typed) is not None


def _amount(typed: str, default: float | None) -> float | None:
    """A number that is not negative, None for "none"; the default if it is empty or invalid."""
    if typed.lower() == "none":
        return None
    number = _number(typed)
    return default if number is None else number


def _number(typed: str) -> float | None:
    """The value of 0.5, $0.50 or 100,000; None if it is not a valid amount."""
    plain = typed.removeprefix("$").strip()
    try:
        number = float(plain.replace(",", "") if _THOUSANDS.fullmatch(plain) else plain)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _days(typed: str, default: int) -> int:
    """Whole days from one to a year: browsers keep no cookie much longer, and nothing is kept for ever."""
    days = _amount(typed, default)
    return default if days is None else int(min(365, max(1, days)))


# ---- which model ----------------------------------------------------------------------------------------


def is_listed(model: ModelInfo, terms: GuestPolicy) -> bool:
    """Whether the owner's list of models includes it."""
    names = [name.lower() for name in model.names]
    return not terms.models or any(fnmatchcase(name, glob) for name in names for glob in terms.models)


def too_dear(model: ModelInfo, terms: GuestPolicy) -> bool:
    return terms.price_limit is not None and _price(model) > terms.price_limit


def offered_listing(listing: Listing, terms: GuestPolicy) -> Listing:
    """The models that guests may choose from."""
    known = tuple(model for model in listing.known if is_listed(model, terms) and not too_dear(model, terms))
    return Listing(known, listing.unit_prices)


def _price(model: ModelInfo) -> float:
    """The higher of the prices in and out, per million tokens; 0 if unknown."""
    return max(model.price_in or 0.0, model.price_out or 0.0)


def model_problem(model: ModelInfo, terms: GuestPolicy, *, priced: bool = False) -> str:
    """Why guests may not use this model on the owner's key; "" if they may.

    `priced`: the server publishes prices, so that a missing price does not mean a free model.
    """
    if not is_listed(model, terms):
        return f"{model.id} is not among the models that are open to guests here."
    if too_dear(model, terms):
        return (
            f"{model.id} costs up to ${_price(model):g} per million tokens. Guests have models up to "
            f"${terms.price_limit:g} here."
        )
    unknown = model.price_in is None and model.price_out is None
    if priced and unknown and terms.price_limit is not None and not _is_named(model, terms):
        return f"Nobody says what {model.id} costs, so it is not open to guests here."
    return ""


def _is_named(model: ModelInfo, terms: GuestPolicy) -> bool:
    """Whether the owner listed this very model, or nearly."""
    return any(glob.strip("*/") and is_listed(model, replace(terms, models=(glob,))) for glob in terms.models)


# ---- what is asked of it --------------------------------------------------------------------------------


def fitted(request: ChatRequest, terms: GuestPolicy, model: ModelInfo | None = None) -> ChatRequest:
    """The request limited to what guests may have: the number and the length of answers. Raises NotForGuests for
    anything else.

    The change is shown beside the control (components/guests/meter.py), and in the request that is displayed.
    """
    body = wire.payload(request)
    closed = sorted(set(body) - _OPEN)
    if closed:
        raise NotForGuests(title=f"“{closed[0][:60]}” is not open to guests.")
    if (hosted := _hosted(body.get("tools"))) is not None:
        raise NotForGuests(title=f"A tool that the provider runs (“{hosted[:60]}”) is not open to guests.")
    limits = _lengths(body, terms, request, model) | _counts(body)
    strays = {name for name in LENGTHS if name in body and name not in limits}
    if not strays and all(_within(body.get(name), most) for name, most in limits.items()):
        return request
    changes = {name: body[name] if _within(body.get(name), most) else most for name, most in limits.items()}
    others = {*LENGTHS, *changes}
    if request.raw is not None:
        return replace(request, raw=_without(request.raw, others) | changes)
    parameters = _without(request.parameters, others) | changes
    return replace(request, parameters=parameters, extra=_without(request.extra, others))


def _lengths(
    body: Mapping[str, JSON], terms: GuestPolicy, request: ChatRequest, model: ModelInfo | None
) -> dict[str, int]:
    """The fields that limit the length of this answer, and the maximum for each."""
    read = [name for name in _LENGTHS_READ[request.dialect.format] if body.get(name) is not None]
    known = [name for name in read if model is None or model.lists(name) is not False]
    return dict.fromkeys(known or [_length_name(request, model)], terms.max_tokens)


def _counts(body: Mapping[str, JSON]) -> dict[str, int]:
    return {name: CHOICES for name in _COUNTS if body.get(name) is not None}


def _hosted(tools: JSON) -> str | None:
    """The kind of the first hosted tool, None if all are functions: hosted tools (web search, code, pictures,
    other servers) are billed per use, and may read what the owner stores at the provider.
    """
    for tool in tools if isinstance(tools, list) else [tools] if tools else []:
        kind = string(fields(tool).get("type") or "function")
        name = fields(tool).get("name") or fields(fields(tool).get("function")).get("name")
        if kind not in ("function", "custom") or not string(name):
            return kind
    return None


def _without(given: Mapping[str, JSON], names: Collection[str]) -> dict[str, JSON]:
    return {name: value for name, value in given.items() if name not in names}


def _length_name(request: ChatRequest, model: ModelInfo | None) -> str:
    """The field in which this model takes a limit, if the request sets none. Raises NotForGuests for a model
    that refused both before: without a limit an answer could cost anything.
    """
    own = [request.dialect.names.get(name, name) for name in _LENGTHS_READ[request.dialect.format]]
    learned, required = request.learned, request.dialect.required
    taken = [name for name in own if learned is None or learned.apply({name: 1}, required)]
    if not taken:
        raise NotForGuests(title="This model takes no limit of length, so it is not open to guests.")
    if model and model.lists(LENGTHS[0]) is False and model.lists(LENGTHS[1]) and LENGTHS[1] in taken:
        return LENGTHS[1]
    return taken[0]


def _within(value: JSON, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most
