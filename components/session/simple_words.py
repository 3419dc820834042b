"""Whether this visitor reads simple words: plain labels first, the API's names small beside them.

The visitor's choice is kept by the browser, as that of the colours is; but it is the server that writes the labels.
So it is a cookie, which comes with the connection: the first page is right at once. Where a browser takes none, the
choice holds for the tab.
"""

from __future__ import annotations

from components.session import tab, widgets
from components.session.services import configured

COOKIE = "playground-simple-words"
ON, OFF = "on", "off"
_CHOSEN = "simple_words.chosen"


def is_on() -> bool:
    """As it was chosen in this tab, else in this browser; else on for the guests of a shared app."""
    switch = tab.value(widgets.SIMPLE_WORDS)
    if isinstance(switch, bool):
        return switch
    before = tab.cookies().get(COOKIE, "")
    return before == ON if before in (ON, OFF) else configured().shared


def choose() -> None:
    """The switch was used: a browser is told only what its visitor chose."""
    tab.put(_CHOSEN, True)


def for_browser() -> str:
    """What the browser is to remember, "" for nothing."""
    return (ON if is_on() else OFF) if tab.value(_CHOSEN) else ""
