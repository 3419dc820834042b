"""A blind race that waits for a vote, as a readable export: without anything that identifies its lanes.

JSON exports are not masked: they can be imported again, and whoever asks for one is told.
"""

from __future__ import annotations

from dataclasses import replace

from backend.conversation.lanes import MOST
from backend.conversation.tree import Conversation, Node
from backend.formats.archive import Record
from backend.protocol import wire
from backend.types import JSON, Message, Timing
from backend.untrusted import objects

_TELLING = ("model", "connection", "parameters", "system_prompt", "lanes")


def waits_for_vote(record: Record) -> bool:
    """Whether its models must not be shown yet (backend/compare/race.py: Race.saved_settings)."""
    return record.settings.get("blind") == "hidden"


def masked(record: Record) -> Record:
    """The record without models, settings, reasoning, times and costs, if a vote is pending."""
    if not waits_for_vote(record):
        return record
    whole = record.conversation
    nodes = [Node(node.id, node.parent, _masked(node.message)) for node in whole.nodes()]
    settings: dict[str, JSON] = {name: value for name, value in record.settings.items() if name not in _TELLING}
    settings["lanes"] = [{"first": lane.get("first")} for lane in objects(record.settings.get("lanes"), MOST)]
    return replace(record, conversation=Conversation.of(nodes, dict(whole.view)), settings=settings)


def _masked(message: Message) -> Message:
    if message.role != "assistant":
        return message
    text = wire.thinking(message)[1]
    bare = replace(message, content=text, reasoning="", reasoning_details=(), model=None, timing=Timing())
    return replace(bare, usage=None, cost=None, estimate=None, failure=None, request_id="")
