"""How running answers get to the browser of a tab: by the route, or, where none gets through, by the page."""

from __future__ import annotations

from backend.answer.relay import Relay
from backend.answer.turn import Turn
from components.chat.feed import waiting
from components.session import tab
from components.view import route
from components.view.component import Stream


class Carrier:
    """One per tab: `Carrier.current()`."""

    def __init__(self) -> None:
        self.by_route = route.is_serving()
        self._relay: Relay | None = None

    @staticmethod
    def current() -> Carrier:
        return tab.one(Carrier)

    def lost(self) -> None:
        """The browser could not read the route: from now on the page feeds this tab."""
        self.by_route = False

    def stream(self, turn: Turn) -> Stream | None:
        """Where the browser reads this answer; None: the page feeds it. All that run at once share one relay."""
        if not self.by_route:
            return None
        if self._relay is None or (turn.running and not self._relay.running):
            self._relay = route.relays.add(Relay(waiting))
        return Stream(self._relay.id, self._relay.place(turn))
