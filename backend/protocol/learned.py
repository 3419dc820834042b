"""What a server rejected before, and the body of a request without it.

    learned = Learned(without=frozenset({"stream_options"}), fold_system=True)
    body = learned.apply(body)

A rejection applies to everything that is sent: parameters, extra JSON, the fields that this app adds by itself.
It does NOT decide what was rejected (remedies.py) nor for how long that is remembered
(components/session/refusals.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from backend.types import JSON

CONVERSATIONS = ("messages", "input")  # fields with the conversation; `input` in OpenAI's Responses
PROMPTS = ("system", "instructions")  # fields with the system prompt: of Anthropic, of OpenAI's Responses
KEPT = frozenset({"model", *CONVERSATIONS})  # never removed: a request needs them
# The fields of messages and their parts in each wire format: never removed from inside of messages.
MADE_OF = frozenset(
    (
        *("role", "content", "type", "id", "function", "name", "arguments", "tool_calls", "tool_call_id"),
        *("text", "image_url", "input_audio", "file", "url", "data", "format", "filename", "file_data"),  # parts
        *("source", "media_type", "input", "tool_use_id", "thinking", "signature"),  # Anthropic's blocks
        *("call_id", "output", "encrypted_content", "summary"),  # items of Responses
    )
)
PROBABILITIES = "message.output_text.logprobs"  # Responses' name for logprobs, in a list of what it includes
NO_PICTURE = "(A picture was left out here: this model takes none.)"
NO_TEXT = "(empty)"
THOUGHTS = "reasoning_content"  # the field in which servers want thoughts back
NO_THOUGHT = " "  # of an answer without any: Kimi and DeepSeek V4 Pro take an empty field for a missing one
BEGINS = "(The conversation begins with an answer.)"
GOES_ON = "Continue exactly where your last message stopped. Do not repeat any of it."
# Fields that servers reject without another field.
_NEEDS = {
    "stream_options": "stream",
    "tool_choice": "tools",
    "parallel_tool_calls": "tools",
    "top_logprobs": "logprobs",
    "audio": "modalities",
}
_WRITTEN = ("input", "arguments")  # JSON written by a model: it has no fields of this app
_PICTURES = ("image_url", "image", "input_image")  # part types of OpenAI, Anthropic, OpenAI's Responses
_TEXTS = ("text", "input_text")
_OF_RESPONSES = ("input_text", "input_image", "input_file")


@dataclass(frozen=True)
class Learned:
    """What one server rejected for one model.

    `without`: fields to remove from the body. A nested field is a path with dots, with `*` for any index of a list
    ("reasoning.effort", "messages.*.name") and `**` for any depth of a message ("messages.**.extra_content").
    `instead`: pairs of field names, (rejected, accepted). `no_stream`: streaming. `no_images`: pictures.
    `fold_system`: a system prompt; it becomes a part of the first question.
    `strict_alternation`: consecutive messages of one role; they are merged.
    `filled`: a message without text; it gets a placeholder.
    `thoughts`: an answer without its thoughts. `no_prefill`: an answer at the end; it is followed by a request to
    continue.
    """

    without: frozenset[str] = frozenset()
    fold_system: bool = False
    no_stream: bool = False
    no_images: bool = False
    strict_alternation: bool = False
    filled: bool = False
    thoughts: bool = False
    no_prefill: bool = False
    instead: frozenset[tuple[str, str]] = frozenset()

    def also(self, other: Learned) -> Learned:
        """The union of both. A field that was rejected under both of its names is removed."""
        instead = self.instead | other.instead
        neither = {name for name, accepted in instead if (accepted, name) in instead}
        return Learned(
            self.without | other.without | neither,
            self.fold_system or other.fold_system,
            self.no_stream or other.no_stream,
            self.no_images or other.no_images,
            self.strict_alternation or other.strict_alternation,
            self.filled or other.filled,
            self.thoughts or other.thoughts,
            self.no_prefill or other.no_prefill,
            frozenset(pair for pair in instead if pair[0] not in neither),
        )

    def except_for(self, names: frozenset[str]) -> Learned:
        """A copy in which these fields are allowed again."""
        instead = frozenset(pair for pair in self.instead if pair[0] not in names)
        return replace(self, without=self.without - names, instead=instead)

    def apply(self, body: Mapping[str, JSON], required: frozenset[str] = frozenset()) -> dict[str, JSON]:
        """A new body without what was rejected. The model, the conversation and the `required` fields are never
        removed.
        """
        fields = _rename_fields(body, {old: new for old, new in self.instead if old not in required})
        fields = _without(fields, self.without - required | ({"stream"} if self.no_stream else set()))
        fields = {name: value for name, value in fields.items() if _makes_sense(name, fields, body)}
        place = "messages" if "messages" in fields else "input"
        messages = fields.get(place)
        if not isinstance(messages, list):
            return fields
        if self.no_images:
            messages = [_without_pictures(message) for message in messages]
        if self.fold_system:
            beside: list[JSON] = [{"role": "system", "content": fields.pop(name, None)} for name in PROMPTS]
            messages = _folded([*beside, *messages])
        if self.strict_alternation:
            messages = _alternating(messages)
        if self.filled:
            messages = [_with_placeholder(message) for message in messages]
        if self.thoughts:
            messages = [_with_a_thought(message) for message in messages]
        if self.no_prefill:
            messages = _without_prefill(messages)
        return {**fields, place: messages}


def _rename_fields(body: Mapping[str, JSON], names: Mapping[str, str]) -> dict[str, JSON]:
    """A body with renamed fields. A field whose new name is already present is removed."""
    fields = {name: value for name, value in body.items() if names.get(name) not in body}
    return {names.get(name, name): value for name, value in fields.items()}


def _without(body: Mapping[str, JSON], paths: frozenset[str]) -> dict[str, JSON]:
    fields = {name: value for name, value in body.items() if name in KEPT or name not in paths}
    asked = fields.get("include")
    if "logprobs" in paths and isinstance(asked, list) and PROBABILITIES in asked:
        fields["include"] = [name for name in asked if name != PROBABILITIES]
    for path in sorted(path for path in paths if "." in path):
        name, *steps = path.split(".")
        if name in fields:
            fields[name] = _taken_out(fields[name], steps)
    return fields


def _taken_out(value: JSON, steps: Sequence[str]) -> JSON:
    """A value without the field at the end of a path. The role and content of a message are never removed."""
    step, rest = steps[0], steps[1:]
    if step == "**" and rest:
        return _taken_out_below(value, rest[0])
    if isinstance(value, list) and step == "*" and rest:
        return [_taken_out(item, rest) for item in value]
    if not isinstance(value, dict) or step not in value:
        return value
    if rest:
        return {**value, step: _taken_out(value[step], rest)}
    return value if step in ("role", "content") else {name: item for name, item in value.items() if name != step}


def _taken_out_below(value: JSON, name: str) -> JSON:
    """Messages without a field at any depth. The arguments of calls are unchanged."""
    if isinstance(value, list):
        return [_taken_out_below(item, name) for item in value]
    if not isinstance(value, dict) or name in MADE_OF:
        return value
    return {
        key: item if key in _WRITTEN else _taken_out_below(item, name) for key, item in value.items() if key != name
    }


def unknown_below(value: JSON) -> Iterator[str]:
    """The names of optional fields inside messages, at any depth."""
    if isinstance(value, list):
        for item in value:
            yield from unknown_below(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in MADE_OF:
                yield key
            if key not in _WRITTEN:
                yield from unknown_below(item)


def _makes_sense(name: str, fields: Mapping[str, JSON], before: Mapping[str, JSON]) -> bool:
    """Whether the field that this one depends on was not removed."""
    needed = _NEEDS.get(name)
    return needed is None or needed in fields or needed not in before


# ---- messages ---------------------------------------------------------------------------------------------


def _without_pictures(message: JSON) -> JSON:
    """A message with a note in place of each picture."""
    if not isinstance(message, dict) or not isinstance(content := message.get("content"), list):
        return message
    left_out: JSON = {"type": _type_of_text(content), "text": NO_PICTURE}
    parts = [left_out if _type(part) in _PICTURES else part for part in content]
    return message if parts == content else {**message, "content": _shortest(parts)}


def _type(part: JSON) -> JSON:
    return part.get("type") if isinstance(part, dict) else None


def _type_of_text(parts: Sequence[JSON]) -> str:
    """The type of a text part beside these parts: OpenAI's Responses has its own."""
    return "input_text" if any(_type(part) in _OF_RESPONSES for part in parts) else "text"


