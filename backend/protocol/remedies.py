"""What can be left out of a rejected request, so that the same question may be accepted.

    for remedy in remedies(message.failure, body):
        remedy.learned.apply(body)  # never equal to `body`

The fields that an error names (`param`, `loc`) have precedence, then the meaning of its message
(backend/data/errors.toml), then field names in the message. Without any of these, everything that was set is left
out.
It does NOT explain errors: that is backend/errors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from backend.errors import DETAIL_LIMIT
from backend.errors.body import fields_in
from backend.errors.signs import Sign, flattened, plain_code, said_in
from backend.protocol.learned import CONVERSATIONS, KEPT, MADE_OF, PROMPTS, Learned, unknown_below
from backend.types import JSON, Failure
from backend.untrusted import objects

Kind = Literal[
    "without", "instead", "bare", "fold_system", "no_stream", "no_images", "strict_alternation", "filled"
]
MOST = 3  # remedies that are offered
# Errors about what is in a request. Others go away by themselves, or lie elsewhere.
REFUSALS = ("BadRequest", "BadInput", "ServerTrouble", "NotForGuests", "ToolCallFailed", "AnswerNotJSON")
_PROVIDERS_OWN = (
    "BadRequest",
    "ServerTrouble",
    "ToolCallFailed",
    "AnswerNotJSON",
)  # their titles and hints are words of ours
TOO_MUCH = ("ContextTooLong", "TooLarge")
# Fields whose names are English words: believed only in quotes. Those that no sentence has by chance are not.
_NO_WORDS = ("temperature", "seed", "logprobs", "modalities", "messages")
# 'n', [n], "parameter: n", "n: must be": a name that is marked as one.
_QUOTED = re.compile(
    r"(?<!role )'([a-z_][a-z0-9_]*)(?=['.\[])"
    r"|(?<= )\[([a-z_][a-z0-9_]*)\]|(?:\A|; )([a-z_][a-z0-9_]*)(?=[.a-z0-9_]*: )"
    r"|(?:parameter|argument)s?\b[^':;]{0,60}: ([a-z_][a-z0-9_]*)\Z"  # "Argument not supported on this model: stop"
    r"|(?:param|parameter|field|argument|supplied|key|property|input)s?:? (?=([a-z_][a-z0-9_]*))"
)
# "messages.1.content.0.cache_control: Extra inputs are not permitted", where no field of the error has it.
_PATHS = re.compile(r"\b(?:messages|input|system)(?:\.[A-Za-z0-9_]+|\[[0-9]+\])+")
_NAMES = re.compile(r"[a-z_][a-z0-9_]*")
_LENGTHS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_TWINS = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}  # a server knows one of them
_UNKNOWN = re.compile(
    r"unsupported|not supported|unrecognized|unknown|unexpected|not permitted|extraneous|extra_forbidden"
)
_OF_A_TOOL = ("type", "function", "name", "parameters", "description")
_PAGES_OWN = (
    "stream",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    *PROMPTS,
)  # never left out unasked: they are what the page is for
_NO_PICTURES = Learned(no_images=True)


@dataclass(frozen=True)
class Remedy:
    """A change that is remembered as learned; `field` is the one that is left out, or the name in place of the
    refused one; "" for another kind."""

    kind: Kind
    learned: Learned
    field: str = ""


def remedies(failure: Failure, body: Mapping[str, JSON], required: frozenset[str] = frozenset()) -> list[Remedy]:
    """What may help, the most likely first: each changes what would be sent. `required` is never left out."""
    found: dict[Learned, Remedy] = {}
    for remedy in _candidates(failure, body):
        if remedy.learned not in found and remedy.learned.apply(body, required) != body:
            found[remedy.learned] = remedy
    if not found and failure.kind == "BadRequest" and not _about_messages(failure):
        bare = _bare(body, required)
        found = {bare.learned: bare} if bare.learned.without else {}
    return list(found.values())[:MOST]


def _about_messages(failure: Failure) -> bool:
    """It lies in the messages, or in something known: the settings are not to blame."""
    paths = [*fields_in(_parsed(failure.body)), *_PATHS.findall(failure.detail)]
    signs = (sign for sign in said_in(failure.detail) if sign.error == "BadRequest")
    return any(path.startswith(CONVERSATIONS) for path in paths) or any(sign.remedy or sign.hint for sign in signs)


def _bare(body: Mapping[str, JSON], required: frozenset[str]) -> Remedy:
    """Everything left out that was set, or added by this app."""
    optional = frozenset(body) - KEPT - required - set(_PAGES_OWN)
    return Remedy("bare", Learned(optional)) if len(optional) > 1 else without(*optional)


def _candidates(failure: Failure, body: Mapping[str, JSON]) -> Iterator[Remedy]:
    if failure.kind in TOO_MUCH:
        yield Remedy("no_images", _NO_PICTURES)
        text = flattened(failure.detail)
        yield from (without(name) for name in _LENGTHS if name in text or "completion" in text)
    if failure.kind not in REFUSALS:
        return
    text = failure.detail if failure.kind in _PROVIDERS_OWN else f"{failure.title} {failure.detail}"
    paths = [*fields_in(_parsed(failure.body)), *_PATHS.findall(text)]
    named = [path for path in paths if path.split(".")[0].split("[")[0] in body]
    yield from _under_another_name(flattened(text), body)
    yield from filter(None, (_at(path, body) for path in named))
    yield from (remedy for sign in said_in(text) for remedy in _of_sign(sign))
    yield from (_without_field(name) for name in _fields_named(flattened(text), body))


def _under_another_name(text: str, body: Mapping[str, JSON]) -> Iterator[Remedy]:
    """A field that the server does not know, under the other name for the same."""
    for name in _fields_named(text, body) if _UNKNOWN.search(text) else ():
        if (other := _TWINS.get(name)) and other not in body:
            yield Remedy("instead", Learned(instead=frozenset({(name, other)})), other)


def without(*names: str) -> Remedy:
    """One field left out."""
    return Remedy("without", Learned(frozenset(names)), next(iter(names), ""))


def _of_sign(sign: Sign) -> Iterator[Remedy]:
    match sign.remedy:
        case "fold_system":
            yield Remedy("fold_system", Learned(fold_system=True))
        case "no_stream":
            yield Remedy("no_stream", Learned(no_stream=True))
        case "no_images":
            yield Remedy("no_images", _NO_PICTURES)
        case "filled":
            yield Remedy("filled", Learned(filled=True))
        case "strict_alternation":  # templates say the same of a system prompt that they do not know
            yield Remedy("strict_alternation", Learned(strict_alternation=True))
            yield Remedy("fold_system", Learned(fold_system=True))
    yield from map(without, sign.fields)


def _at(path: str, body: Mapping[str, JSON]) -> Remedy | None:
    """A field by the path that the server gives ("stream_options.include_usage", "messages[0].name")."""
    steps = ["*" if step.isdigit() else step for step in re.split(r"[.\[\]]+", path) if step]
    name, last = steps[0], steps[-1]
    if name == "stream":
        return Remedy("no_stream", Learned(no_stream=True))
    if name in CONVERSATIONS or (name in PROMPTS and len(steps) > 2):
        return _below(name, steps)
    if name == "tools" and "*" in steps and last not in ("*", *_OF_A_TOOL):
        return without(".".join(steps))
    return _without_field(name)


def _below(place: str, steps: list[str]) -> Remedy | None:
    """A field of messages. One that every server knows is not at fault, its content is."""
    last = steps[-1]
    if last == "name" and len(steps) > 2 and not {"tool_calls", "function"} & set(steps):
        return without(f"{place}.*.name")  # of who speaks, which is no part of what is said
    return None if len(steps) < 3 or last == "*" or last in MADE_OF else without(f"{place}.**.{last}")


def _without_field(name: str) -> Remedy:
    """A field left out; a system prompt goes another way."""
    return Remedy("fold_system", Learned(fold_system=True)) if name in PROMPTS else without(name)


def _fields_named(text: str, body: Mapping[str, JSON]) -> list[str]:
    """The fields of a body, and those inside its messages, whose names are in a text, however they are spelt
    (top_k, topK)."""
    quoted = {plain_code(name) for names in _QUOTED.findall(text) for name in names if name}
    bare = set(map(plain_code, _NAMES.findall(text)))

    def is_named(name: str) -> bool:
        plain = plain_code(name)
        return plain in quoted or (("_" in name or name in _NO_WORDS) and plain in bare)

    below = {f"{place}.**.{name}": name for place in CONVERSATIONS for name in unknown_below(body.get(place))}
    if "messages" in text and any("name" in message for message in objects(body.get("messages"))):
        below["messages.*.name"] = "name"  # of the speaker
    return [
        *(name for name in body if name not in KEPT and name != "stream" and is_named(name)),
        *(path for path, name in below.items() if is_named(name)),
    ]


def _parsed(body: str) -> object:
    try:
        return json.loads(body[:DETAIL_LIMIT])
    except (ValueError, RecursionError):
        return None
