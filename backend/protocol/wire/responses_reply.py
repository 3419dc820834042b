"""Replies of OpenAI's `/responses`: its events, or a whole response, as chunks of chat completions.

Format: https://platform.openai.com/docs/api-reference/responses. Requests: responses_request.py.
"""

from __future__ import annotations

from backend.protocol.order import is_an_item
from backend.protocol.wire.parts import words
from backend.protocol.wire.responses_request import goes_back
from backend.types import JSON
from backend.untrusted import Object, fields, items, object_list, string

_PLACES = ("output_index", "summary_index")  # position of reasoning; vLLM counts pieces in `content_index`


class ResponsesReader:
    """Reads one reply: each event, or a whole response, as a chunk of chat completions."""

    def __init__(self) -> None:
        self._came = {"content": False, "refusal": False}  # whether any piece was received
        self._texts = set[str]()  # positions of received texts and refusals
        self._last: dict[str, JSON] = {}  # by kind: the index of the item of the last text or refusal
        self._thought: JSON = None  # the position of the last piece of reasoning, a list of indexes
        self._spoken = list[str]()  # pieces of the current text or reasoning: its end may have another position
        self._thinks_in = dict[str, str]()  # by output index: the kind of event, of reasoning or of its summary
        self._named: set[int] = set()  # output indexes of the calls whose name was received
        self._details: set[str] = set()  # ids, or output indexes, of the items that were received whole
        self._written: set[int] = set()  # output indexes of the calls whose arguments were received

    def chunk(self, event: Object) -> Object:
        """One event as a chunk. Anything else is returned unchanged."""
        kind, place = string(event.get("type")), event.get("output_index")
        match kind:
            case "response.output_text.delta":
                return _delta(self._text_piece("content", words(event.get("delta")), event))
            case "response.output_text.done" if self._is_new(event, "text"):  # no pieces of it were sent
                return _delta(self._text_piece("content", event.get("text"), event))
            case "response.refusal.delta":
                return _delta(self._text_piece("refusal", event.get("delta"), event))
            case "response.refusal.done" if self._is_new(event, "refusal"):
                return _delta(self._text_piece("refusal", event.get("refusal"), event))
            case "response.reasoning_summary_text.delta" | "response.reasoning_text.delta":
                return _delta({"reasoning_content": self._thought_piece(event, event.get("delta"))})
            case "response.reasoning_summary_text.done" | "response.reasoning_text.done" if self._is_new(
                event, "text"
            ):
                return _delta({"reasoning_content": self._thought_piece(event, event.get("text"))})
            case "response.output_item.added" | "response.output_item.done":
                item = fields(event.get("item"))
                if item.get("type") == "search_results":
                    return _delta(_search_pages(item))
                if kind.endswith("done") and goes_back(item):
                    return _delta({"reasoning_details": self._detail(item, place)})
                return _delta({"tool_calls": self._calls(item, place, whole=kind.endswith("done"))})
            case "response.function_call_arguments.done":
                return _delta({"tool_calls": self._arguments(event, place)})
            case "response.function_call_arguments.delta":
                if isinstance(place, int):
                    self._written.add(place)
                return _delta({"tool_calls": [{"index": place, "function": {"arguments": event.get("delta")}}]})
            case "response.output_text.annotation.added":
                return _delta({"annotations": [event.get("annotation")]})
            case "response.completed" | "response.incomplete" | "response.failed" | "response.cancelled":
                response = {"status": kind.removeprefix("response."), **fields(event.get("response"))}
                return {**self._whole(response), "meta": event.get("meta")}
        if event.get("object") == "response":
            if event.get("status") in ("queued", "in_progress"):  # background mode
                return {"error": {"message": f"The response is {event['status']}."}}
            return {**self._whole(event), "meta": event.get("meta")}
        return _delta({}) if kind.startswith("response.") else event

    def _is_new(self, event: Object, name: str) -> bool:
        """Whether a text at the end of its pieces is new: there were no pieces at its position, and none with the
        same text.
        """
        came, self._spoken = "".join(self._spoken), []
        return _text_at(event) not in self._texts and not came.endswith(string(event.get(name)))

    def _text_piece(self, kind: str, text: JSON, at: Object) -> dict[str, JSON]:
        """The delta for a piece of text or of a refusal; the text of another item begins after a blank line."""
        if not string(text):
            return {}
        place, before = at.get("output_index"), self._last.get(kind)
        self._texts.add(_text_at(at))
        self._spoken.append(string(text))
        self._last[kind] = place
        apart = self._came[kind] and before not in (None, place)
        self._came[kind] = True
        return {kind: f"\n\n{text}" if apart else text, "logprobs": at.get("logprobs")}

    def _message(self, item: Object, place: JSON) -> list[dict[str, JSON]]:
        """The deltas for a whole message."""
        deltas = list[dict[str, JSON]]()
        for number, part in enumerate(object_list(item.get("content"))):
            where: dict[str, JSON] = {"output_index": place, "content_index": number}
            at = {**where, "logprobs": part.get("logprobs")}
            deltas.append(
                self._text_piece("refusal", part.get("refusal"), at)
                or self._text_piece("content", part.get("text"), at)
            )
            deltas.append({"annotations": [dict(note) for note in object_list(part.get("annotations"))]})
        return deltas

    def _thought_piece(self, event: Object, piece: JSON) -> JSON:
        """A piece of reasoning; a new section begins after a blank line. If reasoning and a summary are both sent,
        only the first kind is used.
        """
        kind, place = string(event.get("type")).rpartition(".")[0], str(event.get("output_index"))
        if not string(piece) or self._thinks_in.setdefault(place, kind) != kind:
            return None
        self._texts.add(_text_at(event))
        self._spoken.append(string(piece))
        before, self._thought = self._thought, [event.get(name) for name in _PLACES]
        return f"\n\n{piece}" if before not in (None, self._thought) else piece

    def _calls(self, item: Object, place: JSON, *, whole: bool) -> list[JSON]:
        """The new parts of a call: its id and name, and its arguments if it is `whole`."""
        if item.get("type") != "function_call" or not isinstance(place, int):
            return []
        calls = list[JSON]()
        if place not in self._named:
            self._named.add(place)
            calls.append({"index": place, "id": item.get("call_id"), "function": {"name": item.get("name")}})
        return calls + (self._arguments(item, place) if whole else [])

    def _arguments(self, item: Object, place: JSON) -> list[JSON]:
        """The complete arguments, if no piece of them was received."""
        if not isinstance(place, int) or place in self._written:
            return []
        self._written.add(place)
        return [{"index": place, "function": {"arguments": item.get("arguments")}}]

    def _whole(self, response: Object) -> Object:
        """The last chunk: the parts of the output that were not received in pieces, the reason, and the usage."""
        error, status = response.get("error"), response.get("status")
        if not error and status in ("failed", "cancelled"):
            error = {"message": f"The response is {status}."}
        if error:
            return {"error": error, "usage": _usage(fields(response.get("usage")))}
        output = object_list(response.get("output"))
        summaries = "" if self._thought else "\n\n".join(filter(None, map(_summary, output)))
        deltas: list[dict[str, JSON]] = [{"reasoning_content": summaries}]
        came = any(self._came.values())
        for place, item in enumerate(output):
            is_message = item.get("type") == "message"
            deltas += ([] if came else self._message(item, place)) if is_message else [self._output(item, place)]
        if not output and not came:  # some servers give the text beside it
            deltas.append({"content": response.get("output_text")})
        reason = _reason(response, called=any(item.get("type") == "function_call" for item in output))
        return {**_deltas(deltas, reason), "usage": _usage(fields(response.get("usage")))}

    def _output(self, item: Object, place: int) -> dict[str, JSON]:
        """The delta for one item of a complete output."""
        match item.get("type"):
            case "function_call":
                return {"tool_calls": self._calls(item, place, whole=True)}
            case "reasoning":
                return {"reasoning_details": self._detail(item, place)}
            case "search_results":
                return _search_pages(item)
            case "image_generation_call" if data := string(item.get("result")):
                kind = string(item.get("output_format")) or "png"
                return {"images": [{"image_url": {"url": f"data:image/{kind};base64,{data}"}}]}
        return {"reasoning_details": self._detail(item, place)} if is_an_item(item) else {}

    def _detail(self, item: Object, place: JSON) -> list[JSON]:
        """A reasoning item, or one of a server-side step; [] if it was received before."""
        id_ = string(item.get("id")) or str(place)
        if id_ in self._details:
            return []
        self._details.add(id_)
        return [dict(item)]


