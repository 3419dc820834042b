"""The pages of a tab by their internal names, which are in addresses and saved conversations, and their
properties.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend.formats.archive import Record
from components.elements.browser_history import CONVERSATION

TOOLS = "Tools"  # the page whose conversation calls tools
COMPARE = "Compare"  # the page whose conversation is a race of several lanes
STAGE = "Stage"  # the front page on the stage: nothing of it is saved
WITHOUT_CHAT = ("History", "Models", "Owner", "Studio")
PATHS = {  # as Streamlit requires them, from the root of the project
    "Chat": "app.py",
    TOOLS: "pages/1_Tools.py",
    COMPARE: "pages/2_Compare.py",
    "Models": "pages/3_Models.py",
    "History": "pages/4_History.py",
    "Owner": "pages/5_Owner.py",
    "Studio": "pages/6_Studio.py",
}
ELSEWHERE = tuple(name for name in PATHS if name != "Chat")  # the paths of all pages except the front page
# Query parameters that only some pages have, with the paths of those pages, "" for the front page.
OWNERS = {
    CONVERSATION: ("", TOOLS, COMPARE),
    "stage": ("",),
    "experiment": (COMPARE,),
    "family": ("Studio",),
    "run": ("Studio",),
}


def is_foreign(page: str, parameters: Iterable[str]) -> bool:
    """Whether some of these parameters belong to another page, whose address came along with Back. A
    conversation's id is no such parameter: it leads to its page.
    """
    path = "" if page == "Chat" else page
    return any(name != CONVERSATION and path not in OWNERS.get(name, (path,)) for name in parameters)


def page_of(record: Record) -> str:
    """The page of a conversation: one with tools, or of several lanes, has a page of its own."""
    page = record.settings.get("page")
    return page if page in (TOOLS, COMPARE) else "Chat"
