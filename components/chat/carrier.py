"""Brings running answers to the browser of a tab: it reads them by the route, and until it does, the page feeds
it.
"""

from __future__ import annotations

from collections.abc import Mapping

from backend.answer.relay import Relay
from backend.answer.turn import Turn
from backend.conversation.tree import NodeId
from components.chat.page_feed import waiting
from components.session import tab
from components.view import route
from components.view.component import Stream

HELD = 1_000  # texts that a browser is known to have


class Carrier:
    """One per tab: `Carrier.current()`.

    `held`: checksums of texts, by their messages, that the browser has read by the route and reported. A page
    refers to them instead of sending them again. A reloaded page is a new tab here: nothing is known of it.
    """

    def __init__(self) -> None:
        self._relay: Relay | None = None
        self._by_route = route.is_serving()
        self._names = True
        self.held: dict[str, str] = {}

    @staticmethod
    def current() -> Carrier:
        return tab.one(Carrier)

    @property
    def relay(self) -> Relay | None:
        """The relay for the running answers of this tab, or the next one; None: the page feeds it."""
        if not self._by_route:
            return None
        if self._relay is None or not self._relay.alive:
            self._relay = route.relays.add(Relay(waiting, tab.tab_is_open()))
        return self._relay

    def stream(self, turn: Turn) -> Stream | None:
        """The address at which the browser reads this answer. All that run at once share one relay."""
        relay = self.relay if turn.running else self._relay
        return Stream(relay.id, relay.place(turn)) if relay and self._by_route else None

    def announce(self, turn: Turn, message: NodeId) -> None:
        """Tell the browser of an answer that has just begun: it shows it before the page is drawn."""
        if relay := self.relay:
            relay.place(turn, str(message))

    def is_read(self) -> bool:
        """Note that the browser reads by the route."""
        return self._by_route and self._relay is not None and self._relay.readers > 0

    def note_held(self, marks: Mapping[str, str]) -> None:
        """Note which texts the browser reports to have."""
        if self._names:
            self.held.update(marks)
        for message in list(self.held)[:-HELD]:
            del self.held[message]

    def note_missing(self) -> None:
        """Note that it lacks a reported text: from now on this tab is sent every text."""
        self._names = False
        self.held.clear()

    def give_up_route(self) -> None:
        """Note that the route delivered nothing usable: the page feeds this tab from now on."""
        self._by_route = False
