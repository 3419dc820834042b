"""How running answers get to the browser of a tab: it reads them by the route, and until then the page feeds it."""

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
        self._relay: Relay | None = None
        self._by_route = route.is_serving()

    @staticmethod
    def current() -> Carrier:
        return tab.one(Carrier)

    def stream(self, turn: Turn) -> Stream | None:
        """Where the browser reads this answer; None: the page feeds it. All that run at once share one relay."""
        if not self._by_route:
            return None
        if self._relay is None or (turn.running and not self._relay.running):
            self._relay = route.relays.add(Relay(waiting))
        return Stream(self._relay.id, self._relay.place(turn))

    def is_read(self) -> bool:
        """The browser reads by the route."""
        return self._by_route and self._relay is not None and self._relay.readers > 0

    def lost(self) -> None:
        """Nothing that the browser could use came by the route: this tab is fed from now on."""
        self._by_route = False
