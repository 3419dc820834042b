"""The sections of a readable file: the conversation in view; for a race the shared questions, then each lane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.conversation import lanes
from backend.conversation.tree import Conversation
from backend.formats.archive import Record
from backend.formats.blind import waits_for_vote
from backend.protocol import wire
from backend.types import JSON, Message
from backend.untrusted import Object, fields, items, line, text

_NAME, _VALUE = 200, 80  # letters of a model's id, of a parameter


@dataclass(frozen=True)
class Part:
    """One section. `heading` is "" outside of a lane; `prompt` is the system prompt of this section only."""

    messages: Sequence[Message]
    prompt: str = ""
    heading: str = ""

    @property
    def function_names(self) -> dict[str, str]:
        """The names of the called functions, by the ids of the calls."""
        return {call.id: call.name for message in self.messages for call in message.tool_calls}


def is_race(record: Record) -> bool:
    return bool(items(record.settings.get("lanes")))


def parts(record: Record) -> list[Part]:
    """The sections of a conversation; at least one."""
    prompt = text(record.settings.get("system_prompt")).strip()
    if not is_race(record):
        return [Part(_in_view(record.conversation), prompt)]
    found = lanes.apart(record.conversation, record.settings)
    spoken = [(place, own, _in_view(branch)) for place, (own, branch) in enumerate(found) if len(branch)]
    same = _in_common([messages for _, _, messages in spoken])
    model = record.settings.get("model")
    shared = Part(spoken[0][2][:same] if spoken else (), prompt)
    return [shared, *(_lane(record, place, own, said[same:], model) for place, own, said in spoken)]


def answers(record: Record) -> list[str]:
    """Reasoning and text of each answer, in the order of the file, as Markdown; without empty ones."""
    said = [message for part in parts(record) for message in part.messages if message.role == "assistant"]
    return [written for message in said for written in wire.thinking(message) if written.strip()]


def _in_view(branch: Conversation) -> list[Message]:
    return [node.message for node in branch.path()]


def _in_common(lanes_: Sequence[Sequence[Message]]) -> int:
    """The number of identical messages at the start of all lanes, before the first answer."""
    same = 0
    for together in zip(*lanes_, strict=False):
        first = together[0]
        if first.role == "assistant" or any(_content_key(message) != _content_key(first) for message in together):
            break
        same += 1
    return same


def _content_key(message: Message) -> tuple[object, ...]:
    return message.role, message.name, message.content, message.media


def _lane(record: Record, place: int, own: Object, messages: Sequence[Message], model: JSON) -> Part:
    letter = chr(ord("A") + place)
    if waits_for_vote(record):
        return Part(messages, heading=f"Answer {letter}")
    name = line(own.get("model"), _NAME) or line(model, _NAME)
    settings = [f"{key} {value}" for key, value in fields(own.get("parameters")).items() if value is not None]
    told = [letter, name, *(line(setting, _VALUE) for setting in settings)]
    return Part(messages, text(own.get("system_prompt")).strip(), " · ".join(filter(None, told)))
