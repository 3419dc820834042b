"""The pages of a tab by their names, which are in addresses and saved conversations, and which has what."""

from __future__ import annotations

from backend.formats.archive import Record

TOOLS = "Tools"  # the page whose conversation calls tools
COMPARE = "Compare"  # the page whose conversation is a race of several lanes
STAGE = "Stage"  # the front page before a room: nothing of it is kept
WITHOUT_CHAT = ("History", "Models", "Owner", "Studio")
PATHS = {  # as Streamlit wants them, from the root of the project
    "Chat": "app.py",
    TOOLS: "pages/1_Tools.py",
    COMPARE: "pages/2_Compare.py",
    "Models": "pages/3_Models.py",
    "History": "pages/4_History.py",
    "Owner": "pages/5_Owner.py",
    "Studio": "pages/6_Studio.py",
}


def page_of(record: Record) -> str:
    """Where a conversation belongs: one with tools, or of several lanes, to their page."""
    page = record.settings.get("page")
    return page if page in (TOOLS, COMPARE) else "Chat"
