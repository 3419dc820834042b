"""A recording as a chat that plays: asked by itself, answered by the recording, kept and counted nowhere.

    chat = played(recording, is_open)
    while chat.advance(chat.player): ...

It is the very chat of the page: its turns, its tool loop, its inspector. Tools are not run: their results are those
of the recording. Nobody else asks in it: what a visitor would change goes into a new chat (`said`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from backend.answer.turn import Source, Turn
from backend.conversation.chat import Chat
from backend.conversation.locking import synchronized
from backend.conversation.ports import TurnFactory
from backend.conversation.queue import QueuedMessage
from backend.conversation.removal import Removal
from backend.conversation.tree import Conversation, Node, NodeId, View
from backend.demos.pace import Pace
from backend.demos.recording import Answer, Recording, Result
from backend.demos.replay import replaying
from backend.tools.agent import Agent
from backend.tools.calls import Outcome, capped
from backend.tools.emulation import Emulated
from backend.tools.loop import LoopRules
from backend.tools.steps import Offer
from backend.types import ChatRequest, Dialect, Message, Tool, ToolCall

SERVER = "recording"  # no digest of an address: what was thought in it goes back to no server


class Player:
    """The TurnFactory of a chat that plays: the next answer of the recording.

    `by_steps`: each part waits for `step`. `over`: it was stopped, or has come to its end. `ahead`: the first
    answer begins with what had come after so many seconds.
    """

    def __init__(
        self, recording: Recording, is_open: Callable[[], bool], grace: float = 60.0, ahead: float = 0.0
    ) -> None:
        self.recording = recording
        self.pace = Pace()
        self._ahead = ahead
        self.by_steps = False
        self.over = False
        self.begun = 0  # answers
        self.answers: dict[Turn, Answer] = {}
        self._rounds = recording.rounds
        self._is_open = is_open
        self._grace = grace
        self._steps = 0

    def __call__(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...], *, more: bool, before: Message | None = None
    ) -> Turn:
        answer = self._rounds[self.begun].answer
        self.begun += 1
        source: Source = replaying(answer, self.pace, self._ahead)
        self._ahead = 0.0
        if self.recording.emulated:
            source = Emulated(source)
        turn = Turn(source, asked(answer, transcript, offered), clock=self.pace.now)
        self.answers[turn] = answer
        return turn.read_by(self._is_open, self._grace)

    def is_open(self) -> bool:
        return self._is_open()

    @property
    def question(self) -> Message | None:
        """The question that comes next, None in the middle of a talk and at the end."""
        place = 0
        for talk in self.recording.talks:
            if place == self.begun:
                return talk.question
            place += len(talk.rounds)
        return None

    @property
    def results(self) -> tuple[Result, ...]:
        """What the calls of the last answer gave."""
        return self._rounds[self.begun - 1].results if self.begun else ()

    @property
    def ended(self) -> bool:
        """Every answer has begun."""
        return self.begun >= len(self._rounds)

    @property
    def holds(self) -> bool:
        """Nothing begins now: it is paused, or waits for a step."""
        return self.over or self.pace.paused or (self.by_steps and not self._steps)

    def step(self) -> None:
        """One part more, once the one before is over."""
        if not any(turn.running for turn in list(self.answers)[-1:]):
            self._steps = 1

    def stepped(self) -> None:
        """A part has begun."""
        self._steps = 0


def asked(answer: Answer, transcript: Sequence[Message], offered: tuple[Tool, ...] = ()) -> ChatRequest:
    """The request of a recorded answer: its body as it was sent, where that is known."""
    request = ChatRequest(
        answer.model,
        tuple(transcript),
        tools=offered,
        stream=answer.streamed,
        dialect=Dialect(format=answer.format),
        server=SERVER,
    )
    return request if answer.request is None else replace(request, raw=answer.request, again=True)


class Unkept:
    """A journal that writes nothing down (backend.conversation.ports.Journal)."""

    id = ""

    def save(self, nodes: Sequence[Node], everything: Sequence[Node], view: View) -> None:
        """Nothing of a play is kept."""

    def follow(self, node: Node, turn: Turn) -> None:
        """Nor how its answers came."""

    def remove(self, removal: Removal) -> Callable[[Conversation], None]:
        return lambda conversation: None

    def enqueue(self, entry: QueuedMessage) -> None:
        """Nor what waits."""

    def hold(self, ids: Sequence[int], *, held: bool) -> None:
        """It is in the memory of the tab."""

    def dequeue(self, entry: QueuedMessage, question: Node) -> bool:
        return True

    def discard(self, ids: Sequence[int]) -> None:
        """It goes with the play."""

    def elsewhere(self, known: Iterable[NodeId]) -> bool:
        return False


class PlayedChat(Chat):
    """A chat that plays a recording. What a visitor would ask or change in it is not done."""

    def __init__(self, player: Player, **given: Any) -> None:
        super().__init__(journal=Unkept(), **given)
        self.player = player
        self.conversation.graft(player.recording.earlier, None)

    @synchronized
    def advance(self, ask: TurnFactory) -> bool:
        """The next part, where one is due: whoever asks, the recording answers."""
        player = self._ask = self.player
        if self.running:
            return False
        self.settle()
        if player.ended:
            self.stop()
        if player.holds:
            return False
        begun = super().advance(player)
        if not begun and (question := player.question) and not self.running:
            super().send(question, player)
            begun = True
        if begun:
            player.stepped()
        return begun

    @synchronized
    def settle(self) -> None:
        """As in a chat; an answer costs what it did when it was recorded."""
        reply, turn = self._reply, self.turn
        answer = self.player.answers.get(turn) if turn and not turn.running else None
        if turn and answer and answer.cost is not None:
            turn.bill(answer.cost)
        super().settle()
        if reply is not None and answer and answer.cost is None and answer.estimate is not None:
            message = self.conversation[reply].message
            self.conversation.update(reply, replace(message, estimate=answer.estimate))

    @synchronized
    def stop(self) -> None:
        """End the play; what was said stays."""
        self.player.over = True
        super().stop()

    # ---- what a visitor would change -----------------------------------------------------------------------

    def send(self, question: str | Message, ask: TurnFactory) -> None:
        """Nothing is asked in a play: components.session.composer asks in a new chat."""

    def regenerate(self, node: NodeId, ask: TurnFactory) -> None:
        """Not in a play."""

    def resume(self, node: NodeId, ask: TurnFactory) -> None:
        """Not in a play."""

    def beside(self, node: NodeId, make_turn: Callable[[], Turn]) -> None:
        """Not in a play."""

    def shorten(self, node: NodeId, ask: TurnFactory) -> None:
        """Not in a play."""

    def ask_again(self, node: NodeId, text: str, ask: TurnFactory) -> None:
        """Not in a play."""

    def reshape(self, change: Callable[[Conversation], None]) -> None:
        """Not in a play."""


class PlayedAgent(PlayedChat, Agent):
    """The same for a run that called tools: each call gets the result that it had."""

    def __init__(self, player: Player) -> None:
        super().__init__(player)
        recording = player.recording
        self.loop.rules = LoopRules(
            {tool.name: Offer(tool, "auto", host=_Results(self)) for tool in recording.tools},
            emulated=recording.emulated,
            rounds=len(recording.rounds) + 1,
            limit=float("inf"),
            repair=True,
        )

    def redo(
        self, node: NodeId, call_id: str, *, arguments: str | None = None, outcome: Outcome | None = None
    ) -> None:
        """Not in a play."""


def played(
    recording: Recording, is_open: Callable[[], bool], grace: float = 60.0, ahead: float = 0.0
) -> PlayedChat:
    """The chat that plays a recording, on the page that it belongs to."""
    player = Player(recording, is_open, grace, ahead)
    return PlayedAgent(player) if recording.page == "Tools" else PlayedChat(player)


def said(chat: PlayedChat) -> list[Message]:
    """What was said so far, for a chat that goes on with it: it cost nothing there. The play ends."""
    chat.stop()
    messages = [node.message for node in chat.conversation.path()]
    return [
        replace(message, cost=0.0, estimate=None, request_id="") if message.role == "assistant" else message
        for message in messages
    ]


class _Results:
    """Gives each call the result that it had (backend.tools.steps.ToolHost)."""

    def __init__(self, chat: PlayedAgent) -> None:
        self._chat = chat

    def start(self, call: ToolCall) -> _Recorded:
        ids = [step.call.id for step in self._chat.loop.steps]
        results, place = self._chat.player.results, ids.index(call.id) if call.id in ids else len(ids)
        known = results[place] if place < len(results) else Result("", ok=False)
        return _Recorded(known, self._chat.player.pace)


class _Recorded:
    """A result that is there when the tool had it (backend.tools.steps.RunningCall)."""

    def __init__(self, result: Result, pace: Pace) -> None:
        self._outcome = replace(capped(result.content, ok=result.ok), seconds=result.seconds)
        self._pace = pace
        self._due = pace.now() + result.seconds

    @property
    def outcome(self) -> Outcome | None:
        return self._outcome if self._pace.now() >= self._due else None

    def stop(self) -> None:
        """It is there at once."""
        self._due = 0.0
