"""The Studio of one tab: the families and models of the connection in use, and starting and monitoring runs.
components/session/studio_runs.py has the stored runs. Nothing is drawn here.

A run continues without the tab: it gets its client, shelf and budget when it begins. An abandoned run that
the server still works on is resumed by the first tab of its owner that sees it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from backend import errors, local
from backend.errors import APIError
from backend.guests.metering import Account
from backend.jobs.job import Draft, JobTask
from backend.jobs.workers import LEFT, STOPPED
from backend.store import StoreError
from backend.studio import assisting, batching, models
from backend.studio import task as tasks
from backend.studio.assisting import OUTPUT, Assisting
from backend.studio.budget import RunBudget
from backend.studio.families import FAMILIES, KIND, Family, Name
from backend.studio.local_vectors import LocalVectors
from backend.studio.makers import maker
from backend.studio.models import StudioModel
from backend.studio.prices import Estimate, dearest
from backend.studio.shelf import MB, NoRoom, Shelf
from backend.studio.task import Task
from backend.studio.work import Making
from backend.transport.call import Call
from backend.types import JSON
from components.session import admission, guest_request, services, studio_menu, words
from components.session.connection import CONFIGURED, Connection
from components.session.connections import local_models
from components.session.ports import TabParts
from components.session.services import configured
from components.session.studio_account import StudioAccount
from components.session.studio_runs import KeptRuns, Run

_ROOM = MB // 4  # bytes that must be free before a run begins
_TITLE = 200
ADDRESS = "run"  # the query parameter with the id of a run


class Studio:
    """The Studio of one tab."""

    def __init__(self, session: TabParts) -> None:
        self._session = session
        self.kept = KeptRuns(session)
        self.account = StudioAccount(session, self.kept)

    @property
    def shelf(self) -> Shelf:
        return self.kept.shelf

    @property
    def connection(self) -> Connection:
        return self._session.connections.current

    # ---- what there is ------------------------------------------------------------------------------------

    def families(self) -> list[Family]:
        """The families available on the connection in use."""
        return studio_menu.families(self.connection, local=bool(self._session.models.local))

    def models(self, family: Family) -> list[StudioModel]:
        """The models to choose from: documented, or in the server's list; any other id may be typed."""
        if self.connection.is_local:
            here_first = sorted(self._session.models.local, key=lambda model: not local.present(model))
            return [models.of_this_machine(model.id, model.label) for model in here_first]
        return studio_menu.offered_models(family, self.connection, self._session.models.listing(self.connection))

    def model(self, family: Family, id_: str) -> StudioModel:
        """The model with this id."""
        if self.connection.is_local:
            here = {model.id: model for model in self.models(family)}
            return here.get(id_) or next(iter(here.values()))
        return studio_menu.model(family, self.connection, id_)

    def able(self, name: Name) -> StudioModel | None:
        """A model of the connection in use for this family, preferably the one chosen on the page; None if none
        is known.
        """
        family = FAMILIES[name]
        return studio_menu.able(family, self.connection, self.models(family))

    @property
    def takes_pictures(self) -> bool:
        """Whether some model here accepts a picture."""
        return studio_menu.takes_pictures(self.connection)

    def estimate(self, task: Task, model: StudioModel) -> Estimate | None:
        """The cost of one request, as far as the server's list tells."""
        return studio_menu.estimate(task, model, self.connection, self._session.models.listing(self.connection))

    @property
    def unpriced_is_closed(self) -> bool:
        """Whether models without a price are closed to this visitor."""
        return self.connection.guest and configured().terms.price_limit is not None

    # ---- running ------------------------------------------------------------------------------------------

    def begin(self, asked: Sequence[Task], model: StudioModel) -> str:
        """Store and start a run; returns its id. Raises TooMuch, Unavailable, FileGone, and an APIError with a
        message.
        """
        connection = self.connection
        asked = [tasks.by_its_family(task) for task in asked]
        first = asked[0]
        if connection.needs_key:
            raise errors.KeyMissing()
        if self.shelf.used_bytes + _ROOM > self.shelf.quota.bytes:
            raise NoRoom
        whole = [batching.whole(self.shelf, task) for task in asked]
        estimated = dearest([self.estimate(task, model) for task in whole])
        budget = studio_menu.budget(whole, estimated, self._account())
        server = connection.endpoint.digest
        plan: dict[str, JSON] = {"server": server, "model": first.model, "prompt": first.input_text}
        marked = [replace(task, mark=secrets.token_hex(16)) for task in asked]
        steps = [JobTask(task.as_json(), estimated.high if estimated else None) for task in marked]
        draft = Draft(KIND, first.input_text[:_TITLE] or model.label, plan, steps)
        work = self._making(connection, first, budget)
        return services.jobs().submit(self._session.owner, draft, work, self.kept.bounds, budget)

    def _account(self) -> Account | None:
        session = self._session
        return guest_request.account(admission.payer(), session.setup, session.models.catalogue(self.connection))

    def _making(self, connection: Connection, task: Task, budget: RunBudget | None = None) -> Making:
        endpoint = connection.endpoint
        client = self._session.connections.client(endpoint)
        if connection.is_local:
            chosen = next(one for one in local_models() if one.id == task.model)
            return LocalVectors(client, self.shelf, connection.id, None, 1, model=chosen)
        work = maker(task.about)
        return work(client, self.shelf, endpoint.digest or connection.id, budget)

    def look_after(self, runs: Sequence[Run]) -> None:
        """Resume runs that the server works on and whose process has ended. Nothing is begun by that, and
        nothing paid.
        """
        for run in runs:
            job = run.job
            if (job.state == "running" and not run.at_work) or (job.state, job.why) == ("paused", STOPPED):
                with suppress(StoreError, APIError):
                    if run.step.handle:
                        self.look_again(run)
                    elif job.state == "running":  # nobody knows what came of it
                        services.jobs().cancel(self._session.owner, run.job.id)

    def look_again(self, run: Run, outputs: Mapping[str, str] | None = None) -> None:
        """Resume a run that no process works on; `outputs`: of the tools that it requires, by the ids of the
        calls. Raises TooMuch, Unavailable, KeyMissing.
        """
        account = self._account()
        work = self._making(self._way_to(run), run.task, RunBudget(account, 0.0) if account else None)
        if outputs and isinstance(work, Assisting):
            work = replace(work, outputs={id_: given[:OUTPUT] for id_, given in outputs.items()})
        services.jobs().go_on(self._session.owner, run.job.id, work, self.kept.bounds, None, LEFT)

    def cancel(self, run: Run) -> None:
        """Ask the server to cancel a run. What it answers by then still arrives. Raises APIError."""
        client, handle = self._making(self._way_to(run), run.task).client, tasks.read_handle(run.step.handle)
        if handle is None or not handle.id:
            return
        with Call() as call:
            if run.task.about.gives == "thread":
                assisting.cancel(client, run.task, handle, call)
            else:
                batching.cancel(client, handle, call)
        if not run.at_work:
            self.look_again(run)

    def _way_to(self, run: Run) -> Connection:
        """The way to a run's server. Raises BadInput if this tab is not connected to it."""
        if (connection := self._connection_of(run)) is None:
            raise errors.BadInput(title=words.RUN_OF_ANOTHER_SERVER, hint="")
        return connection

    def _connection_of(self, run: Run) -> Connection | None:
        """The connection to the server of a run."""
        all_, server = (self.connection, *self._session.connections.all.values()), self.kept.server_of(run)
        return next((one for one in all_ if one.endpoint.digest == server and not one.is_local), None)

    def use_configured(self) -> None:
        """Connect to the server whose models are documented."""
        self._session.connections.connect(CONFIGURED)
