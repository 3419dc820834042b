"""The test suite of one tab: the one being edited, and which of its runs is in view.

A run is a job: it continues without the tab, and is found again by the address. Its lanes, and who pays,
are as in a race (components/session/lanes.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from backend.compare.kept_requests import JobEstimate
from backend.compare.race import Race
from backend.compare.suite import file, job, rows, saved_suite, yaml_text
from backend.compare.suite.job import AskingLane
from backend.compare.suite.promptfoo import reading
from backend.compare.suite.results import Results
from backend.compare.suite.suite import Plan, Suite, SuiteRefused, plan
from backend.compare.unavailable import NotThere
from backend.formats.imports import EXPERIMENT
from backend.store import StoreError
from backend.types import ChatRequest, Message, Tool
from backend.untrusted import Unreadable, fields
from components.session import services
from components.session.asker import SessionTurnFactory
from components.session.chats import Chats
from components.session.experiments import Experiments
from components.session.lanes import Lanes
from components.session.ports import AskingTab
from components.session.suite_results import SuiteResults
from components.session.suite_work import grading_lane, grading_setup, most_rows


class Whole(AskingTab, Protocol):
    """The session of the tab."""

    @property
    def experiments(self) -> Experiments: ...

    @property
    def lanes(self) -> Lanes: ...

    @property
    def chats(self) -> Chats: ...


class SuiteDesk:
    """`version` counts the suites that were opened: widgets of an older one are ignored."""

    def __init__(self) -> None:
        self.suite = Suite()
        self.run = ""  # the id of the one in view, "" for none
        self.race = 0  # the number of the race that was created for its lanes
        self.results = SuiteResults()
        self.refused = ""  # why nothing was run, or opened
        self.trouble = ""  # why it is not saved
        self.left_out: tuple[str, ...] = ()  # what was left out of a file
        self.wrong = ""  # what is invalid in the editor
        self.tables: dict[str, list[dict[str, object]]] = {}  # the initial content of each table in the editor
        self.version = 0
        self.cap: float | None = 1.0  # the maximum US dollars of a run; None: no limit
        self._compared = ("", "")  # the run in view, and the one it is compared with
        self._estimate: tuple[object, JobEstimate | str] | None = None  # with the inputs it was computed from

    # ---- editing ------------------------------------------------------------------------------------------

    def open(self, session: Whole, content: bytes) -> None:
        """Open a suite from a file, with its lanes."""
        try:
            value = yaml_text.parsed(content)
            if fields(value).get("format") == EXPERIMENT:  # the file of a run
                value = fields(fields(value).get("plan")).get("suite")
            suite, left_out = (file.of_value(value), ()) if file.is_suite(value) else reading.of_value(value)
        except Unreadable as error:
            self.refused = str(error)
            return
        self._bring(session, suite, left_out)

    def race_apart(self, session: Whole) -> Race:
        """The race in view if nothing was asked in it, otherwise a new one, so that its answers stay."""
        race = session.chats.race_chat.race
        if race.has_question:
            race = session.chats.new_race()
            self.race = race.number
        return race

    def _bring(self, session: Whole, suite: Suite, left_out: tuple[str, ...] = ()) -> None:
        """Open a suite; its lanes replace those of the race in view if they differ."""
        self.take(replace(suite, lanes=()), left_out)
        current = tuple(lane.changes for lane in session.chats.race_chat.race.lanes)
        if suite.lanes and suite.lanes != current:
            race = self.race_apart(session)
            for lane in list(race.lanes):
                race.remove(lane)
            for changes in suite.lanes:
                race.add(changes)

    def open_rows(self, content: bytes, name: str) -> None:
        """Replace the rows by those of a table."""
        try:
            self.take(replace(self.suite, rows=rows.read(content, name)))
        except Unreadable as error:
            self.refused = str(error)

    def take(self, suite: Suite, left_out: tuple[str, ...] = ()) -> None:
        """Set another suite, or another version of it; its run leaves the view only if the name differs."""
        if suite.name != self.suite.name:
            self.run = ""
        self.suite, self.left_out, self.refused = suite, left_out, ""
        self.tables.clear()
        self.version += 1

    def bring_back(self, suite: Suite, run: str) -> None:
        """Return to a previous suite, with its run in view."""
        self.take(suite)
        self.run = run

    def whole(self, race: Race) -> Suite:
        """The suite with the lanes of the race, for a file."""
        return replace(self.suite, lanes=tuple(lane.changes for lane in race.lanes))

    # ---- storing ------------------------------------------------------------------------------------------

    def keep(self, owner: str, race: Race) -> None:
        """Save the suite under its name."""
        try:
            services.saved_suites(owner).save(saved_suite.document(self.whole(race)))
            self.trouble = ""
        except StoreError as error:
            self.trouble = str(error)

    def open_kept(self, session: Whole, id_: str) -> None:
        """Open a saved suite, with its last run."""
        saved = services.saved_suites(session.owner).one(id_)
        if saved is None:
            return
        try:
            suite = saved_suite.read(saved)
        except Unreadable as error:
            self.refused = str(error)
            return
        self._bring(session, suite)
        self.run = _last_run(session, suite)

    def delete_kept(self, owner: str) -> None:
        """Delete the open suite from the saved ones; it stays open."""
        saved = services.saved_suites(owner)
        name = self.suite.name or job.UNTITLED
        try:
            for document in saved.names():
                if document.name == name:
                    saved.delete(document.id)
        except StoreError as error:
            self.trouble = str(error)

    # ---- its runs -----------------------------------------------------------------------------------------

    def follow(self, session: Whole) -> None:
        """Open the suite of the run in the address, and keep the address in sync with the run in view."""
        id_ = session.experiments.id_in_view
        if id_ and id_ != self.run and (found := session.experiments.in_view(job.KIND)):
            try:
                self._bring(session, job.of_plan(found.plan)[0])
                self.run = id_
            except Unreadable as error:
                self.refused = str(error)
        if self.run and session.experiments.saved_jobs.job(self.run, plan=False) is None:
            self.run = ""  # it was deleted
        session.experiments.show(self.run)

    def compared(self, session: Whole) -> str:
        """The id of the run that the one in view is compared with: the one before it, unless another was chosen."""
        if self._compared[0] != self.run:
            shown = session.experiments.saved_jobs.job(self.run) if self.run else None
            self._compared = self.run, str(shown.plan.get("before") or "") if shown else ""
        return self._compared[1]

    def compare(self, run: str, other: str) -> None:
        """Compare this run with another one; "" for none."""
        self._compared = run, other

    def before(self, session: Whole) -> Results | None:
        """The results that the run in view is compared with."""
        return self.results.before(session.experiments, self.compared(session))

    def estimate(self, session: Whole, race: Race) -> JobEstimate | str:
        """The cost of a run; otherwise why there is nothing to run."""
        if away := _away(session.lanes, race):
            return away
        asking = [session.lanes.desk(lane).asker.ask for lane in race.lanes]
        made_of = (self.suite, self.wrong, tuple((id(one.setup), one.setup) for one in asking))
        if self._estimate is None or self._estimate[0] != made_of:
            self._estimate = made_of, self._estimated(session, race, asking)
        return self._estimate[1]

    def _estimated(self, session: Whole, race: Race, asking: list[SessionTurnFactory]) -> JobEstimate | str:
        if self.wrong:
            return self.wrong
        try:
            made = _plan(self.suite, asking)
        except SuiteRefused as error:
            return str(error)
        return job.estimate(made, _lanes(session.lanes, race, asking), self._grader(session, made))

    def begin(self, session: Whole, race: Race, *, only_failed: bool = False) -> bool:
        """Run it with the lanes of the race, or set `refused` to the reason. Raises StoreError, APIError. Then
        nothing was sent either.
        """
        if wrong := self.wrong or _away(session.lanes, race):
            self.refused = wrong
            return False
        asking = [session.lanes.desk(lane).asker.ask for lane in race.lanes]
        lanes = _lanes(session.lanes, race, asking)
        before = self.run or _last_run(session, self.suite)
        try:
            made = _plan(self.suite, asking)
            draft = job.draft(
                self.whole(race),
                made,
                lanes,
                self._grader(session, made),
                self.results.whole(session.experiments, before) if only_failed else None,
                only_failed=only_failed,
                cap=self.cap,
            )
            session.experiments.check_secrets(draft)
        except Unreadable as error:
            self.refused = str(error)
            return False
        self.refused = ""
        self.run = session.experiments.begin(replace(draft, plan={**draft.plan, "before": before}))
        session.experiments.show(self.run)
        self.keep(session.owner, race)
        return True

    def _grader(self, session: Whole, made: Plan) -> AskingLane | None:
        return grading_lane(grading_setup(session, made.grading.model)) if made.needs_grader else None


def _last_run(session: Whole, suite: Suite) -> str:
    """The id of the newest run of a suite of this name."""
    return session.experiments.saved_jobs.newest(job.KIND, suite.name or job.UNTITLED)


def names(lanes: Lanes, race: Race) -> list[str]:
    """The names of the lanes in a grid: the model, and the lane's differences."""
    shared = lanes.shared_settings
    labels = []
    for lane in race.lanes:
        setup = lanes.desk(lane).setup
        own = [
            f"{name} {value}"
            for name, value in lane.changes.differences(shared)
            if name not in ("model", "connection")
        ]
        labels.append(" · ".join([setup.model, *own])[:120])
    return labels


def _away(lanes: Lanes, race: Race) -> str:
    """Why a run cannot begin because a lane is unavailable, "" if all are available."""
    return NotThere.title if any(lanes.desk(lane).away for lane in race.lanes) else ""


def _plan(suite: Suite, asking: list[SessionTurnFactory]) -> Plan:
    """The plan. Raises SuiteRefused."""
    return plan(suite, [one.setup.values.system_prompt for one in asking], most_rows())


def _lanes(lanes: Lanes, race: Race, asking: list[SessionTurnFactory]) -> tuple[AskingLane, ...]:
    return tuple(_lane(one, name) for one, name in zip(asking, names(lanes, race), strict=True))


def _lane(asking: SessionTurnFactory, name: str) -> AskingLane:
    def request(question: str, tools: tuple[Tool, ...]) -> ChatRequest:
        return asking.request([Message("user", question)], tools)

    setup = asking.setup
    return AskingLane(name, request, setup.price(setup.model), setup.connection.id)
