"""The experiments of one tab: a grid as a job with this tab's settings. Nothing is drawn here.

A job runs without the tab: it gets its source, price and budget when it begins.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Protocol

from backend.compare import experiment, grid, job_files, kept_requests
from backend.compare.experiment import About
from backend.compare.grid import BadGrid
from backend.compare.grid_setup import SetUp
from backend.compare.suite import job as suite_job
from backend.jobs.asking import room
from backend.jobs.job import Bounds, Budget, Draft, Job, JobStep, StepState
from backend.jobs.job_rows import NoSuchJob
from backend.jobs.saved_jobs import SavedJobs
from backend.jobs.workers import LEFT, Works
from backend.parameters import parameter_named
from backend.types import JSON, ChatRequest, Message, Tool
from backend.untrusted import Object
from components.session import services, suite_work, tab
from components.session.asker import Asker
from components.session.job_sources import PLACE, Ways, reserved_budget
from components.session.ports import AskingTab
from components.session.services import configured
from components.session.suite_work import bounds_of_suites

ADDRESS = "experiment"  # the query parameter with the id of the one in view


class Whole(AskingTab, Protocol):
    """The session of the tab."""

    @property
    def asker(self) -> Asker: ...


class Experiments:
    """The experiments of one tab."""

    def __init__(self, session: Whole) -> None:
        self._session = session

    @property
    def bounds(self) -> Bounds:
        return Bounds().tenth() if configured().shared else Bounds()

    @property
    def saved_jobs(self) -> SavedJobs:
        return services.jobs().saved_jobs(self._session.owner)

    @property
    def id_in_view(self) -> str:
        return tab.address(ADDRESS)

    def show(self, id_: str) -> None:
        """Show one; "" for none."""
        tab.put_address(ADDRESS, id_)

    @property
    def kind_in_view(self) -> str:
        """The kind of the one in view; "" for none, that of a grid if it was deleted."""
        id_ = self.id_in_view
        job = self.saved_jobs.job(id_, plan=False) if id_ else None
        return job.kind if job else experiment.KIND if id_ else ""

    def in_view(self, kind: str) -> Job | None:
        """The one in view, if it is of this kind."""
        job = self.saved_jobs.job(self.id_in_view) if self.id_in_view else None
        return job if job and job.kind == kind else None

    # ---- beginning ----------------------------------------------------------------------------------------

    def draft(self, asks: SetUp, tools: tuple[Tool, ...] = ()) -> Draft:
        """The job of a grid, with the settings of the sidebar. Tool calls are counted, and none is run.

        Raises BadGrid for what cannot be sent.
        """
        asked = asks.grid
        asked.check(self.bounds.steps)
        setup = self._session.setup
        about = About(asks.prompt, setup.values.system_prompt, setup.model, setup.endpoint.digest)
        price = setup.price(setup.model)
        draft = experiment.draft(asked, lambda cell: self._request(asks, cell, tools), about, price, asks.cap)
        self.check_secrets(draft)
        return draft

    def _request(self, asks: SetUp, cell: Mapping[str, JSON], tools: tuple[Tool, ...]) -> ChatRequest:
        """The request of one cell. Raises BadGrid if one of its values is not sent to this model."""
        session, shared = self._session, self._session.settings.values
        longest = {} if asks.longest is None else {"max_tokens": asks.longest}
        values = replace(shared, parameters={**shared.parameters, **longest, **cell})
        used = session.setup
        setup = session.setup_with(PLACE, used.connection, used.model, values)
        for name in cell:
            if reason := setup.fitted.kept_back.get(name):
                raise BadGrid(f"{parameter_named(name).label} cannot be varied here. {reason}")
        return replace(session.asker.ask, setup=setup).request([Message("user", asks.prompt)], tools)

    def check_secrets(self, draft: Draft) -> None:
        """Raises BadGrid if it contains a key: an experiment is stored."""
        written = json.dumps([dict(draft.plan), [dict(task.task) for task in draft.tasks]])
        if any(key in written for key in self._session.connections.keys):
            raise BadGrid("The request holds an API key, and experiments are kept: take it out.")

    def begin(self, draft: Draft) -> str:
        """Store and start it; returns its id. Raises TooMuch, Unavailable, OtherServer, and an APIError if a
        guest cannot pay.
        """
        works, budget = self._works(draft.kind, draft.plan)
        return services.jobs().submit(self._session.owner, draft, works, self._bounds_of(draft.kind), budget)

    def go_on(self, job: Job, again: Collection[StepState] = LEFT) -> None:
        """Resume a job that no process works on; it may be given without its plan. Raises OtherServer as well."""
        whole = self.saved_jobs.job(job.id)
        if whole is None:
            raise NoSuchJob
        works, budget = self._works(whole.kind, whole.plan)
        bounds = self._bounds_of(job.kind)
        services.jobs().go_on(self._session.owner, job.id, works, bounds, budget, again)

    def cancel(self, job: Job) -> None:
        services.jobs().cancel(self._session.owner, job.id)

    def delete(self, job: Job) -> None:
        """Stop and delete it; this can be undone like the deletion of a conversation."""
        owner = self._session.owner
        self._session.deletions.experiment(job.title, lambda: services.jobs().delete(owner, job.id))
        if self.id_in_view == job.id:
            self.show("")

    def taker(self) -> Callable[[Object], bool]:
        """A function that imports an experiment of a file, from any thread, and returns whether it is new here.
        Raises Unreadable, StoreError.
        """
        saved, bounds = self.saved_jobs, {kind: self._bounds_of(kind) for kind in job_files.KINDS}
        return lambda value: job_files.bring(saved, value, bounds.get(str(value.get("kind")), self.bounds))[1]

    def wait_seconds(self, job: Job) -> float:
        """Seconds for which its server wants a pause."""
        return services.jobs().wait_seconds(self._session.owner, job.id)

    def from_file(self, value: JSON, cap: float | None) -> Draft:
        """The experiment in a file, for the model in use. Raises BadGrid."""
        setup = self._session.setup
        draft = experiment.read(value, self.bounds.steps, setup.price, cap)
        return replace(draft, plan={**draft.plan, "server": setup.endpoint.digest})

    # ---- how it is asked ------------------------------------------------------------------------------------

    def _bounds_of(self, kind: str) -> Bounds:
        return self.bounds if kind == experiment.KIND else bounds_of_suites()

    def _works(self, kind: str, plan: Mapping[str, JSON]) -> tuple[Works, Budget | None]:
        ways = Ways(self._session)
        if kind == suite_job.KIND:
            return suite_work.works(ways, plan, self._session)
        way = ways.to(plan)

        def request_of(task: Mapping[str, JSON]) -> ChatRequest:
            return kept_requests.request(plan, task)

        budget = reserved_budget([way], lambda task: way.most(request_of(task)))
        return way.asking_work(request_of, budget, room(self.bounds, grid.read(plan).size)), budget


def cell_steps(steps: Collection[JobStep]) -> dict[int, list[JobStep]]:
    """The steps of each cell, by its number."""
    cells: dict[int, list[JobStep]] = {}
    for step in steps:
        number = step.task.get("cell")
        cells.setdefault(number if isinstance(number, int) else -1, []).append(step)
    return cells
