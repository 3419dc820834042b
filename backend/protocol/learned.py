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

CONVERSATIONS = ("messages", "input")  # where it is: `input` is that of OpenAI's Responses
PROMPTS = ("system", "instructions")  # where a system prompt is beside it: Anthropic's field, and Responses'
KEPT = frozenset({"model", *CONVERSATIONS})  # without these there is no request
# What messages are made of, in each format: never taken out from below them.
MADE_OF = frozenset(
    (
        *("role", "content", "type", "id", "function", "name", "arguments", "tool_calls", "tool_call_id"),
        *("text", "image_url", "input_audio", "file", "url", "data", "format", "filename", "file_data"),  # parts
        *("source", "media_type", "input", "tool_use_id", "thinking", "signature"),  # Anthropic's blocks
        *("call_id", "output", "encrypted_content", "summary"),  # items of Responses
    )
)
NO_PICTURE = "(A picture was left out here: this model takes none.)"
NO_TEXT = "(empty)"
BEGINS = "(The conversation begins with an answer.)"
# What makes no sense, and is refused, without another field.
_NEEDS = {
    "stream_options": "stream",
    "tool_choice": "tools",
    "parallel_tool_calls": "tools",
    "top_logprobs": "logprobs",
    "audio": "modalities",
}
_WRITTEN = ("input", "arguments")  # a model's own words: nothing of this app's is in there
_PICTURES = ("image_url", "image", "input_image")  # types of parts: OpenAI, Anthropic, OpenAI's Responses
_TEXTS = ("text", "input_text")
_OF_RESPONSES = ("input_text", "input_image", "input_file")


@dataclass(frozen=True)
class Learned:
    """Refusals of one server for one model.

    `without` are fields of the body; one inside another is written with dots, `*` for any place of a list
    ("reasoning.effort", "messages.*.name"), `**` for any depth of a message ("messages.**.extra_content").
    `instead` are fields that go under another name: the one that was refused, the one that is taken.
    `fold_system`: the system prompt goes into the first question.
    `strict_alternation`: no two messages of one role after each other.
    `filled`: no message without text.
    """

    without: frozenset[str] = frozenset()
    fold_system: bool = False
    no_stream: bool = False
    no_images: bool = False
    strict_alternation: bool = False
    filled: bool = False
    instead: frozenset[tuple[str, str]] = frozenset()

    def also(self, other: Learned) -> Learned:
        """Both together. What is refused under either name goes under none."""
        instead = self.instead | other.instead
        neither = {name for name, taken in instead if (taken, name) in instead}
        return Learned(
            self.without | other.without | neither,
            self.fold_system or other.fold_system,
            self.no_stream or other.no_stream,
            self.no_images or other.no_images,
            self.strict_alternation or other.strict_alternation,
            self.filled or other.filled,
            frozenset(pair for pair in instead if pair[0] not in neither),
        )

    def except_for(self, names: frozenset[str]) -> Learned:
        """The same, but for these fields."""
        instead = frozenset(pair for pair in self.instead if pair[0] not in names)
        return replace(self, without=self.without - names, instead=instead)

    def apply(self, body: Mapping[str, JSON], required: frozenset[str] = frozenset()) -> dict[str, JSON]:
        """A body without what was refused. The one that is given stays as it is; so do the model, the conversation
        and what is `required`."""
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
        return {**fields, place: messages}


def _rename_fields(body: Mapping[str, JSON], names: Mapping[str, str]) -> dict[str, JSON]:
    """A body with fields under other names; where the other one is there already, without the old one."""
    kept = {name: value for name, value in body.items() if names.get(name) not in body}
    return {names.get(name, name): value for name, value in kept.items()}


def _without(body: Mapping[str, JSON], paths: frozenset[str]) -> dict[str, JSON]:
    fields = {name: value for name, value in body.items() if name in KEPT or name not in paths}
    for path in sorted(path for path in paths if "." in path):
        name, *steps = path.split(".")
        if name in fields:
            fields[name] = _taken_out(fields[name], steps)
    return fields


def _taken_out(value: JSON, steps: Sequence[str]) -> JSON:
    """A value without the field at the end of the steps. What a message is made of is never taken out."""
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
    """Messages without a field at whatever depth; what a model wants to call a tool with stays whole."""
    if isinstance(value, list):
        return [_taken_out_below(item, name) for item in value]
    if not isinstance(value, dict) or name in MADE_OF:
        return value
    return {
        key: item if key in _WRITTEN else _taken_out_below(item, name) for key, item in value.items() if key != name
    }


def unknown_below(value: JSON) -> Iterator[str]:
    """The names of fields inside messages that messages need not have, at whatever depth."""
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
    """The field that this one needs was not taken away."""
    needed = _NEEDS.get(name)
    return needed is None or needed in fields or needed not in before


# ---- messages ---------------------------------------------------------------------------------------------


def _without_pictures(message: JSON) -> JSON:
    """A message with a word in the place of each picture."""
    if not isinstance(message, dict) or not isinstance(content := message.get("content"), list):
        return message
    left_out: JSON = {"type": _type_of_text(content), "text": NO_PICTURE}
    parts = [left_out if _type(part) in _PICTURES else part for part in content]
    return message if parts == content else {**message, "content": _shortest(parts)}


def _type(part: JSON) -> JSON:
    return part.get("type") if isinstance(part, dict) else None


def _type_of_text(parts: Sequence[JSON]) -> str:
    """That of text beside such parts: Responses has its own."""
    return "input_text" if any(_type(part) in _OF_RESPONSES for part in parts) else "text"


def _shortest(parts: list[JSON]) -> JSON:
    """Parts as one text where they are nothing else: many servers take no lists."""
    texts = [part.get("text") for part in parts if isinstance(part, dict) and _type(part) in _TEXTS]
    whole = len(texts) == len(parts) and all(isinstance(text, str) for text in texts)
    return "\n\n".join(str(text) for text in texts) if whole else parts


def _folded(messages: list[JSON]) -> list[JSON]:
    """The texts of system and developer messages in front of the first question."""
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
    """Merge neighbouring messages of one role, and put a user message before an assistant message that comes first.
    Tool calls and results stay as they are.
    """
    joined: list[JSON] = []
    for message in messages:
        if _role(message) == "assistant" and all(_role(before) in ("system", "developer") for before in joined):
            joined.append({"role": "user", "content": BEGINS})
        last = joined[-1] if joined else None
        if isinstance(message, dict) and isinstance(last, dict) and _can_join(last) and _can_join(message, last):
            joined[-1] = {**last, "content": _join_contents([_content(last), _content(message)])}
        else:
            joined.append(message)
    return joined


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


def _can_join(message: Mapping[str, JSON], last: Mapping[str, JSON] | None = None) -> bool:
    """The message is words alone, and of the role of the `last` one."""
    role = _role(message)
    return role in ("user", "assistant") and not message.get("tool_calls") and (not last or _role(last) == role)


def _role(message: JSON | Mapping[str, JSON]) -> JSON:
    return message.get("role") if isinstance(message, Mapping) else None


def _content(message: JSON | Mapping[str, JSON]) -> JSON:
    return message.get("content") if isinstance(message, Mapping) else None


def _join_contents(contents: Sequence[JSON]) -> JSON:
    """Contents after one another: one text where all are texts, parts otherwise."""
    parts: list[JSON] = []
    kind = _type_of_text([part for content in contents if isinstance(content, list) for part in content])
    for content in contents:
        if isinstance(content, list):
            parts += content
        elif content:
            parts.append({"type": kind, "text": content})
    return _shortest(parts)
