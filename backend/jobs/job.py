"""A job and its steps as values, and their limits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from backend.types import JSON

# States of a job. A job whose process ended stays "running" until it is resumed.
JobState = Literal["running", "paused", "cancelled", "done"]
# States of a step. "unknown": it was in flight when it was interrupted, and may have been charged.
StepState = Literal["waiting", "running", "done", "failed", "cancelled", "unknown"]
AT_ONCE = 4  # parallel requests to one endpoint
DAY = 86_400.0
STALE = 20.0  # seconds without a heartbeat after which a job counts as abandoned


@dataclass(frozen=True)
class Bounds:
    """The limits of one owner: steps of a job, bytes that it stores, days, running jobs, and stored jobs."""

    steps: int = 400
    bytes: int = 50_000_000
    days: float = 90.0
    at_once: int = 3
    kept: int = 100
    names: tuple[str, str] = ("experiment", "experiments")  # the name of such jobs, singular and plural

    def tenth(self) -> Bounds:
        """The limits of a guest."""
        return Bounds(
            self.steps // 10,
            self.bytes // 10,
            self.days / 10,
            max(1, self.at_once // 10),
            self.kept // 10,
            self.names,
        )

    def with_steps(self, steps: int) -> Bounds:
        """The same limits for another kind of job."""
        return replace(self, steps=steps)


@dataclass(frozen=True)
class JobTask:
    """One step to be done: its `task`, and the most US dollars it can cost; None: unknown.

    `queue` names the work that does it, if a job has several. `known`: its result is known already; it is not done
    again.
    """

    task: Mapping[str, JSON]
    most: float | None = None
    queue: str = ""
    known: StepOutcome | None = None


@dataclass(frozen=True)
class Draft:
    """A job to be submitted. `plan` is all that its kind needs to know, `cap` the dollars it may spend."""

    kind: str
    title: str
    plan: Mapping[str, JSON]
    tasks: Sequence[JobTask]
    cap: float | None = None


@dataclass(frozen=True)
class JobStep:
    """A stored step. Times are seconds since 1970; `result` is its outcome."""

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
        """Whether it is to be done when its job resumes, including steps in a state of `again`."""
        return self.state == "waiting" or self.state in again or (self.state == "running" and bool(self.handle))


@dataclass(frozen=True)
class Job:
    """A stored job without its steps. `counts`: the number of steps in each state."""

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
    usd: float = 0.0  # the known cost
    plan: Mapping[str, JSON] = field(default_factory=dict)  # {} if the job comes from a list

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def ended_steps(self) -> int:
        """The number of steps that have ended, however they did. Those that a stop kept from beginning have not."""
        return self.total - sum(self.counts.get(state, 0) for state in ("waiting", "running", "cancelled"))

    def at_work(self, now: float) -> bool:
        """Whether some process works on it. A heartbeat in the future is from before the clock was set back."""
        return self.state == "running" and abs(now - self.beat) < STALE


@dataclass(frozen=True)
class StepOutcome:
    """How a step ended. `usd`: its cost; None: unknown."""

    state: Literal["done", "failed", "unknown"]
    result: Mapping[str, JSON] = field(default_factory=dict)
    usd: float | None = None


class Again(Exception):
    """Nothing was charged: the endpoint wants a pause, after which the step is tried again.

    `seconds`: how long, None if it did not say. `endpoint`: which one, None: that of the work. `outcome`: the
    outcome after too many attempts; None: the work pauses then.
    """

    def __init__(
        self, seconds: float | None, why: str, endpoint: str | None = None, outcome: StepOutcome | None = None
    ) -> None:
        super().__init__(why)
        self.seconds = seconds
        self.endpoint = endpoint
        self.outcome = outcome


class Later(Exception):
    """Nothing was sent: this job alone has to wait for this many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:g} s")
        self.seconds = seconds


class Halt(Exception):
    """Nothing was charged, and every other step of this work would fail too: it pauses until a person resumes
    it.
    """


class Hands(Protocol):
    """The services that the work on a step gets."""

    @property
    def handle(self) -> str:
        """The stored handle of this step if it was begun before; otherwise ""."""
        ...

    def keep_handle(self, handle: str) -> None:
        """Store at once how the step is resumed: the server's id for it, or its result so far. A step that has a
        handle is never begun anew.
        """
        ...

    def hold(self, seconds: float) -> None:
        """Pause the endpoint for this long."""
        ...

    def when_stopped(self, do: Callable[[], None]) -> None:
        """Call this when the job is cancelled or taken over; at once if it already was."""
        ...


class Work(Protocol):
    """Does the steps of one job, several in parallel. `endpoint` names what allows only `at_once` of them."""

    @property
    def endpoint(self) -> str: ...

    @property
    def at_once(self) -> int: ...

    def __call__(self, task: Mapping[str, JSON], hands: Hands) -> StepOutcome:
        """Do one step. Raises Again, Later or Halt."""
        ...


class Budget(Protocol):
    """The payment for a job: everything is reserved before it begins, and the unused rest is returned."""

    @property
    def id(self) -> str:
        """The id of the reservation, "" for none."""
        ...

    def reserve(self, tasks: Sequence[Mapping[str, JSON]]) -> None:
        """Reserve the most these can cost. Raises an APIError with a message if that is too much."""
        ...

    def release(self, id_: str = "") -> None:
        """Return the rest; with an id, that of a run whose process has ended."""
        ...