def _shortest(parts: list[JSON]) -> JSON:
    """Parts that are all text as one text, because many servers accept no lists; otherwise the parts."""
    texts = [part.get("text") for part in parts if isinstance(part, dict) and _type(part) in _TEXTS]
    whole = len(texts) == len(parts) and all(isinstance(text, str) for text in texts)
    return "\n\n".join(str(text) for text in texts) if whole else parts


def _folded(messages: list[JSON]) -> list[JSON]:
    """Move the texts of system and developer messages to the beginning of the first question."""
    prompts = [_content(message) for message in messages if _role(message) in ("system", "developer")]
    others = [message for message in messages if _role(message) not in ("system", "developer")]
    if not any(prompts):
        return others
    first = next((place for place, message in enumerate(others) if _role(message) == "user"), None)
    if first is None:
        return [{"role": "user", "content": _join_contents(prompts)}, *others]
    question = others[first]
    content = _join_contents([*prompts, _content(question)])
    folded: JSON = {**question, "content": content} if isinstance(question, dict) else question
    return [*others[:first], folded, *others[first + 1 :]]


def _alternating(messages: list[JSON]) -> list[JSON]:
    """Merge consecutive messages of one role, and insert a user message before an assistant message at the start.
    Tool calls and results stay as they are.
    """
    turns: list[JSON] = []
    for message in messages:
        if _role(message) == "assistant" and all(_role(before) in ("system", "developer") for before in turns):
            turns.append({"role": "user", "content": BEGINS})
        last = turns[-1] if turns else None
        if isinstance(message, dict) and isinstance(last, dict) and _can_join(last) and _can_join(message, last):
            turns[-1] = {**last, "content": _join_contents([_content(last), _content(message)])}
        else:
            turns.append(message)
    return turns


