"""The pages of a tab by their names, which are in addresses and saved conversations, and which has what."""

from __future__ import annotations

from backend.formats.archive import Record

TOOLS = "Tools"  # the page whose conversation calls tools
COMPARE = "Compare"  # the page whose conversation is a race of several lanes
STAGE = "Stage"  # the front page before a room: nothing of it is kept
WITHOUT_CHAT = ("History", "Models", "Owner", "Studio")


def page_of(record: Record) -> str:
    """Where a conversation belongs: one with tools, or of several lanes, to their page."""
    page = record.settings.get("page")
    return page if page in (TOOLS, COMPARE) else "Chat"
