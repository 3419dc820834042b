"""The pages of a tab by their names, which are in addresses and saved conversations, and which has what."""

from __future__ import annotations

from collections.abc import Iterable

from backend.formats.archive import Record
from components.elements.browser_history import CONVERSATION

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
ELSEWHERE = tuple(name for name in PATHS if name != "Chat")  # the paths of all but the front page
# Parameters of an address that not every page has, with the paths of those that have them, "" for the front page.
OWNERS = {
    CONVERSATION: ("", TOOLS, COMPARE),
    "stage": ("",),
    "experiment": (COMPARE,),
    "family": ("Studio",),
    "run": ("Studio",),
}


def is_foreign(page: str, parameters: Iterable[str]) -> bool:
    """Some of these parameters are not of this page: the address is that of another one, which came along
    with Back. The name of a conversation is another matter: it leads to its page."""
    path = "" if page == "Chat" else page
    return any(name != CONVERSATION and path not in OWNERS.get(name, (path,)) for name in parameters)


def page_of(record: Record) -> str:
    """Where a conversation belongs: one with tools, or of several lanes, to their page."""
    page = record.settings.get("page")
    return page if page in (TOOLS, COMPARE) else "Chat"