def _with_placeholder(message: JSON) -> JSON:
    """The message with a placeholder for missing text, as in a message that has only tool calls."""
    if not isinstance(message, dict) or "role" not in message:
        return message
    content = message.get("content")
    if not isinstance(content, list) or not content:
        return message if content and str(content).strip() else {**message, "content": NO_TEXT}
    return {**message, "content": [_filled_part(part) for part in content]}


def _filled_part(part: JSON) -> JSON:
    blank = isinstance(part, dict) and _type(part) in _TEXTS and not str(part.get("text") or "").strip()
    return {**part, "text": NO_TEXT} if isinstance(part, dict) and blank else part


def _with_a_thought(message: JSON) -> JSON:
    """An answer of which nothing was thought, in so many words."""
    if not isinstance(message, dict) or _role(message) != "assistant" or message.get(THOUGHTS):
        return message
    return {**message, THOUGHTS: NO_THOUGHT}


def _without_prefill(messages: list[JSON]) -> list[JSON]:
    """A question behind an answer that the model was to go on with; `prefix` is Mistral's mark of such a one."""
    last = messages[-1] if messages else None
    if not isinstance(last, dict) or _role(last) != "assistant" or last.get("tool_calls"):
        return messages
    unmarked: JSON = {name: value for name, value in last.items() if name != "prefix"}
    return [*messages[:-1], unmarked, {"role": "user", "content": GOES_ON}]


def _can_join(message: Mapping[str, JSON], last: Mapping[str, JSON] | None = None) -> bool:
    """Whether a message can be merged: a question or an answer without calls, of the role of the `last` one."""
    role = _role(message)
    return role in ("user", "assistant") and not message.get("tool_calls") and (not last or _role(last) == role)


def _role(message: JSON | Mapping[str, JSON]) -> JSON:
    return message.get("role") if isinstance(message, Mapping) else None


def _content(message: JSON | Mapping[str, JSON]) -> JSON:
    return message.get("content") if isinstance(message, Mapping) else None


def _join_contents(contents: Sequence[JSON]) -> JSON:
    """Concatenate contents: as one text if all are texts, otherwise as parts."""
    parts: list[JSON] = []
    kind = _type_of_text([part for content in contents if isinstance(content, list) for part in content])
    for content in contents:
        if isinstance(content, list):
            parts += content
        elif content:
            parts.append({"type": kind, "text": content})
    return _shortest(parts)
