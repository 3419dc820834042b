"""Paging of the list: another page at each click, and after some pages the next window of them.

So every conversation can be reached, however many there are, and no page takes minutes to draw.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from backend.store import Sort
from components.elements.reveal import reveal
from components.history import words
from components.session import tab

PAGE = 30  # conversations per page
TOGETHER = 5  # maximum of pages on the screen
_ASKED = "history.more"  # the number of clicks, and the list they are for

Filters = tuple[str, str, Sort]


@dataclass(frozen=True)
class Window:
    """The visible part of the list for these filters: `limit` entries after the first `offset`."""

    filters: Filters
    asked: int = 0

    @classmethod
    def current(cls, filters: Filters) -> Window:
        """The window of this tab; the beginning if the filters have changed."""
        filters_before, asked = tab.value_as(tuple, _ASKED) or (filters, 0)
        return cls(filters, asked if filters_before == filters else 0)

    @property
    def offset(self) -> int:
        return self.asked // TOGETHER * TOGETHER * PAGE

    @property
    def limit(self) -> int:
        return (self.asked % TOGETHER + 1) * PAGE

    def to_the_beginning(self) -> None:
        """Draw a button to the beginning above a list that starts later. A container that always exists."""
        with st.container(key="history.back"):
            if self.offset:
                self._button(words.SHOW_FIRST, "history.show_first", 0)
                reveal("history.back", str(self.offset), focus=True)  # the clicked button was far below

    def more(self) -> None:
        """Draw the button under the list, if it continues."""
        full = self.asked % TOGETHER == TOGETHER - 1
        self._button(words.SHOW_NEXT if full else words.SHOW_MORE, "history.show_more", self.asked + 1)

    def _button(self, label: str, key: str, asked: int) -> None:
        st.button(label, key=key, on_click=tab.put, args=(_ASKED, (self.filters, asked)), type="tertiary")
