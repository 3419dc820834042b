"""A recorded run as values: the questions, the bytes of each answer with their times, the results of tools.

Times are seconds after the request was sent. All of it is untrusted text. It does NOT play: that is
backend/demos/playing.py; its file format is in backend/demos/document.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from backend.compare.lane_settings import Overrides
from backend.types import JSON, Message, State, Tool, WireFormat

Page = Literal["Chat", "Tools", "Compare"]
PAGES: tuple[Page, ...] = get_args(Page)
Ending = Literal["done", "stopped", "failed"]  # how a recorded answer ended
ENDINGS: Mapping[State, Ending] = {"done": "done", "stopped": "stopped", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class RecordedChunk:
    """One event of a stream, or a whole body, `at` seconds after the request was sent."""

    at: float
    text: str


@dataclass(frozen=True)
class RecordedReply:
    """The head of a reply: the status, None if no reply came; `at` in seconds after the first request was sent."""

    status: int | None
    at: float = 0.0


@dataclass(frozen=True)
class Answer:
    """One exchange. `replies`: one for each try. `streamed`: the chunks are events of a stream, not a body.

    `request` is the body that was sent. `elapsed` in seconds; `cost` and `estimate` in US dollars at that time.
    """

    model: str
    format: WireFormat = "chat"
    request: Mapping[str, JSON] | None = None
    replies: tuple[RecordedReply, ...] = (RecordedReply(200),)
    chunks: tuple[RecordedChunk, ...] = ()
    streamed: bool = True
    ending: Ending = "done"
    cost: float | None = None
    estimate: float | None = None


@dataclass(frozen=True)
class Result:
    """The result of a tool call, and the seconds that it took."""

    content: str
    ok: bool = True
    seconds: float = 0.0


@dataclass(frozen=True)
class Round:
    """An answer, and the results of its calls in order."""

    answer: Answer
    results: tuple[Result, ...] = ()


@dataclass(frozen=True)
class Talk:
    """A question and the rounds that answered it; only the last round has no results."""

    question: Message
    rounds: tuple[Round, ...]


@dataclass(frozen=True)
class RecordedLane:
    """One lane of a race: its settings, and its talks. `earlier` as in a recording."""

    settings: Overrides
    talks: tuple[Talk, ...]
    earlier: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Recording:
    """A run. `recorded` in seconds since 1970; `composed`: written by hand for a demo, not by a model.

    `tools` were on offer; `emulated`: the model wrote JSON that was turned into calls. `earlier` are messages
    before the run, without recorded bytes. A race has `lanes`, and no talks of its own.
    """

    title: str
    talks: tuple[Talk, ...]
    page: Page = "Chat"
    about: str = ""
    recorded: float = 0.0
    composed: bool = False
    tools: tuple[Tool, ...] = ()
    emulated: bool = False
    earlier: tuple[Message, ...] = ()
    lanes: tuple[RecordedLane, ...] = ()

    @property
    def all_talks(self) -> list[Talk]:
        """The talks of every lane, one lane after the other."""
        return [*self.talks, *(talk for lane in self.lanes for talk in lane.talks)]

    @property
    def rounds(self) -> list[Round]:
        return [round_ for talk in self.all_talks for round_ in talk.rounds]

    def lane(self, lane: RecordedLane) -> Recording:
        """One lane as a recording of a chat."""
        return replace(self, talks=lane.talks, earlier=lane.earlier, lanes=(), page="Chat")

    @property
    def models(self) -> list[str]:
        """The models that answered, each once."""
        return list(dict.fromkeys(round_.answer.model for round_ in self.rounds if round_.answer.model))

    @property
    def model(self) -> str:
        """The model that answered; of several the first."""
        return next(iter(self.models), "")

    @property
    def seconds(self) -> float:
        """The duration at the original speed."""
        if self.lanes:
            return max(self.lane(lane).seconds for lane in self.lanes)
        return sum(
            (round_.answer.chunks[-1].at if round_.answer.chunks else 0.0)
            + max((result.seconds for result in round_.results), default=0.0)
            for round_ in self.rounds
        )
