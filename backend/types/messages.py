"""Messages, their content, and the request for the next one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

Role = Literal["system", "developer", "user", "assistant", "tool"]
MediaKind = Literal["image", "audio", "file"]
# The endpoints a conversation can be sent to: /chat/completions, Anthropic's /messages, OpenAI's /responses.
WireFormat = Literal["chat", "messages", "responses"]
# The parts of an answer: a block of `reasoning_details`, some of its text, a tool call.
OrderKind = Literal["thought", "text", "call"]
State = Literal["running", "done", "stopped", "failed", "interrupted"]
# How a token is billed: cached ones, and sound, have prices of their own.
PriceKind = Literal["in", "cached", "cache write", "audio in", "out", "audio out"]
# Any JSON value, of any shape. One from outside is read with backend/untrusted.py.
JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]
# The words of each Literal, for what is read from outside (backend/untrusted.py: one_of).
ROLES: tuple[Role, ...] = get_args(Role)
MEDIA_KINDS: tuple[MediaKind, ...] = get_args(MediaKind)
WIRE_FORMATS: tuple[WireFormat, ...] = get_args(WireFormat)
ORDER_KINDS: tuple[OrderKind, ...] = get_args(OrderKind)
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True)
class ToolCall:
    """A function that the model calls. `arguments` is the model's own text: often JSON, never trusted.

    `extra` holds unknown fields of the call unchanged (Gemini's thought signature); those of
    its function are under "function". They are sent back with the call.
    """

    id: str
    name: str
    arguments: str
    extra: Mapping[str, JSON] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Usage:
    """Token counts as the server reported them; `raw` is the whole object."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    raw: Mapping[str, JSON] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Citation:
    """A web page that an answer refers to, or, with the URL "", a document by its name. Both are the provider's
    text: check a URL before making a link.
    """

    url: str
    title: str = ""


@dataclass(frozen=True)
class Media:
    """A picture, a sound or a document: attached to a question, or inside an answer.

    `url` is a data: URI or an https address, unchanged; "" for a document of which only the text is sent.
    `text` is its text or transcript, if known. `detail` (low, high, auto) is the resolution at which a
    model should see a picture, "" if not set. `encoding` is that of a text file ("Windows-1251
    (Cyrillic)"), "" for UTF-8 and for other files.
    """

    kind: MediaKind
    url: str = ""
    text: str = ""
    name: str = ""
    detail: str = ""
    encoding: str = ""


@dataclass(frozen=True)
class Timing:
    """Seconds since the request was sent, on a monotonic clock."""

    first_token: float | None = None
    total: float | None = None

    def tokens_per_second(self, completion_tokens: int | None) -> float | None:
        """Generation speed: tokens after the first, divided by the time after it; None if that is too short."""
        if not completion_tokens or completion_tokens < 2 or self.first_token is None or self.total is None:
            return None
        elapsed = self.total - self.first_token
        return (completion_tokens - 1) / elapsed if elapsed >= 0.1 else None


@dataclass(frozen=True)
class Token:
    """A piece of an answer and the natural logarithm of its probability; and the alternatives, with theirs."""

    text: str
    logprob: float
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Failure:
    """The error of a message, in stored form (see errors.APIError).

    `body` is the raw reply. `retry_after`: the seconds that the server asked to wait.
    """

    title: str
    hint: str = ""
    detail: str = ""
    request_id: str = ""
    kind: str = ""
    body: str = ""
    retry_after: float | None = None


@dataclass(frozen=True)
class Message:
    """One message of a conversation.

    `content` is the raw text, `<think>` marks included: `thinking()` separates them for display.
    `reasoning_details` are the provider's own blocks (OpenRouter, Gemini), unchanged. `state`, `failure`, `timing`,
    `cost` tell how an assistant's answer ended; they are never sent. `cost` was reported; `estimate` is calculated
    from the tokens with the prices of that day. `by_hand`: it answers a request whose body was edited by hand.
    `continued_at`: where in `content` the model went on with an answer that was cut off. `unreadable`: the number
    of pieces that could not be parsed: their content is missing. `reasoning_field` is where the reasoning came in
    (`reasoning_content`, `reasoning`), "" when not said; `extra` holds fields of the answer that are not known
    here, as they came: a provider may want both back in a tool loop. `server` tells, as a digest of its address,
    which server gave the answer: what a model thought goes back to the same one only. `order`: how thoughts, text
    and calls took turns (backend/protocol/order.py): places among the thoughts and calls, characters of the text;
    () where it was thoughts, text, calls.
    """

    role: Role
    content: str = ""
    name: str | None = None
    reasoning: str = ""
    refusal: str = ""
    reasoning_details: tuple[Mapping[str, JSON], ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    citations: tuple[Citation, ...] = ()
    media: tuple[Media, ...] = ()
    finish_reason: str | None = None
    usage: Usage | None = None
    cost: float | None = None
    model: str | None = None
    state: State = "done"
    failure: Failure | None = None
    timing: Timing = Timing()
    request_id: str = ""
    logprobs: tuple[Token, ...] = ()
    estimate: float | None = None
    by_hand: bool = False
    continued_at: tuple[int, ...] = ()
    unreadable: int = 0
    reasoning_field: str = ""
    extra: Mapping[str, JSON] = field(default_factory=dict)
    server: str = ""
    order: tuple[tuple[OrderKind, int], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it contains nothing worth keeping: no text, no refusal, no call, no media."""
        return not (self.content.strip() or self.refusal or self.tool_calls or self.media)


@dataclass(frozen=True)
class Tool:
    """A function for the model: name, description and a JSON schema of its arguments."""

    name: str
    description: str
    parameters: Mapping[str, JSON]


class Refusals(Protocol):
    """What a server rejected before (backend.protocol.learned.Learned)."""

    def apply(self, body: Mapping[str, JSON], required: frozenset[str] = frozenset()) -> dict[str, JSON]:
        """A body without it, except what is required."""
        ...


@dataclass(frozen=True)
class Dialect:
    """How one provider wants a request written; which one: backend/protocol/dialects.py. The defaults are OpenAI's
    chat completions, which most servers take.

    `blocks`: the shape of pictures, tools, calls and results: OpenAI's, or Anthropic's content blocks.
    `links`: a picture may be an address; else only its data can be sent. `answered_pictures`: a picture in an
    answer goes along with the next question.
    `system`: how a system prompt goes: as a message of that role, as a field beside the messages, or folded into
    the first question. `developer`: messages of a developer are taken beside those of the system.
    `strict_turns`: question and answer alternate, and a question comes first.
    `calls_as_text`: the model knows no tool calls, so those of other models are told in words.
    `call_ids`: what the id of a call may look like, as a regular expression; others are replaced.
    `result_names`: a tool's result names the tool. `returns_reasoning`: what was thought before a call goes back
    as long as the model works on the same question. `keeps_reasoning`: in a conversation with tools it goes back
    with later questions too, `keeps_always`: in any conversation; every answer has this field then.
    `marked_thoughts`: thoughts between marks in a text stay in it. `unknown_fields`: fields that this app does not
    know go back too; else reasoning goes back in its documented field only. `unsigned`: what the provider takes in
    place of a signature, with calls of this loop that it did not sign. `prefix`: an answer to go on with is marked.
    `names`: fields of chat completions that are called otherwise. `caching`: `cache_control` is taken.
    `adds`: fields that are sent unless they are set; `required`: those without which nothing is
    answered. `without`: fields that are not sent, and why, in words.
    `streaming_only`: fields that are sent with a stream only. `reasons`: a sentence for each difference.
    """

    format: WireFormat = "chat"
    blocks: Literal["openai", "claude"] = "openai"
    links: bool = True
    answered_pictures: bool = True
    system: Literal["message", "parameter", "folded"] = "message"
    developer: bool = True
    strict_turns: bool = False
    calls_as_text: bool = False
    call_ids: str = r".+"
    result_names: bool = False
    returns_reasoning: bool = True
    keeps_reasoning: str = ""
    keeps_always: bool = False
    marked_thoughts: bool = False
    unsigned: Mapping[str, JSON] = field(default_factory=dict)
    unknown_fields: bool = True
    prefix: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    caching: bool = False
    adds: Mapping[str, JSON] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    without: Mapping[str, str] = field(default_factory=dict)
    streaming_only: frozenset[str] = frozenset({"stream_options"})
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChatRequest:
    """What is asked: the one object from which sending, showing and exporting are made.

    `parameters` holds wire names and values, only those that were set; `extra` is merged over the body last.
    `dialect` is how the provider wants all of it written. `raw` is a whole body: sent as it is, in place of
    everything else here. It was edited by hand, or, with `again`, it is what was sent before. `learned` is taken
    out of the rest last, whichever field here it comes from. `server`: the digest of the address that is asked.
    """

    model: str
    messages: tuple[Message, ...]
    parameters: Mapping[str, JSON] = field(default_factory=dict)
    tools: tuple[Tool, ...] = ()
    tool_choice: str | None = None
    response_format: Mapping[str, JSON] | None = None
    stream: bool = True
    extra: Mapping[str, JSON] = field(default_factory=dict)
    dialect: Dialect = Dialect()
    raw: Mapping[str, JSON] | None = None
    learned: Refusals | None = None
    again: bool = False
    server: str = ""
