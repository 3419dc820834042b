"""OpenAI's Responses: a conversation as items, and back from its events to chunks of chat completions.

The whole conversation goes along each time, and nothing is kept at the provider. Shapes:
https://platform.openai.com/docs/api-reference/responses.
"""

from __future__ import annotations

from collections.abc import Mapping

from backend.protocol.order import Piece, is_an_item, pieces
from backend.protocol.wire.fields import renamed
from backend.protocol.wire.transcript import Prepared, document, prepared, said
from backend.text import clean
from backend.types import JSON, ChatRequest, Dialect, Media, Message, Tool
from backend.untrusted import Object, fields, items, listed, string

_WORDS = ("auto", "none", "required")
_LENGTH = "max_output_tokens"
_PLACES = ("output_index", "summary_index", "content_index")  # of a piece of a thought
_SHORTEST = 16  # tokens; less is refused


# ---- out ------------------------------------------------------------------------------------------------


def body(request: ChatRequest, given: Mapping[str, JSON]) -> dict[str, JSON]:
    """A whole body for `/responses`. `given` are the fields of chat completions, by name."""
    transcript = prepared(request)
    written: dict[str, JSON] = {"model": request.model, "input": _items(transcript)}
    written |= _own(given, request.dialect)
    if transcript.system:
        written["instructions"] = transcript.system
    if request.stream:
        written["stream"] = True
    if request.tools:
        written["tools"] = [_tool(tool) for tool in request.tools]
    if choice := request.tool_choice:
        written["tool_choice"] = choice if choice in _WORDS else {"type": "function", "name": choice}
    if request.response_format:
        written["text"] = {"format": _format(dict(request.response_format))}
    return written


def _own(given: Mapping[str, JSON], dialect: Dialect) -> dict[str, JSON]:
    """Fields of chat completions under the names, and in the shapes, that they have here."""
    shaped = dict(given)
    effort, format_ = shaped.pop("reasoning_effort", None), shaped.pop("response_format", None)
    own = renamed(shaped, dialect)
    length = own.get(_LENGTH)
    if isinstance(length, int) and length < _SHORTEST:
        own[_LENGTH] = _SHORTEST
    if effort:
        own["reasoning"] = {**fields(own.get("reasoning")), "effort": effort}
    if format_:
        own["text"] = {"format": _format(fields(format_))}
    return own


def _format(format_: Object) -> JSON:
    """The schema of an answer is one level higher here."""
    return {"type": format_.get("type"), **fields(format_.get("json_schema"))}


def _tool(tool: Tool) -> JSON:
    shape: dict[str, JSON] = {"type": "function", "name": tool.name, "description": tool.description}
    return {**shape, "parameters": dict(tool.parameters), "strict": False}


def _items(transcript: Prepared) -> list[JSON]:
    written: list[JSON] = []
    for message in transcript.messages:
        if message.role == "tool":
            result: JSON = {
                "type": "function_call_output",
                "call_id": message.tool_call_id,
                "output": said(message),
            }
            written.append(result)
            continue
        written += [item for piece in pieces(message, said(message)) if (item := _item(piece, message))]
    return written


def _item(piece: Piece, message: Message) -> JSON:
    match piece:
        case ("thought", detail):
            return dict(detail) if _goes_back(detail) else None
        case ("text", text):
            says = text.strip() or not message.tool_calls
            return {"role": message.role, "content": _content(message, text)} if says else None
        case ("call", call):
            named: dict[str, JSON] = {"type": "function_call", "call_id": call.id, "name": call.name}
            return {**named, "arguments": call.arguments if call.arguments.strip() else "{}"}


def _goes_back(detail: Object) -> bool:
    """Thoughts that only the provider can read are of use to it; a summary of them is not. What it did by itself
    goes back as it came: a thought is refused without what it led to."""
    return bool(detail.get("encrypted_content")) if detail.get("type") == "reasoning" else is_an_item(detail)


def _content(message: Message, text: str) -> JSON:
    if message.role != "user" or not message.media:
        return text
    parts: list[JSON] = [{"type": "input_text", "text": text}] if text.strip() else []
    return parts + [_part(media) for media in message.media]


def _part(media: Media) -> JSON:
    url = clean(media.url)
    if media.kind == "image":
        return {"type": "input_image", "image_url": url, "detail": media.detail or "auto"}
    if media.kind == "file" and url:
        return {"type": "input_file", "filename": clean(media.name), "file_data": url}
    return {"type": "input_text", "text": document(media)}


# ---- in -------------------------------------------------------------------------------------------------


