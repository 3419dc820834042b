"""Whether this visitor reads simple words: plain labels, with the API's names in small print beside them.

The browser stores the choice, as that of the theme; but the server writes the labels.
So it is a cookie, which is sent with the connection: the first page is right at once. If a browser accepts none,
the
choice holds for the tab.
"""

from __future__ import annotations

from components.session import tab, widgets
from components.session.services import configured

COOKIE = "playground-simple-words"
ON, OFF = "on", "off"
_CHOSEN = "simple_words.chosen"


def is_on() -> bool:
    """The choice in this tab, otherwise in this browser; otherwise on for the guests of a shared app."""
    switch = tab.value(widgets.SIMPLE_WORDS)
    if isinstance(switch, bool):
        return switch
    before = tab.cookies().get(COOKIE, "")
    return before == ON if before in (ON, OFF) else configured().shared


def choose() -> None:
    """The switch was used: only an explicit choice is stored in the browser."""
    tab.put(_CHOSEN, True)


def for_browser() -> str:
    """The value for the browser to store, "" for none."""
    return (ON if is_on() else OFF) if tab.value(_CHOSEN) else ""
