"""A race: two to six lanes that answer the same questions at once, each in a conversation of its own.

    race = Race(lambda lane: ask_of(lane.changes))
    race.add(Overrides(parameters={"temperature": 0.0}))
    race.add(Overrides(parameters={"temperature": 1.5}))
    race.send("Invent a name for a café.")
    for lane in race.join().lanes:
        print(lane.newest)

All lanes are stored as one conversation: the first question of each is one of its root messages. So a race is one
entry in the history, and search, export and deletion work as for every other conversation.
"""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial

from backend.compare import lane_settings
from backend.compare.lane import Lane, LaneJournal
from backend.compare.lane_queues import RaceQueue
from backend.compare.lane_settings import Overrides
from backend.conversation import lanes
from backend.conversation.chat import Chat
from backend.conversation.locking import synchronized
from backend.conversation.ports import Journal, TurnFactory
from backend.conversation.recent import RecentTurns
from backend.conversation.removal import Removal
from backend.conversation.tree import Conversation, NodeId
from backend.errors import APIError
from backend.store import StoreError
from backend.types import JSON, Message

FEWEST, MOST = 2, lanes.MOST
_NUMBERS = itertools.count(1)
LaneTurnFactory = Callable[[Lane], TurnFactory]


class TooManyLanes(ValueError):
    """A race has at most MOST lanes."""


