"""The experiments of one tab: a grid as a job, asked the way this tab asks. Nothing is drawn here.

A job runs without the tab: what it needs of it, source, price and budget, is taken when it begins.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from backend.answer.cost import Price
from backend.compare import experiment, kept_requests
from backend.compare.experiment import About
from backend.compare.grid import BadGrid, Grid
from backend.guests import metering
from backend.jobs.asking import Asked
from backend.jobs.job import AT_ONCE, Bounds, Budget, Draft, Job, Step, StepState
from backend.jobs.reserved import Reserved
from backend.jobs.saved_jobs import SavedJobs
from backend.jobs.working import LEFT
from backend.parameters import named
from backend.types import JSON, ChatRequest, Message
from components.session import admission, guest_request, services, tab
from components.session.asker import Asker
from components.session.connection import Connection
from components.session.connections import Connections
from components.session.models import Models
from components.session.request_settings import RequestSettings, Values
from components.session.services import configured
from components.session.setup import Setup

ADDRESS = "experiment"  # the parameter of the address that names the one in view
_PLACE = "explorer"


class Whole(Protocol):
    """The session of the tab."""

    @property
    def owner(self) -> str: ...

    @property
    def connections(self) -> Connections: ...

    @property
    def models(self) -> Models: ...

    @property
    def settings(self) -> RequestSettings: ...

    @property
    def asker(self) -> Asker: ...

    @property
    def setup(self) -> Setup: ...

    def setup_with(self, place: str, connection: Connection, chosen: str, values: Values) -> Setup: ...


@dataclass(frozen=True)
class Asks:
    """What is asked of the model in use: the same prompt in each cell, answers of at most so many tokens."""

    prompt: str
    grid: Grid
    longest: int | None = None
    cap: float | None = None


class OtherServer(Exception):
    """An experiment asks a server that this tab is not connected to. Its text is a connection's name, or ""."""


class Experiments:
    """Of one tab."""

    def __init__(self, session: Whole) -> None:
        self._session = session

    @property
    def bounds(self) -> Bounds:
        return Bounds().tenth() if configured().shared else Bounds()

    @property
    def saved(self) -> SavedJobs:
        return services.jobs().saved(self._session.owner)

    @property
    def id_in_view(self) -> str:
        return tab.address(ADDRESS)

    def show(self, id_: str) -> None:
        """Bring one into view; "" for none."""
        tab.put_address(ADDRESS, id_)

    # ---- beginning ----------------------------------------------------------------------------------------

    def draft(self, asks: Asks) -> Draft:
        """The job of a grid, with the settings of the sidebar. Raises BadGrid for what cannot be asked."""
        asks.grid.check(self.bounds.steps)
        setup = self._session.setup
        about = About(asks.prompt, setup.values.system_prompt, setup.model, setup.endpoint.digest)
        price = setup.price(setup.model)
        draft = experiment.draft(asks.grid, lambda cell: self._request(asks, cell), about, price, asks.cap)
        self._check_secrets(draft)
        return draft

    def _request(self, asks: Asks, cell: Mapping[str, JSON]) -> ChatRequest:
        """The request of one cell. Raises BadGrid where a value of it is not sent to this model."""
        session, shared = self._session, self._session.settings.values
        longest = {} if asks.longest is None else {"max_tokens": asks.longest}
        values = replace(shared, parameters={**shared.parameters, **longest, **cell})
        used = session.setup
        setup = session.setup_with(_PLACE, used.connection, used.model, values)
        for name in cell:
            if reason := setup.fitted.kept_back.get(name):
                raise BadGrid(f"{named(name).label} cannot be varied here. {reason}")
        return replace(session.asker.ask, setup=setup).request([Message("user", asks.prompt)])

    def _check_secrets(self, draft: Draft) -> None:
        """An experiment is kept: no key may be in it. Raises BadGrid."""
        written = json.dumps([dict(draft.plan), [dict(task.task) for task in draft.tasks]])
        if any(key in written for key in self._session.connections.keys):
            raise BadGrid("The request holds an API key, and experiments are kept: take it out.")

    def begin(self, draft: Draft) -> str:
        """Keep it and start it; its id. Raises TooMuch, Unavailable, and an APIError where a guest cannot pay."""
        setup = self._session.setup
        work, budget = self._work(setup, draft.plan)
        return services.jobs().submit(self._session.owner, draft, work, self.bounds, budget)

    def go_on(self, job: Job, again: Collection[StepState] = LEFT) -> None:
        """Go on with one that nobody works on. Raises OtherServer as well."""
        work, budget = self._work(self._setup_of(job), job.plan)
        services.jobs().go_on(self._session.owner, job.id, work, self.bounds, budget, again)

    def cancel(self, job: Job) -> None:
        services.jobs().cancel(self._session.owner, job.id)

    def delete(self, id_: str) -> None:
        services.jobs().delete(self._session.owner, id_)

    def waits(self, job: Job) -> float:
        """Seconds for which its server wants to be left alone."""
        return services.jobs().waits(self._session.owner, job.id)

    def from_file(self, value: JSON, cap: float | None) -> Draft:
        """The experiment of a file, for the model in use here. Raises BadGrid."""
        setup = self._session.setup
        draft = experiment.read(value, self.bounds.steps, setup.price, cap)
        return replace(draft, plan={**draft.plan, "server": setup.endpoint.digest})

    # ---- how it is asked ------------------------------------------------------------------------------------

    def _setup_of(self, job: Job) -> Setup:
        """The way to the server that an experiment asks."""
        session, server = self._session, job.plan.get("server")
        used = session.setup
        for connection in (used.connection, *session.connections.all.values()):
            if connection.endpoint.digest == server and (connection.is_local == (not server)):
                model = str(job.plan.get("model") or "")
                return session.setup_with(_PLACE, connection, model, session.settings.values)
        raise OtherServer

    def _work(self, setup: Setup, plan: Mapping[str, JSON]) -> tuple[Asked, Budget | None]:
        session = self._session
        answers = session.connections.source(setup.connection)
        account = guest_request.account(admission.payer(), setup, session.models.catalogue(setup.connection))

        def request_of(task: Mapping[str, JSON]) -> ChatRequest:
            return kept_requests.request(plan, task)

        budget = Reserved(account, lambda task: metering.most(account, request_of(task))) if account else None
        here = setup.connection.is_local
        endpoint = setup.endpoint.digest or setup.connection.id
        price: Price = setup.price(str(plan.get("model") or ""))
        source = budget.source(answers) if budget else answers
        return Asked(source, request_of, endpoint, price, 1 if here else AT_ONCE), budget


def cell_steps(steps: Collection[Step]) -> dict[int, list[Step]]:
    """The steps of each cell, by its number."""
    cells: dict[int, list[Step]] = {}
    for step in steps:
        number = step.task.get("cell")
        cells.setdefault(number if isinstance(number, int) else -1, []).append(step)
    return cells
