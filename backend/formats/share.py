"""A chat as a link: model, parameters, system prompt and optionally messages, compressed into its address.

No server stores it. A link gives away everything in it to everybody who has it, so it is searched for keys
first (`secrets_in`). Never in a link: a key, a server's address, headers, pictures, documents, reasoning. The
content of a link is untrusted: `decode` makes it well-formed, NOT true or harmless. docs/formats.md describes it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import segno

from backend.formats import link_lanes, link_messages, links
from backend.formats.link_fields import id_of, list_of, object_of, short, string_of
from backend.formats.link_messages import TOOLS
from backend.invisible import hidden_words
from backend.keys import scanner
from backend.parameters import PARAMETERS, Parameter
from backend.protocol import wire
from backend.types import JSON, Message, Tool
from backend.untrusted import Object, Unreadable, clean_json
from backend.untrusted import fields as object_fields

# Measured on Streamlit 1.67 (uvicorn, h11): an address of 80,000 characters is answered, Chromium opens one of
# 70,000, at 130,000 the server drops the connection. Proxies have lower limits: nginx accepts 8 KB for the request
# line.
LIMIT = 8_000  # characters of a whole link
QR_LIMIT = 2_900  # bytes; the largest QR code holds 2,953
MESSAGES = 1_000
TITLE = 200  # characters
BRIEF = 40  # characters of a parameter's value that are shown with its name
_LARGEST = 2**53 - 1  # the largest whole number a browser's number field holds


@dataclass(frozen=True)
class Shared:
    """The content of a link. `parameters` are by wire name, as typed in the panel; `dropped` were unusable.

    `lanes` of a race, the overrides of each; its question is the only message then. `experiment` and
    `suite` are set-ups of the Compare page as backend/compare writes them: read them there before they are used."""

    model: str = ""
    system_prompt: str = ""
    parameters: Mapping[str, JSON] = field(default_factory=dict)
    streaming: bool = True
    messages: tuple[Message, ...] = ()
    tools: tuple[Tool, ...] = ()
    title: str = ""
    dropped: tuple[str, ...] = ()
    lanes: tuple[link_lanes.Lane, ...] = ()
    blind: bool = False
    experiment: Mapping[str, JSON] = field(default_factory=dict)
    suite: Mapping[str, JSON] = field(default_factory=dict)


# ---- what is shared --------------------------------------------------------------------------------------


def text_only(transcript: Iterable[Message]) -> tuple[Message, ...]:
    """A transcript as it goes into a link: text and calls. Messages with neither are left out, but every call keeps
    its result.
    """
    messages = (
        Message(
            role=message.role,
            content=_content(message),
            name=message.name,
            tool_calls=tuple(replace(call, extra=short(call.extra)) for call in message.tool_calls),
            tool_call_id=message.tool_call_id,
            extra=short(message.extra),
        )
        for message in transcript
        if message.state != "running"
    )
    return tuple(message for message in messages if message.role == "tool" or not message.empty)


def _unknown(message: Message) -> list[Object]:
    return [message.extra, *(call.extra for call in message.tool_calls)]


def _content(message: Message) -> str:
    if message.role != "assistant":
        return message.content
    return wire.thinking(message)[1] or message.refusal


def left_out(transcript: Sequence[Message]) -> list[str]:
    """Descriptions of what is left out of a transcript."""
    ended = [message for message in transcript if message.state != "running"]
    media = sum(len(message.media) for message in ended)
    thought = sum(bool(wire.thinking(message)[0]) for message in ended if message.role == "assistant")
    going = text_only(ended)
    empty = len(ended) - len(going)
    fields = sum(len(extra) - len(short(extra)) for message in ended for extra in _unknown(message))
    pieces = [
        _count(media, "attachment", "attachments"),
        _count(thought, "block of reasoning", "blocks of reasoning"),
    ]
    pieces += [_count(fields, "long field of a provider (a signature)", "long fields of a provider (signatures)")]
    pieces += [_count(empty, "message without words", "messages without words")]
    return [piece for piece in pieces if piece] + ["the answer that is being written"] * (
        len(ended) < len(transcript)
    )


def summary(shared: Shared) -> list[str]:
    """Descriptions of what it contains besides the model, piece by piece."""
    set_here = [parameter for parameter in PARAMETERS if parameter.name in shared.parameters]
    pieces = [_parameter_text(parameter, shared.parameters[parameter.name]) for parameter in set_here]
    pieces += [] if shared.streaming else ["answers in one piece"]
    pieces += ["a system prompt"] if shared.system_prompt.strip() else []
    pieces.append(_count(len(shared.lanes), "lane", "lanes"))
    pieces.append(_count(len(shared.messages), "message", "messages"))
    fields = sum(len(extra) for message in shared.messages for extra in _unknown(message))
    pieces.append(_count(fields, "field of a provider in them", "fields of a provider in them"))
    pieces.append(_count(len(shared.tools), "tool description", "tool descriptions"))
    return [piece for piece in pieces if piece]


def _parameter_text(parameter: Parameter, value: JSON) -> str:
    label = parameter.label.lower()
    if isinstance(value, bool):
        return f"{label} {'on' if value else 'off'}"
    if isinstance(value, list):
        return f"{label} ({len(value)})"
    if isinstance(value, int | float):
        return f"{label} {value:g}" if isinstance(value, float) else f"{label} {value}"
    return f"{label} {value}" if isinstance(value, str) and len(value) <= BRIEF else label


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}" if number else ""


# ---- what must not be ----------------------------------------------------------------------------------


def secrets_in(shared: Shared, known: Iterable[str] = ()) -> list[str]:
    """Where something looks like a key: `the system prompt: an API key (sk-...)`. Empty: a link may be made.

    `known` are the keys in use here: each is found literally, even if it does not look like a key.
    """
    keys = [key for key in known if key]
    return [f"{place}: {kind}" for place, text in _texts(shared) for kind in scanner.keys_in(text, keys)]


def hidden_words_in(shared: Shared) -> str:
    """What is written in it in characters that nobody sees, "" for nothing."""
    return next(filter(None, (hidden_words(text) for _, text in _texts(shared))), "")


def _texts(shared: Shared) -> Iterator[tuple[str, str]]:
    """Every text that is shared, with the name of its place."""
    yield "the model's name", shared.model
    yield "the title", shared.title
    yield "the system prompt", shared.system_prompt
    yield "the parameters", links.compact(shared.parameters)
    for number, lane in enumerate(shared.lanes, 1):
        yield f"lane {number}", "\n".join(_strings(lane))
    yield "the experiment", "\n".join(_strings_in(shared.experiment))
    yield "the suite", "\n".join(_strings_in(shared.suite))
    for number, message in enumerate(shared.messages, 1):
        yield f"message {number}", message.content
        yield f"the name in message {number}", f"{message.name or ''}\n{message.tool_call_id or ''}"
        for call in message.tool_calls:
            yield f"a tool call in message {number}", f"{call.id}\n{call.name}\n{call.arguments}"
        for extra in filter(None, _unknown(message)):
            yield f"a field of a provider in message {number}", links.compact(extra)
    for number, tool in enumerate(shared.tools, 1):
        yield f"tool {number}", f"{tool.name}\n{tool.description}\n{links.compact(tool.parameters)}"


def _strings(lane: link_lanes.Lane) -> list[str]:
    """The texts unescaped, and the parameters as JSON: an escape must not hide a key."""
    return [value if isinstance(value, str) else links.compact(value) for value in lane.values()]


def _strings_in(value: object) -> Iterator[str]:
    """All texts of a value, unescaped, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from (str(name), *_strings_in(item))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings_in(item)