class Race:
    """`ask_lane` makes the turns of a lane.

    `check` is called before a question is sent, and raises an APIError if not all lanes may answer it: then
    none is asked, and `refused` holds the question and the reason.
    """

    def __init__(
        self,
        ask_lane: LaneTurnFactory,
        journal: Journal | None = None,
        check: Callable[[Race, Message], None] | None = None,
    ) -> None:
        self.number = next(_NUMBERS)  # unique among the races of this process
        self.lock = threading.RLock()  # shared by all lanes: they write into one conversation
        self.journal = journal
        self.lanes: list[Lane] = []
        self.recent = RecentTurns()
        self.queued = RaceQueue(self)
        self.refused: tuple[Message, APIError] | None = None
        self.blind = False  # the models stay hidden until there is a vote
        self.revealed = False  # they have been revealed
        self.played = False  # a recording: its lanes are read-only
        self._ask_lane = ask_lane
        self._check = check
        self._made = 0  # number of lanes so far

    # ---- its lanes ------------------------------------------------------------------------------------

    @synchronized
    def add(self, changes: Overrides | None = None, conversation: Conversation | None = None) -> Lane:
        """Add a lane; a late one begins with the next question. Raises TooManyLanes."""
        if len(self.lanes) >= MOST:
            raise TooManyLanes
        self._made += 1
        chat = Chat(LaneJournal(self.journal, self.whole) if self.journal else None, conversation)
        chat.lock, chat.recent = self.lock, self.recent
        lane = Lane(str(self._made), changes or Overrides(), chat)
        self.lanes.append(lane)
        return lane

    def line_up(self, other: Race) -> None:
        """Copy the lanes of another race, none of them asked yet; of a played recording, none."""
        self.blind = other.blind
        for lane in () if other.played else other.lanes:
            self.add(lane.changes)

    @synchronized
    def remove(self, lane: Lane) -> Callable[[], None]:
        """Remove a lane with its messages for good; its answer is stopped. Returns a function that undoes it.

        Both raise a StoreError on failure; then nothing has changed.
        """
        if lane not in self.lanes:
            return lambda: None
        lane.chat.stop()
        lane.chat.queued.hold()
        lane.chat.queued.drop_held()
        before, place = self.whole(), self.lanes.index(lane)
        self.lanes.remove(lane)
        removal = Removal(before, self.whole())
        try:
            write_back = self.journal.remove(removal) if self.journal is not None and removal.removed_ids else None
        except BaseException:  # any exception, Ctrl+C included: the lane is restored; always re-raised
            self.lanes.insert(place, lane)
            raise
        self.write_settings()
        return partial(self._put_back, lane, place, write_back)

    @synchronized
    def _put_back(self, lane: Lane, place: int, write_back: Callable[[Conversation], None] | None) -> None:
        if len(self.lanes) >= MOST:
            raise StoreError(f"There are {MOST} lanes by now, and no room for this one.")
        self.lanes.insert(place, lane)
        try:
            if write_back is not None:
                write_back(self.whole())
        except BaseException:  # as above, in reverse
            self.lanes.remove(lane)
            raise
        self.write_settings()

    def lane(self, id_: str) -> Lane | None:
        return next((lane for lane in self.lanes if lane.id == id_), None)

    def lane_of(self, node: NodeId) -> Lane | None:
        """The lane that contains this message."""
        return next((lane for lane in self.lanes if node in lane.chat.conversation), None)

    # ---- asking ---------------------------------------------------------------------------------------

    @synchronized
    def send(self, question: str | Message) -> None:
        """Ask all lanes at once; a lane that is still answering queues the question."""
        message = Message("user", question) if isinstance(question, str) else question
        if self._may_ask(message):
            if self.blind and not self.has_question:
                self._shuffle()
            for lane in self.lanes:
                lane.chat.send(message, self._ask_lane(lane))

    def _may_ask(self, message: Message) -> bool:
        """Whether all lanes may answer it; otherwise `refused` says why not."""
        self.refused = None
        try:
            if self._check:
                self._check(self, message)
        except APIError as error:
            self.refused = message, error
        return self.refused is None

    def _shuffle(self) -> None:
        """New order and new ids, so that nothing links a lane to what was known of it before."""
        secrets.SystemRandom().shuffle(self.lanes)
        for lane in self.lanes:
            self._made += 1
            lane.id = str(self._made)

    @property
    def has_question(self) -> bool:
        """Whether at least one lane has a question."""
        return any(len(lane.chat.conversation) for lane in self.lanes)

    @property
    def hidden(self) -> bool:
        """Whether the models must not be shown now."""
        return self.blind and self.has_question and not self.revealed

    @synchronized
    def reveal(self) -> None:
        """Allow the models to be shown from now on."""
        if not self.revealed:
            self.revealed = True
            self.write_settings()

    @synchronized
    def advance(self) -> bool:
        """Settle what has ended and send what is queued, in every lane. True if an answer was started."""
        began = [lane.chat.advance(self._ask_lane(lane)) for lane in self.lanes]
        return any(began)

    @synchronized
    def send_next(self) -> bool:
        """Send queued messages in the lanes that are idle. True if an answer was started."""
        if not self.queued.waiting or not self._may_ask(self.queued.waiting[0]):
            self.queued.hold()
            return False
        began = [lane.chat.send_next(self._ask_lane(lane)) for lane in self.lanes]
        return any(began)

    @synchronized
    def regenerate(self, lane: Lane) -> None:
        """Regenerate the last answer of one lane, as a branch beside it."""
        if answer := lane.answer:
            lane.chat.regenerate(answer.id, self._ask_lane(lane))

    @property
    def running(self) -> bool:
        """Whether at least one lane is answering."""
        return any(lane.chat.running for lane in self.lanes)

    @synchronized
    def stop(self) -> None:
        """End every answer and keep what has arrived."""
        for lane in self.lanes:
            lane.chat.stop()

    def join(self, timeout: float | None = None) -> Race:
        """Wait until no lane is answering. `timeout` is for each lane, in seconds."""
        for turn in [lane.chat.turn for lane in self.lanes]:
            if turn is not None:
                turn.join(timeout)
        for lane in self.lanes:
            lane.chat.settle()
        return self

    # ---- as one conversation ----------------------------------------------------------------------------

    @synchronized
    def whole(self) -> Conversation:
        """All lanes as one conversation, with the first of them in view."""
        nodes = [node for lane in self.lanes for node in lane.chat.conversation.nodes()]
        view: dict[NodeId | None, NodeId | None] = {}
        for lane in reversed(self.lanes):
            view.update(lane.chat.conversation.view)
        first = next(
            (lane.chat.conversation.child_in_view(None) for lane in self.lanes if lane.chat.conversation), None
        )
        return Conversation.of(nodes, {**view, None: first} if first is not None else view)

    @synchronized
    def saved_settings(self) -> dict[str, JSON]:
        """What is stored of the race besides its messages: its lanes, and which messages are theirs."""
        lanes: list[JSON] = [
            {**lane.changes.as_json(), "first": list(lane.chat.conversation.children(None))} for lane in self.lanes
        ]
        return {"lanes": lanes, **({"blind": "revealed" if self.revealed else "hidden"} if self.blind else {})}

    @synchronized
    def write_settings(self) -> None:
        """Store the lanes, if the race is stored already."""
        whole = self.whole()
        if self.journal is not None and len(whole):
            self.journal.save([], whole.nodes(), whole.view)

    @synchronized
    def revive(self, conversation: Conversation, kept: Mapping[str, JSON]) -> None:
        """Restore the lanes of a stored race, from untrusted data."""
        self.blind, self.revealed = "blind" in kept, kept.get("blind") == "revealed"
        for own, said in lanes.apart(conversation, kept):
            self.add(lane_settings.read(dict(own)), said)

    @synchronized
    def interrupt(self, but: Collection[NodeId] = ()) -> None:
        """Mark answers without a turn, all `but` these, as interrupted."""
        for lane in self.lanes:
            for node in lane.chat.conversation.nodes():
                if node.message.state == "running" and node.id not in but:
                    lane.chat.conversation.update(node.id, replace(node.message, state="interrupted"))
