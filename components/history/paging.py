"""How much of the list is on the screen: a page more at each click, and when that is much, the next ones instead.

So every conversation can be come to, however many there are, and no page is drawn for minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from backend.store import Sort
from components.elements.reveal import reveal
from components.history import words
from components.session import tab

PAGE = 30  # conversations that come with a click
TOGETHER = 5  # pages on the screen at most
_ASKED = "history.more"  # how often more were asked for, and of which list

Filters = tuple[str, str, Sort]


@dataclass(frozen=True)
class Window:
    """What is shown of the list that these filters give: `limit` entries after the first `offset`."""

    filters: Filters
    asked: int = 0

    @classmethod
    def current(cls, filters: Filters) -> Window:
        """The one of this tab; the beginning where something else is looked for now."""
        filters_before, asked = tab.value(_ASKED) or (filters, 0)
        return cls(filters, asked if filters_before == filters else 0)

    @property
    def offset(self) -> int:
        return self.asked // TOGETHER * TOGETHER * PAGE

    @property
    def limit(self) -> int:
        return (self.asked % TOGETHER + 1) * PAGE

    def to_the_beginning(self) -> None:
        """Draw the way back over a list that does not begin at its beginning. A place that is always there."""
        with st.container(key="history.back"):
            if self.offset:
                self._button(words.SHOW_FIRST, "history.show_first", 0)
                reveal("history.back", str(self.offset), focus=True)  # the one that asked was far below

    def more(self) -> None:
        """Draw the button under the list, where it goes on."""
        full = self.asked % TOGETHER == TOGETHER - 1
        self._button(words.SHOW_NEXT if full else words.SHOW_MORE, "history.show_more", self.asked + 1)

    def _button(self, label: str, key: str, asked: int) -> None:
        st.button(label, key=key, on_click=tab.put, args=(_ASKED, (self.filters, asked)), type="tertiary")
