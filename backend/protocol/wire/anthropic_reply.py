"""Replies of Anthropic's `/messages`: its events, or a whole message, as chunks of chat completions.

Format: https://docs.claude.com/en/docs/build-with-claude/streaming. Requests: anthropic_request.py.
"""

from __future__ import annotations

import json

from backend.types import JSON
from backend.untrusted import Object, fields, items, object_list, string

# Finish reasons in terms of chat completions; any other one is passed on unchanged.
_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


class MessagesReader:
    """Reads one reply. Reasoning is joined with its signature: it has to be sent back in one piece."""

    def __init__(self) -> None:
        self._usage: dict[str, JSON] = {}
        self._thoughts: dict[int, dict[str, list[str]]] = {}  # by index: the pieces of its fields
        self._thought_at: int | None = None  # the index of the last reasoning block
        self._own: dict[int, tuple[dict[str, JSON], list[str]]] = {}  # by index: the input of unknown blocks
        self._said_in: int | None = None  # the index of the last text block
        self._before_text = False  # whether a block of another kind followed it

    def chunk(self, event: Object) -> Object:
        """One event as a chunk. Anything else is returned unchanged."""
        place = event.get("index")
        place = place if isinstance(place, int) else 0
        match event.get("type"):
            case "message_start":
                return {**_delta({}), "usage": self._usage_so_far(fields(event.get("message")))}
            case "content_block_start":
                delta = self._block_start(fields(event.get("content_block")), place)
                return _deltas([self._unfinished_blocks(but=place), delta])
            case "content_block_delta":
                return _delta(self._piece(fields(event.get("delta")), place))
            case "content_block_stop":
                return _delta(self._finished_thought(place) or self._done_by_itself(place))
            case "message_delta":
                ended = string(fields(event.get("delta")).get("stop_reason"))
                reason = _REASONS.get(ended, ended) or None
                chunk = _deltas([self._unfinished_blocks()], reason)
                return {**chunk, "usage": self._usage_so_far(event), "meta": event.get("meta")}
            case "message":
                return self._whole(event)
            case "message_stop" | "ping":
                return {**_delta({}), "meta": event.get("meta")}
        return event

    def _whole(self, message: Object) -> Object:
        content = message.get("content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else object_list(content)
        deltas = [self._block(block, place) for place, block in enumerate(blocks)]
        ended = string(message.get("stop_reason"))
        chunk = _deltas(deltas, _REASONS.get(ended, ended) or None)
        return {**chunk, "usage": self._usage_so_far(message), "meta": message.get("meta")}

    def _block(self, block: Object, place: int) -> dict[str, JSON]:
        """A whole block, with its citations."""
        match block.get("type"):
            case "tool_use":
                return {"tool_calls": [_call(block, place, _arguments_text(block))]}
            case "thinking" | "redacted_thinking":
                self._before_text = True
                thought = self._thought_piece(block.get("thinking"), place)
                return {"reasoning_content": thought, "reasoning_details": [dict(block)]}
            case str(kind) if kind != "text":
                self._before_text = True
                return {"reasoning_details": [dict(block)]}
        return {
            "content": self._text_piece(block.get("text"), place),
            "annotations": [dict(citation) for citation in object_list(block.get("citations"))],
        }

    def _text_piece(self, piece: JSON, place: int) -> JSON:
        """A piece of text. Consecutive texts are one, split by citations; after another block a new paragraph
        begins.
        """
        if not string(piece):
            return piece
        before, self._said_in = self._said_in, place
        apart, self._before_text = self._before_text and before not in (None, place), False
        return f"\n\n{piece}" if apart else piece

    def _thought_piece(self, piece: JSON, place: int) -> JSON:
        """A piece of reasoning; a new block begins after a blank line."""
        if not string(piece):
            return piece
        before, self._thought_at = self._thought_at, place
        return f"\n\n{piece}" if before not in (None, place) else piece

    def _unfinished_blocks(self, but: int | None = None) -> dict[str, JSON]:
        """Reasoning blocks without an end, when another block begins: some servers omit it."""
        thoughts = [self._finished_thought(place) for place in [*self._thoughts] if place != but]
        own = [self._done_by_itself(place) for place in [*self._own] if place != but]
        details = [detail for block in thoughts + own for detail in items(block["reasoning_details"])]
        return {"reasoning_details": details} if details else {}

    def _block_start(self, block: Object, place: int) -> dict[str, JSON]:
        match block.get("type"):
            case "text":
                return {"content": self._text_piece(block.get("text"), place)}
            case "tool_use":
                return {"tool_calls": [_call(block, place, _arguments_text(block) if block.get("input") else "")]}
            case "redacted_thinking":
                return {"reasoning_details": [dict(block)]}
            case "thinking":
                self._before_text = True
                self._thoughts[place] = {"thinking": [], "signature": []}
                return self._piece(block, place)
            case str():
                self._before_text = True
                self._own[place] = (dict(block), [])
        return {}

    def _piece(self, piece: Object, place: int) -> dict[str, JSON]:
        thought = self._thoughts.get(place)
        for name in thought or ():
            if thought is not None and (text := string(piece.get(name))):
                thought[name].append(text)
        if place in self._own:
            self._add(piece, *self._own[place])
            return {}
        match piece.get("type"):
            case "text_delta":
                return {"content": self._text_piece(piece.get("text"), place)}
            case "thinking_delta" | "thinking":
                return {"reasoning_content": self._thought_piece(piece.get("thinking"), place)}
            case "input_json_delta":
                function: JSON = {"arguments": piece.get("partial_json")}
                return {"tool_calls": [{"index": place, "function": function}]}
            case "citations_delta":
                return {"annotations": [piece.get("citation")]}
        return {}

    def _finished_thought(self, place: int) -> dict[str, JSON]:
        thought = self._thoughts.pop(place, None)
        if thought is None:
            return {}
        whole: dict[str, JSON] = {name: "".join(pieces) for name, pieces in thought.items()}
        return {"reasoning_details": [{"type": "thinking", **whole}]}

    def _add(self, piece: Object, block: dict[str, JSON], pieces: list[str]) -> None:
        """A piece of an unknown block: of its input, or of any text field."""
        pieces.append(string(piece.get("partial_json")))
        for name, value in piece.items():
            if name not in ("type", "partial_json") and isinstance(value, str):
                block[name] = string(block.get(name)) + value

    def _done_by_itself(self, place: int) -> dict[str, JSON]:
        """A complete block of a server-side step (web search, code execution): it may have to be sent back."""
        block, pieces = self._own.pop(place, ({}, []))
        if not block:
            return {}
        if text := "".join(pieces):
            try:
                block["input"] = json.loads(text)
            except (ValueError, RecursionError):
                block["input"] = {"input": text}
        return {"reasoning_details": [block]}

    def _usage_so_far(self, event: Object) -> JSON:
        """The usage so far, under the names of chat completions: `input_tokens` excludes cache reads here."""
        self._usage |= {name: count for name, count in fields(event.get("usage")).items() if count is not None}
        if not self._usage:
            return None
        into = [self._usage.get(name) for name in _INTO]
        counts = [count for count in into if isinstance(count, int)]
        return {
            **self._usage,
            "prompt_tokens": sum(counts) if counts else None,
            "completion_tokens": self._usage.get("output_tokens"),
            "prompt_tokens_details": {"cached_tokens": self._usage.get("cache_read_input_tokens")},
        }


_INTO = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def _delta(delta: dict[str, JSON], reason: str | None = None) -> dict[str, JSON]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


def _deltas(deltas: list[dict[str, JSON]], reason: str | None = None) -> dict[str, JSON]:
    """Deltas of one answer in order, as one chunk."""
    chunks = [*map(_delta, deltas), _delta({}, reason)]
    return {"choices": [choice for chunk in chunks for choice in items(chunk["choices"])]}


def _arguments_text(block: Object) -> str:
    """The arguments of a call as text, which they already are on some servers."""
    arguments = block.get("input")
    return arguments if isinstance(arguments, str) else json.dumps(arguments or {})


def _call(block: Object, place: int, arguments: str) -> JSON:
    return {"index": place, "id": block.get("id"), "function": {"name": block.get("name"), "arguments": arguments}}