def _search_pages(item: Object) -> dict[str, JSON]:
    """The pages that Perplexity's search found: the text names them by number. Perplexity takes none back."""
    return {"annotations": [dict(page) for page in object_list(item.get("results"))]}


def _text_at(event: Object) -> str:
    return ".".join(str(event.get(name)) for name in ("output_index", "content_index", "summary_index"))


def _delta(delta: dict[str, JSON], reason: str | None = None) -> dict[str, JSON]:
    """A chunk with one choice; the probabilities of a text are beside it there."""
    told = {name: value for name, value in delta.items() if name != "logprobs"}
    choice: dict[str, JSON] = {"index": 0, "delta": told, "finish_reason": reason}
    if tokens := delta.get("logprobs"):
        choice["logprobs"] = {"content": tokens}
    return {"choices": [choice]}


def _deltas(deltas: list[dict[str, JSON]], reason: str) -> dict[str, JSON]:
    """The deltas of one answer in order, as one chunk."""
    chunks = [_delta(delta) for delta in deltas] + [_delta({}, reason)]
    return {"choices": [choice for chunk in chunks for choice in items(chunk["choices"])]}


def _summary(item: Object) -> str:
    if item.get("type") != "reasoning":
        return ""
    pieces = object_list(item.get("summary")) or object_list(item.get("content"))
    return "\n\n".join(string(piece.get("text")) for piece in pieces)


def _reason(response: Object, *, called: bool) -> str:
    """The `finish_reason` of chat completions."""
    if response.get("status") == "incomplete":
        why = string(fields(response.get("incomplete_details")).get("reason"))
        return "length" if why in ("", "max_output_tokens") else why
    return "tool_calls" if called else "stop"


def _usage(usage: Object) -> JSON:
    """The usage with the counts also under the names of chat completions; None for no usage."""
    if not usage:
        return None
    return {
        **usage,
        "prompt_tokens": usage.get("input_tokens"),
        "completion_tokens": usage.get("output_tokens"),
        "prompt_tokens_details": usage.get("input_tokens_details"),
        "completion_tokens_details": usage.get("output_tokens_details"),
    }