# ---- the link -------------------------------------------------------------------------------------------


def payload(shared: Shared) -> dict[str, JSON]:
    """The content of a link as JSON: only fields that are set."""
    fields = {
        "model": shared.model,
        "system_prompt": shared.system_prompt,
        "parameters": dict(shared.parameters),
        "title": shared.title,
        "lanes": [dict(lane) for lane in shared.lanes],
        "blind": shared.blind,
        "experiment": dict(shared.experiment),
        "suite": dict(shared.suite),
        "messages": [link_messages.as_json(message) for message in shared.messages],
        "tools": [
            {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
            for tool in shared.tools
        ],
    }
    members: dict[str, object] = {name: value for name, value in fields.items() if value}
    return dict(object_fields(clean_json(members if shared.streaming else {**members, "stream": False})))


def encode(shared: Shared) -> str:
    """The text of a link. Look for secrets first."""
    return links.pack(payload(shared))


def decode(text: str) -> Shared:
    """The content of a link. Raises Unreadable with a message for the visitor for anything that `encode` did not
    make.

    A parameter that this playground does not know is left out; one out of range is named in `dropped`.
    """
    item = object_of(links.unpack(text))
    parameters, dropped = _parameters(object_of(item.get("parameters", {})))
    experiment, suite = (
        object_fields(clean_json(object_of(item.get(name, {})))) for name in ("experiment", "suite")
    )
    if experiment and suite:
        raise Unreadable(links.ODD)
    return Shared(
        model=id_of(item.get("model", "")),
        system_prompt=string_of(item.get("system_prompt", "")),
        parameters=parameters,
        streaming=item.get("stream") is not False,
        messages=tuple(link_messages.message(entry) for entry in list_of(item.get("messages", []), MESSAGES)),
        tools=tuple(link_messages.tool(entry) for entry in list_of(item.get("tools", []), TOOLS)),
        title=string_of(item.get("title", ""))[:TITLE],
        dropped=dropped,
        lanes=link_lanes.read(item.get("lanes", []), 1 if suite else link_lanes.FEWEST),
        blind=item.get("blind") is True,
        experiment=experiment,
        suite=suite,
    )


def fits(link: str) -> bool:
    """Whether every server and proxy on the way accepts an address of this length."""
    return len(link) <= LIMIT


def qr(link: str) -> bytes | None:
    """The link as a QR code (PNG); None if it is too long for one."""
    if len(link.encode()) > QR_LIMIT:
        return None
    picture = io.BytesIO()
    segno.make(link, error="l", micro=False).save(picture, kind="png", scale=4, border=4)
    return picture.getvalue()


# ---- reading untrusted links-----------------------------------------------------------------------------


def _parameters(values: Object) -> tuple[dict[str, JSON], tuple[str, ...]]:
    """The usable values, and a sentence for each unusable one."""
    parameters: dict[str, JSON] = {}
    dropped: list[str] = []
    for parameter in PARAMETERS:
        try:
            value = parameter.parse(clean_json(values.get(parameter.name)))
        except ValueError as error:
            dropped.append(str(error))
            continue
        if isinstance(value, int) and value > _LARGEST:
            dropped.append(f"{parameter.label} is too large.")
        elif value is not None:
            parameters[parameter.name] = value
    return parameters, tuple(dropped)
