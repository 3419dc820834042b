"""The order of reasoning, text and calls in an answer: they may alternate, and Anthropic and OpenAI's Responses
require the original order when they are sent back.

    pieces(message)  ->  [("thought", {...}), ("text", "I look."), ("thought", {...}), ("call", ToolCall(...))]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from backend.types import JSON, Message, OrderKind, ToolCall

PAUSED = "pause_turn"  # Anthropic's finish_reason: a long server-side step continues when it is sent back
_THOUGHTS = ("thinking", "redacted_thinking")
_OF_CLAUDE = ("_tool_use", "_tool_result")  # suffixes of its blocks for server-side steps
# suffixes of items for server-side steps
_OF_RESPONSES = ("_call", "_call_output", "mcp_list_tools", "mcp_approval_request")
_NO_STEPS = (  # items that are converted elsewhere
    "message",
    "reasoning",
    "function_call",
    "image_generation_call",
    "search_results",
)
LIMIT = 1_000  # maximum of pieces whose order is stored
Piece = (
    tuple[Literal["thought"], Mapping[str, JSON]] | tuple[Literal["text"], str] | tuple[Literal["call"], ToolCall]
)
_USUAL: tuple[OrderKind, ...] = ("thought", "text", "call")


def is_step(block: Mapping[str, JSON]) -> bool:
    """Whether a block of `reasoning_details` is no reasoning, but a server-side step of the provider."""
    kind = block.get("type")
    return isinstance(kind, str) and kind not in _THOUGHTS and not kind.startswith("reasoning")


def steps(message: Message) -> list[str]:
    """The names of the provider's server-side steps in this answer, with repetitions; no results."""
    blocks = [block for block in message.reasoning_details if is_step(block)]
    names = [str(block.get("name") or block.get("type")) for block in blocks if _is_beginning(block)]
    return [name.removesuffix("_call") for name in names]


def _is_beginning(block: Mapping[str, JSON]) -> bool:
    return not str(block.get("type")).endswith(("_result", "_output", "_error"))


def is_a_block(block: Mapping[str, JSON]) -> bool:
    """Whether Anthropic accepts this block back: reasoning, and every step that is not known to be an item of
    Responses.
    """
    kind = block.get("type")
    return kind in _THOUGHTS or (is_step(block) and not str(kind).endswith(_OF_RESPONSES))


def is_an_item(block: Mapping[str, JSON]) -> bool:
    """Whether OpenAI's Responses accept this item back: every step that is not known to be an Anthropic block."""
    kind = block.get("type")
    return is_step(block) and kind not in _NO_STEPS and not str(kind).endswith(_OF_CLAUDE)


class Order:
    """The order of a growing answer. Reasoning blocks and calls are counted as they begin."""

    def __init__(self) -> None:
        self._pieces: list[tuple[OrderKind, int]] = []
        self._steps: set[int] = set()

    def goes_on(self, message: Message) -> None:
        """Begin with the order of a message without calls."""
        self._pieces = [piece for piece in message.order if piece[0] != "call"]
        self._steps = {place for place, block in enumerate(message.reasoning_details) if is_step(block)}
        if not self._pieces:
            self._pieces = [("thought", place) for place in range(len(message.reasoning_details))]
            self.text(len(message.content))

    def text(self, characters: int) -> None:
        """Record that this many characters of text arrived."""
        if characters and self._pieces and self._pieces[-1][0] == "text":
            self._pieces[-1] = ("text", self._pieces[-1][1] + characters)
        elif characters:
            self._add("text", characters)

    def note_thought(self, place: int, block: Mapping[str, JSON]) -> None:
        """Record that a block with this index began. A server-side step stays behind the text."""
        if is_step(block):
            self._steps.add(place)
        self._add("thought", place)

    def call(self, number: int) -> None:
        """Record that the call with this number began."""
        self._add("call", number)

    def _add(self, kind: OrderKind, number: int) -> None:
        if len(self._pieces) <= LIMIT:
            self._pieces.append((kind, number))

    def whole(self, places: Sequence[int]) -> tuple[tuple[OrderKind, int], ...]:
        """The order so far, () for the usual one: reasoning, text, calls. `places`: the current index of each
        call.
        """
        ordered = tuple((kind, places[number] if kind == "call" else number) for kind, number in self._pieces)
        if len(ordered) > LIMIT:
            return ()
        ordered = self._thoughts_first(ordered)
        kinds = [_USUAL.index(kind) for kind, _ in ordered]
        return () if kinds == sorted(kinds) else ordered

    def _thoughts_first(self, ordered: tuple[tuple[OrderKind, int], ...]) -> tuple[tuple[OrderKind, int], ...]:
        """Move reasoning at the very end to the front: some servers send it at the end of a stream, and no
        provider accepts an answer that ends with it.
        """
        end = len(ordered)
        while end and ordered[end - 1][0] == "thought" and ordered[end - 1][1] not in self._steps:
            end -= 1
        return ordered[end:] + ordered[:end]


def pieces(message: Message, text: str) -> Iterator[Piece]:
    """The content of a message in order. `text` is its text: if that differs from its content (reasoning marks
    were removed, it was edited), reasoning comes first and calls last.
    """
    order = message.order if _fits(message, text) else ()
    ordered = {(kind, place) for kind, place in order}
    details, calls = message.reasoning_details, message.tool_calls
    yield from (("thought", detail) for place, detail in enumerate(details) if ("thought", place) not in ordered)
    if not order:
        yield ("text", text)
    start = 0
    for kind, number in order:
        if kind == "text":
            piece = text[start : start + number]
            yield ("text", piece.lstrip("\n") if start else piece)  # the blank line is only for display
            start += number
        elif kind == "thought" and number < len(details):
            yield ("thought", details[number])
        elif kind == "call" and number < len(calls):
            yield ("call", calls[number])
    yield from (("call", call) for place, call in enumerate(calls) if ("call", place) not in ordered)


def _fits(message: Message, text: str) -> bool:
    """Whether the order belongs to this text, and names nothing twice."""
    numbers = [number for kind, number in message.order if kind == "text"]
    places = [piece for piece in message.order if piece[0] != "text"]
    return message.content == text and sum(numbers) == len(text) and len(set(places)) == len(places)
