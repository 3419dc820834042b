"""The test suite of one tab: what is being edited, the run of it, and the run before.

A run goes on while other pages are in view, and ends with the tab. What a lane asks, and who pays for it, is as
in a race (components/session/lanes.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from backend.compare.lane import Lane
from backend.compare.race import Race
from backend.compare.settings import Overrides
from backend.compare.suite import file, kept, rows, yaml_text
from backend.compare.suite.promptfoo import reading
from backend.compare.suite.results import Results
from backend.compare.suite.running import AskingLane, Run
from backend.compare.suite.suite import ROWS, Plan, Refused, Suite, plan
from backend.errors import APIError
from backend.guests import metering
from backend.store import StoreError
from backend.types import ChatRequest, Message, Tool
from backend.untrusted import Unreadable
from components.session import services, tab
from components.session.asker import SessionTurnFactory
from components.session.lanes import Lanes

GUEST_ROWS = ROWS // 10


class SuiteDesk:
    """`version` counts what was opened: widgets of an older one are not asked any more."""

    def __init__(self) -> None:
        self.suite = Suite()
        self.run: Run | None = None
        self.before: Results | None = None
        self.refused = ""  # why nothing was run, or opened
        self.trouble = ""  # why it is not kept
        self.left_out: tuple[str, ...] = ()  # of a file, in words
        self.wrong = ""  # what in the editor cannot be read
        self.tables: dict[str, list[dict[str, Any]]] = {}  # what each table in the editor began with
        self.version = 0
        self._kept: Run | None = None  # the run whose results are kept

    def open(self, content: bytes, race: Race) -> None:
        """A suite out of a file, with its lanes as lanes of the race in view."""
        try:
            value = yaml_text.parsed(content)
            suite, left_out = (file.of_value(value), ()) if file.is_suite(value) else reading.of_value(value)
        except Unreadable as error:
            self.refused = str(error)
            return
        self._bring(suite, left_out, race)

    def _bring(self, suite: Suite, left_out: tuple[str, ...], race: Race) -> None:
        self.take(replace(suite, lanes=()), left_out)
        if suite.lanes:
            for lane in list(race.lanes):
                race.remove(lane)
            for changes in suite.lanes:
                race.add(changes)

    def open_rows(self, content: bytes, name: str) -> None:
        """Rows out of a table, in the place of those that are there."""
        try:
            self.take(replace(self.suite, rows=rows.read(content, name)))
        except Unreadable as error:
            self.refused = str(error)

    def take(self, suite: Suite, left_out: tuple[str, ...] = ()) -> None:
        """Another suite, or another state of it; the results of the one before it go only where the name does."""
        if suite.name != self.suite.name:
            self.stop()
            self.run = self.before = None
        self.suite, self.left_out, self.refused = suite, left_out, ""
        self.tables.clear()
        self.version += 1

    def keep(self, owner: str, race: Race) -> None:
        """Keep the suite with its last results, under its name."""
        ended = not self.running  # asked once: it may end at any moment
        last = self.results if ended and self.run else self.before
        try:
            services.saved_suites(owner).save(kept.document(self.whole(race), last))
            self.trouble = ""
        except StoreError as error:
            self.trouble = str(error)
        self._kept = self.run if ended else None

    def keep_results(self, owner: str, race: Race) -> None:
        """Once after a run has ended."""
        if self.run and not self.running and self._kept is not self.run:
            self.keep(owner, race)

    def open_kept(self, owner: str, id_: str, race: Race) -> None:
        """One of the suites that are kept, with what came of its last run."""
        saved = services.saved_suites(owner).one(id_)
        if saved is None:
            return
        try:
            suite, last = kept.read(saved)
        except Unreadable as error:
            self.refused = str(error)
            return
        self._bring(suite, (), race)
        self.stop()
        self.run, self.before = None, last

    def delete_kept(self, owner: str) -> None:
        """Delete the suite that is open from where it is kept; it stays open."""
        saved = services.saved_suites(owner)
        name = self.suite.name or kept.UNTITLED
        try:
            for document in saved.names():
                if document.name == name:
                    saved.delete(document.id)
        except StoreError as error:
            self.trouble = str(error)

    def whole(self, race: Race) -> Suite:
        """The suite with the lanes of the race, for a file."""
        return replace(self.suite, lanes=tuple(lane.changes for lane in race.lanes))

    @property
    def results(self) -> Results | None:
        """Of the newest run, as far as it has come."""
        return self.run.results if self.run else None

    @property
    def running(self) -> bool:
        return self.run is not None and self.run.running

    def stop(self) -> None:
        if self.run:
            self.run.stop()

    def begin(self, lanes: Lanes, race: Race, *, only_failed: bool = False) -> None:
        """Run it over the lanes of the race, or say in `refused` why not: then nothing was asked."""
        if self.running:
            return
        if self.wrong:
            self.refused = self.wrong
            return
        asking = [lanes.desk(lane).asker.ask for lane in race.lanes]
        try:
            prompts = [one.setup.values.system_prompt for one in asking]
            made = plan(self.suite, prompts, GUEST_ROWS if any(one.account for one in asking) else ROWS)
            metering.check_together(_priced(made, asking))
        except Refused as error:
            self.refused = str(error)
            return
        except APIError as error:
            self.refused = f"{error.title} {error.hint}"
            return
        self.refused = ""
        self.before = self.results or self.before
        ways = tuple(_lane(one, name) for one, name in zip(asking, names(lanes, race), strict=True))
        grader = self._grader(lanes, race) if made.graded else None
        self.run = Run(made, ways, grader, self.before, only_failed=only_failed)
        self.run.while_wanted(tab.tab_is_open(), services.configured().deadlines.abandoned).start()

    def _grader(self, lanes: Lanes, race: Race) -> AskingLane:
        """The model that grades, asked without a system prompt and parameters, on the sidebar's connection."""
        model = self.suite.grading.model or lanes.shared.model
        desk = lanes.desk(Lane("grader", Overrides(model=model, system_prompt=""), race.lanes[0].chat))
        asking = desk.asker.ask

        def request(question: str, tools: tuple[Tool, ...]) -> ChatRequest:
            return replace(asking.request([Message("user", question)], tools), parameters={}, extra={})

        return replace(_lane(asking, model), request=request)


def names(lanes: Lanes, race: Race) -> list[str]:
    """What the lanes are called in a grid: the model, and what a lane does differently."""
    shared = lanes.shared
    told = []
    for lane in race.lanes:
        setup = lanes.desk(lane).setup
        own = [
            f"{name} {value}"
            for name, value in lane.changes.differences(shared)
            if name not in ("model", "connection")
        ]
        told.append(" · ".join([setup.model, *own])[:120])
    return told


def _lane(asking: SessionTurnFactory, name: str) -> AskingLane:
    def request(question: str, tools: tuple[Tool, ...]) -> ChatRequest:
        return asking.request([Message("user", question)], tools)

    return AskingLane(name, asking.setup.endpoint.base_url, request, asking.turn)


def _priced(made: Plan, asking: list[SessionTurnFactory]) -> list[tuple[metering.Account, ChatRequest]]:
    """Every request that a guest would pay for."""
    return [
        (one.account, one.request([Message("user", case.question)], made.tools))
        for one in asking
        if one.account
        for case in made.cases
    ]
