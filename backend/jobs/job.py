"""A job and its steps as values, and how much of them there may be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from backend.types import JSON

# Of a job. A job that was at work when its process ended stays "running" until somebody goes on with it.
JobState = Literal["running", "paused", "cancelled", "done"]
# Of a step. "unknown": it was in flight when something ended it, and may have been charged.
StepState = Literal["waiting", "running", "done", "failed", "cancelled", "unknown"]
AT_ONCE = 4  # requests to one endpoint
DAY = 86_400.0
STALE = 20.0  # seconds without a sign of life after which nobody works on a job any more


@dataclass(frozen=True)
class Bounds:
    """What one owner may have: steps of a job, bytes that it keeps, days, jobs at work, and jobs that are kept."""

    steps: int = 400
    bytes: int = 50_000_000
    days: float = 90.0
    at_once: int = 3
    kept: int = 100
    names: tuple[str, str] = ("experiment", "experiments")  # what such jobs are called, one and several

    def tenth(self) -> Bounds:
        """Those of a guest."""
        return Bounds(
            self.steps // 10,
            self.bytes // 10,
            self.days / 10,
            max(1, self.at_once // 10),
            self.kept // 10,
            self.names,
        )

    def with_steps(self, steps: int) -> Bounds:
        """The same for another kind of job."""
        return replace(self, steps=steps)


@dataclass(frozen=True)
class JobTask:
    """One step that is to be done: what `task` says, for `most` US dollars at most; None: nobody knows.

    `queue` names the work that does it, where a job has several. `known`: what came of it already; it is not done.
    """

    task: Mapping[str, JSON]
    most: float | None = None
    queue: str = ""
    known: StepOutcome | None = None


@dataclass(frozen=True)
class Draft:
    """A job that is to be submitted. `plan` is all that its kind needs to know, `cap` the dollars it may spend."""

    kind: str
    title: str
    plan: Mapping[str, JSON]
    tasks: Sequence[JobTask]
    cap: float | None = None


@dataclass(frozen=True)
class JobStep:
    """One of them as it is kept. Times are seconds since 1970; `result` is what came of it."""

    place: int
    task: Mapping[str, JSON]
    state: StepState = "waiting"
    tries: int = 0
    most: float | None = None
    usd: float | None = None
    began: float | None = None
    ended: float | None = None
    handle: str = ""
    result: Mapping[str, JSON] = field(default_factory=dict)
    queue: str = ""

    def is_left(self, again: Collection[StepState]) -> bool:
        """It is to be done when its job goes on, and steps in a state of `again` with it."""
        return self.state == "waiting" or self.state in again or (self.state == "running" and bool(self.handle))


@dataclass(frozen=True)
class Job:
    """One that is kept, without its steps. `counts` says how many of them are in which state."""

    id: str
    kind: str
    title: str
    state: JobState
    why: str
    cap: float | None
    bytes: int
    worker: str
    beat: float
    reserved: str
    created: float
    updated: float
    counts: Mapping[StepState, int] = field(default_factory=dict)
    usd: float = 0.0  # spent, as far as it is known
    plan: Mapping[str, JSON] = field(default_factory=dict)  # {} in a list

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def ended(self) -> int:
        """Steps that are over, however they ended."""
        return self.total - self.counts.get("waiting", 0) - self.counts.get("running", 0)

    def at_work(self, now: float) -> bool:
        """Some process works on it. A sign of life in the future is from before the clock was set back."""
        return self.state == "running" and abs(now - self.beat) < STALE


@dataclass(frozen=True)
class StepOutcome:
    """How a step ended. `usd`: what it cost, None: nobody knows."""

    state: Literal["done", "failed", "unknown"]
    result: Mapping[str, JSON] = field(default_factory=dict)
    usd: float | None = None


class Again(Exception):
    """Nothing was charged: the endpoint wants to be left alone for a while, and the step is tried again then.

    `seconds`: how long, None where it did not say. `endpoint`: which one, None: that of the work. `outcome`: what
    has come of the step when it was tried often enough; None: its work pauses then.
    """

    def __init__(
        self, seconds: float | None, why: str, endpoint: str | None = None, outcome: StepOutcome | None = None
    ) -> None:
        super().__init__(why)
        self.seconds = seconds
        self.endpoint = endpoint
        self.outcome = outcome


class Later(Exception):
    """Nothing was asked: this job, and no other, has to wait for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:g} s")
        self.seconds = seconds


class Halt(Exception):
    """Nothing was charged, and no other step of this work would fare better: it pauses until a person goes on."""


class Hands(Protocol):
    """What the work on a step is handed."""

    @property
    def handle(self) -> str:
        """What was kept of this step, where it was begun before; else ""."""
        ...

    def keep_handle(self, handle: str) -> None:
        """Write down at once how the step is taken up again: what the far end calls it, or what has come of it so
        far. A step that has one is never begun anew."""
        ...

    def hold(self, seconds: float) -> None:
        """Leave the endpoint alone for so long."""
        ...

    def when_stopped(self, do: Callable[[], None]) -> None:
        """Call this when the job is cancelled or taken away; at once where that has happened."""
        ...


class Work(Protocol):
    """Does steps of one job, several at once. `endpoint` names what bears only `at_once` of them."""

    @property
    def endpoint(self) -> str: ...

    @property
    def at_once(self) -> int: ...

    def __call__(self, task: Mapping[str, JSON], hands: Hands) -> StepOutcome:
        """Do one. Raises Again, Later or Halt."""
        ...


class Budget(Protocol):
    """Who pays for a job: all of it is set aside before it begins, and what was not used is given back."""

    @property
    def id(self) -> str:
        """Of what is set aside, "" for nothing."""
        ...

    def reserve(self, tasks: Sequence[Mapping[str, JSON]]) -> None:
        """Set aside what these can cost. Raises an APIError in words where that is too much."""
        ...

    def release(self, id_: str = "") -> None:
        """Give back what is left; with an id, of a run whose process has ended."""
        ...