class ResponsesReader:
    """Reads one reply: each of its events, or the whole of it, as a chunk of chat completions."""

    def __init__(self) -> None:
        self._came = {"content": False, "refusal": False}  # so the whole of it at the end says nothing new
        self._texts = set[str]()  # places of texts and refusals that have come, or pieces of them
        self._last: dict[str, JSON] = {}  # the item that the last text, and the last refusal, was in
        self._thought: JSON = None  # the place of the thought that came last, as a list of indexes
        self._named: set[int] = set()  # places in the output of calls whose name has come
        self._details: set[str] = set()  # ids, or places in the output, of thoughts that have come whole
        self._written: set[int] = set()  # of those whose arguments have come, or pieces of them

    def chunk(self, event: Object) -> Object:
        """One event as a chunk. What is neither is given as it is."""
        kind, place = string(event.get("type")), event.get("output_index")
        match kind:
            case "response.output_text.delta":
                return _delta(self._says("content", event.get("delta"), event))
            case "response.output_text.done" if _text_at(event) not in self._texts:  # whole: no piece came
                return _delta(self._says("content", event.get("text"), event))
            case "response.refusal.delta":
                return _delta(self._says("refusal", event.get("delta"), event))
            case "response.refusal.done" if _text_at(event) not in self._texts:
                return _delta(self._says("refusal", event.get("refusal"), event))
            case "response.reasoning_summary_text.delta" | "response.reasoning_text.delta":
                return _delta({"reasoning_content": self._thinks(event)})
            case "response.output_item.added" | "response.output_item.done":
                item = fields(event.get("item"))
                if kind.endswith("done") and _goes_back(item):
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
            return {**self._whole(event), "meta": event.get("meta")}
        return _delta({}) if kind.startswith("response.") else event

    def _says(self, kind: str, text: JSON, at: Object) -> dict[str, JSON]:
        """A piece of a text or a refusal; that of another item begins after a blank line."""
        if not string(text):
            return {}
        place, before = at.get("output_index"), self._last.get(kind)
        self._texts.add(_text_at(at))
        self._last[kind] = place
        apart = self._came[kind] and before not in (None, place)
        self._came[kind] = True
        return {kind: f"\n\n{text}" if apart else text}

    def _message(self, item: Object, place: JSON) -> list[dict[str, JSON]]:
        """The parts of a whole message."""
        said = list[dict[str, JSON]]()
        for number, part in enumerate(listed(item.get("content"))):
            at: dict[str, JSON] = {"output_index": place, "content_index": number}
            said.append(
                self._says("refusal", part.get("refusal"), at) or self._says("content", part.get("text"), at)
            )
            said.append({"annotations": [dict(note) for note in listed(part.get("annotations"))]})
        return said

    def _thinks(self, event: Object) -> JSON:
        """A piece of a thought; a new one begins after a blank line."""
        piece = event.get("delta")
        before, self._thought = self._thought, [event.get(name) for name in _PLACES]
        return f"\n\n{piece}" if before not in (None, self._thought) and isinstance(piece, str) else piece

    def _calls(self, item: Object, place: JSON, *, whole: bool) -> list[JSON]:
        """Of a call, what no piece has brought before: its id and name, its arguments when it is whole."""
        if item.get("type") != "function_call" or not isinstance(place, int):
            return []
        calls = list[JSON]()
        if place not in self._named:
            self._named.add(place)
            calls.append({"index": place, "id": item.get("call_id"), "function": {"name": item.get("name")}})
        return calls + (self._arguments(item, place) if whole else [])

    def _arguments(self, item: Object, place: JSON) -> list[JSON]:
        """Arguments that come whole, where no piece of them has come before."""
        if not isinstance(place, int) or place in self._written:
            return []
        self._written.add(place)
        return [{"index": place, "function": {"arguments": item.get("arguments")}}]

    def _whole(self, response: Object) -> Object:
        """A response with its output: of that, what no piece has brought before."""
        error, status = response.get("error"), response.get("status")
        if not error and status in ("failed", "cancelled"):
            error = {"message": f"The response is {status}."}
        if error:
            return {"error": error, "usage": _usage(fields(response.get("usage")))}
        output = listed(response.get("output"))
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
        """One item of a whole output."""
        match item.get("type"):
            case "function_call":
                return {"tool_calls": self._calls(item, place, whole=True)}
            case "reasoning":
                return {"reasoning_details": self._detail(item, place)}
            case "image_generation_call" if data := string(item.get("result")):
                kind = string(item.get("output_format")) or "png"
                return {"images": [{"image_url": {"url": f"data:image/{kind};base64,{data}"}}]}
        return {"reasoning_details": self._detail(item, place)} if is_an_item(item) else {}

    def _detail(self, item: Object, place: JSON) -> list[JSON]:
        """A thought, or what the provider did by itself, once."""
        known = string(item.get("id")) or str(place)
        if known in self._details:
            return []
        self._details.add(known)
        return [dict(item)]


def _text_at(event: Object) -> str:
    return f"{event.get('output_index')}.{event.get('content_index')}"


def _delta(delta: dict[str, JSON], reason: str | None = None) -> dict[str, JSON]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


def _deltas(deltas: list[dict[str, JSON]], reason: str) -> dict[str, JSON]:
    """Deltas of one answer, in their order, as one chunk."""
    chunks = [_delta(delta) for delta in deltas] + [_delta({}, reason)]
    return {"choices": [choice for chunk in chunks for choice in items(chunk["choices"])]}


def _summary(item: Object) -> str:
    if item.get("type") != "reasoning":
        return ""
    pieces = listed(item.get("summary")) or listed(item.get("content"))
    return "\n\n".join(string(piece.get("text")) for piece in pieces)


def _reason(response: Object, *, called: bool) -> str:
    """A finish_reason of chat completions."""
    if response.get("status") == "incomplete":
        why = string(fields(response.get("incomplete_details")).get("reason"))
        return "length" if why in ("", "max_output_tokens") else why
    return "tool_calls" if called else "stop"


def _usage(usage: Object) -> JSON:
    """Counts under the names of chat completions, beside their own."""
    if not usage:
        return None
    return {
        **usage,
        "prompt_tokens": usage.get("input_tokens"),
        "completion_tokens": usage.get("output_tokens"),
        "prompt_tokens_details": usage.get("input_tokens_details"),
        "completion_tokens_details": usage.get("output_tokens_details"),
    }
