"""What can be left out of a rejected request, so that the same question may be accepted.

    for remedy in remedies(message.failure, body):
        remedy.learned.apply(body)  # never equal to `body`

The fields that an error names (`param`, `loc`) have precedence, then the meaning of its message
(backend/data/errors.toml), then field names in the message. Without any of these, everything that was set is
removed. It does NOT explain errors: that is backend/errors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from backend.errors import DETAIL_LIMIT
from backend.errors.body import fields_in
from backend.errors.signs import Sign, flattened, plain_code, said_in
from backend.protocol.learned import CONVERSATIONS, KEPT, MADE_OF, PROMPTS, Learned, unknown_below
from backend.types import JSON, Failure
from backend.untrusted import objects

Kind = Literal[
    "without",
    "instead",
    "bare",
    "fold_system",
    "no_stream",
    "no_images",
    "strict_alternation",
    "filled",
    "thoughts",
    "no_prefill",
]
MOST = 3  # remedies that are offered
# Kinds of errors that a change of the request may prevent.
REFUSALS = ("BadRequest", "BadInput", "ServerTrouble", "NotForGuests", "ToolCallFailed", "AnswerNotJSON")
# Kinds whose titles and hints are texts of this app: only the detail is the provider's.
_PROVIDERS_OWN = (
    "BadRequest",
    "ServerTrouble",
    "ToolCallFailed",
    "AnswerNotJSON",
)
TOO_MUCH = ("ContextTooLong", "TooLarge")
# Names without an underscore that hardly occur in a sentence by chance. Any other such name counts only if quoted.
_NO_WORDS = ("temperature", "seed", "logprobs", "modalities", "messages")
# A name in a form that marks it as one: 'n', [n], "parameter: n", "n: must be".
_QUOTED = re.compile(
    r"(?<!role )'([a-z_][a-z0-9_]*)(?=['.\[])|\binvalid ([a-z_][a-z0-9_]*)(?=: |\.)"
    r"|(?<= )\[([a-z_][a-z0-9_]*)\]|(?:\A|; )([a-z_][a-z0-9_]*)(?=[.a-z0-9_]*: )"
    r"|(?:parameter|argument)s?\b[^':;]{0,60}: ([a-z_][a-z0-9_]*)\Z"  # "Argument not supported on this model: stop"
    r"|(?:param|parameter|field|argument|supplied|key|property|input)s?:? (?=([a-z_][a-z0-9_]*))"
)
# A path in the message of an error: "messages.1.content.0.cache_control: Extra inputs are not permitted".
_PATHS = re.compile(r"\b(?:messages|input|system|tools)(?:\.[A-Za-z0-9_]+|\[[0-9]+\])+")
_NAMES = re.compile(r"[a-z_][a-z0-9_]*")
_LENGTHS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
# Two names of one field: a server may accept only one of them.
_TWINS = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}
_UNKNOWN = re.compile(
    r"unsupported|not supported|unrecognized|unknown|unexpected|not permitted|extraneous|extra_forbidden"
)
_OF_A_TOOL = ("type", "function", "name", "parameters", "description")
_SCHEMAS = ("parameters", "input_schema")  # of a tool: nothing inside of them is removed
# Not removed with all other settings: a page is about them.
_PAGES_OWN = (
    "stream",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    *PROMPTS,
)
_NO_PICTURES = Learned(no_images=True)


@dataclass(frozen=True)
class Remedy:
    """A change of the request, to be remembered as `learned`. `field`: the removed field, or the new name of a
    renamed one; "" for other kinds.
    """

    kind: Kind
    learned: Learned
    field: str = ""


def remedies(failure: Failure, body: Mapping[str, JSON], required: frozenset[str] = frozenset()) -> list[Remedy]:
    """At most MOST changes that may prevent the error, the most likely first. Each changes the body; `required`
    fields are never removed.
    """
    by_change: dict[Learned, Remedy] = {}
    for remedy in _candidates(failure, body):
        if remedy.learned not in by_change and remedy.learned.apply(body, required) != body:
            by_change[remedy.learned] = remedy
    if not by_change and failure.kind == "BadRequest" and not _about_messages(failure):
        bare = _bare(body, required)
        by_change = {bare.learned: bare} if bare.learned.without else {}
    return list(by_change.values())[:MOST]


def _about_messages(failure: Failure) -> bool:
    """Whether the error is about the messages, or has a known cause: then the settings are not its cause."""
    paths = _paths(failure, failure.detail)
    signs = (sign for sign in said_in(failure.detail) if sign.error == "BadRequest")
    return any(path.startswith(CONVERSATIONS) for path in paths) or any(sign.remedy or sign.hint for sign in signs)


def _bare(body: Mapping[str, JSON], required: frozenset[str]) -> Remedy:
    """Remove every optional field, set by the visitor or added by this app."""
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
    in_body = [path for path in map(partial(_path_in_body, body), _paths(failure, text)) if path]
    in_a_message = any(path.startswith(CONVERSATIONS) and path not in CONVERSATIONS for path in in_body)
    signs = list(said_in(text))
    if any(sign.remedy == "thoughts" for sign in signs):  # the field in its message is the missing one
        yield Remedy("thoughts", Learned(thoughts=True))
        return
    yield from _under_another_name(flattened(text), body)
    yield from filter(None, (_at(path, body) for path in in_body))
    yield from (remedy for sign in signs for remedy in _of_sign(sign))
    names = _fields_named(flattened(text), body)
    yield from (_without_field(name) for name in names if "." in name or not in_a_message)


def _paths(failure: Failure, text: str) -> list[str]:
    """The paths in a request that an error names, in fields of its own and in its text."""
    return [*fields_in(_parsed(failure.body)), *_PATHS.findall(text)]


def _path_in_body(body: Mapping[str, JSON], path: str) -> str:
    """A path as one in this body, "" if it is in none: OpenAI gives those of `/responses` (text.verbosity,
    reasoning.effort)."""
    if path.split(".")[0].split("[")[0] in body:
        return path
    return next((name for name in (path.rpartition(".")[2], path.replace(".", "_")) if name in body), "")


def _under_another_name(text: str, body: Mapping[str, JSON]) -> Iterator[Remedy]:
    """Rename a field that the server does not know, if it has another name."""
    for name in _fields_named(text, body) if _UNKNOWN.search(text) else ():
        if (other := _TWINS.get(name)) and other not in body:
            yield Remedy("instead", Learned(instead=frozenset({(name, other)})), other)


def without(*names: str) -> Remedy:
    """Remove these fields; the first one names the remedy."""
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
        case "no_prefill":
            yield Remedy("no_prefill", Learned(no_prefill=True))
        case "strict_alternation":  # chat templates report an unsupported system prompt with the same message
            yield Remedy("strict_alternation", Learned(strict_alternation=True))
            yield Remedy("fold_system", Learned(fold_system=True))
    yield from map(without, sign.fields)


def _at(path: str, body: Mapping[str, JSON]) -> Remedy | None:
    """The remedy for the path in an error ("stream_options.include_usage", "messages[0].name"); None for none."""
    steps = ["*" if step.isdigit() else step for step in re.split(r"[.\[\]]+", path) if step]
    name, last = steps[0], steps[-1]
    if name == "stream":
        return Remedy("no_stream", Learned(no_stream=True))
    if name in CONVERSATIONS or (name in PROMPTS and len(steps) > 2):
        return _below(name, steps)
    if name == "tools" and "*" in steps and last not in ("*", *_OF_A_TOOL) and not {*steps} & {*_SCHEMAS}:
        return without(".".join(steps))
    return _without_field(name)


def _below(place: str, steps: list[str]) -> Remedy | None:
    """Remove a field of messages; None for a field that every server accepts: then its content is the cause."""
    last = steps[-1]
    if last == "name" and len(steps) > 2 and not {"tool_calls", "function"} & set(steps):
        return without(f"{place}.*.name")  # the name of the speaker, which is no content
    return None if len(steps) < 3 or last == "*" or last in MADE_OF else without(f"{place}.**.{last}")


def _without_field(name: str) -> Remedy:
    """Remove a field; a system prompt is moved into the first question instead."""
    return Remedy("fold_system", Learned(fold_system=True)) if name in PROMPTS else without(name)


def _fields_named(text: str, body: Mapping[str, JSON]) -> list[str]:
    """The fields of a body, and the paths of fields inside its messages, whose names occur in a text, in any
    spelling (top_k, topK).
    """
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
