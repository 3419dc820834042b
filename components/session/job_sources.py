"""The sources of a job, which runs without the tab: source, price and budget are taken when it begins or
resumes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from backend.answer.turn import Source
from backend.guests import metering
from backend.guests.ledger import Amount
from backend.guests.metering import Account
from backend.jobs.asking import Asked
from backend.jobs.guest_budget import Reserved
from backend.types import JSON, ChatRequest
from components.session import admission, guest_request
from components.session.connection import Connection
from components.session.ports import AskingTab
from components.session.services import configured
from components.session.setup import Setup

PLACE = "experiment"


class OtherServer(Exception):
    """A job needs a server that this tab is not connected to."""


@dataclass(frozen=True)
class Way:
    """The way to one model. `account` pays for a guest; None: no guest."""

    setup: Setup
    answers: Source
    account: Account | None

    def most(self, request: ChatRequest) -> Amount:
        """The maximum use of a guest's budget by a request. Raises NotForGuests."""
        return metering.most(self.account, request) if self.account else Amount()

    def asking_work(
        self, request_of: Callable[[Mapping[str, JSON]], ChatRequest], budget: Reserved | None, room: int
    ) -> Asked:
        """The Work for the steps of a job. `room`: see backend.jobs.asking.Asked."""
        setup = self.setup
        source = budget.source(self.answers, self.account) if budget and self.account else self.answers
        endpoint = setup.endpoint.digest or setup.connection.id
        at_once = 1 if setup.connection.is_local else configured().at_once
        return Asked(source, request_of, endpoint, setup.price(setup.model), at_once, room)


class Ways:
    """The ways of one tab."""

    def __init__(self, session: AskingTab) -> None:
        self._session = session

    def to(self, kept: Mapping[str, JSON], place: str = PLACE) -> Way:
        """The way to the model and the server in a plan. Raises OtherServer."""
        session, server = self._session, kept.get("server")
        for connection in self._connections(kept.get("connection")):
            if connection.endpoint.digest == server and connection.is_local == (not server):
                model = str(kept.get("model") or "")
                return self.by(session.setup_with(place, connection, model, session.settings.values))
        raise OtherServer

    def _connections(self, first: JSON) -> list[Connection]:
        """The connections of this tab: the one with this name first, then the one in use."""
        known = self._session.connections.all
        named = [known[first]] if isinstance(first, str) and first in known else []
        return [*named, self._session.setup.connection, *known.values()]

    def by(self, setup: Setup) -> Way:
        """The way for a setup."""
        session, connection = self._session, setup.connection
        catalogue = session.models.catalogue(connection)
        account = guest_request.account(admission.payer(), setup, catalogue)
        return Way(setup, session.connections.source(connection), account)


def reserved_budget(ways: Sequence[Way], most: Callable[[Mapping[str, JSON]], Amount]) -> Reserved | None:
    """The budget of a guest for a whole job; None if no guest pays."""
    account = next((way.account for way in ways if way.account), None)
    return Reserved(account, most) if account else None
