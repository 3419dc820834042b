"""A recording as a chat that plays: it asks its own questions, is answered by the recording, and is neither saved
nor billed.

    chat = played(recording, is_open)
    while chat.advance(chat.player): ...

It uses the chat of the page with its turns, tool loop and inspector. Tools are not run: their results are those
of the recording. Nothing else can be asked in it: a visitor's change goes into a new chat (`take_messages`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from backend.answer.turn import Turn
from backend.conversation.chat import Chat
from backend.conversation.locking import synchronized
from backend.conversation.ports import TurnFactory
from backend.conversation.queue import QueuedMessage
from backend.conversation.removal import Removal
from backend.conversation.tree import Conversation, Node, NodeId, View
from backend.demos.pace import Pace
from backend.demos.player import START, Ahead, Player
from backend.demos.recording import Recording, Result
from backend.tools.agent import Agent
from backend.tools.calls import CallOutcome, capped
from backend.tools.loop import LoopRules
from backend.tools.steps import Offer
from backend.types import Message, ToolCall


class Unkept:
    """A journal that writes nothing (backend.conversation.ports.Journal)."""

    id = ""

    def save(self, nodes: Sequence[Node], everything: Sequence[Node], view: View) -> None:
        """Do nothing: a playback is not saved."""

    def follow(self, node: Node, turn: Turn) -> None:
        """Do nothing: its exchanges are not saved either."""

    def remove(self, removal: Removal) -> Callable[[Conversation], None]:
        return lambda conversation: None

    def enqueue(self, entry: QueuedMessage) -> None:
        """Do nothing: nothing is queued."""

    def hold(self, ids: Sequence[int], *, held: bool) -> None:
        """Do nothing: the queue exists only in memory."""

    def dequeue(self, entry: QueuedMessage, question: Node) -> bool:
        return True

    def discard(self, ids: Sequence[int]) -> None:
        """Do nothing: it ends with the playback."""

    def elsewhere(self, known: Iterable[NodeId]) -> bool:
        return False


class PlayedChat(Chat):
    """A chat that plays a recording. It ignores what a visitor would ask or change."""

    def __init__(self, player: Player) -> None:
        super().__init__(journal=Unkept())
        self.player = player
        self.conversation.graft(player.recording.earlier, None)

    @synchronized
    def advance(self, ask: TurnFactory) -> bool:
        """Play the next part if one is due; the argument is ignored, as the recording answers."""
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
            player.note_step()
        return begun

    @synchronized
    def settle(self) -> None:
        """Settle as a chat does, with the cost from the recording."""
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
        """End the playback; what has been shown stays."""
        self.player.over = True
        super().stop()

    # ---- changes by a visitor: ignored -----------------------------------------------------------------------

    def send(self, question: str | Message, ask: TurnFactory) -> None:
        """Do nothing: components.session.composer sends in a new chat."""

    def regenerate(self, node: NodeId, ask: TurnFactory) -> None:
        """Do nothing in a playback."""

    def resume(self, node: NodeId, ask: TurnFactory) -> None:
        """Do nothing in a playback."""

    def beside(self, node: NodeId, make_turn: Callable[[], Turn]) -> None:
        """Do nothing in a playback."""

    def shorten(self, node: NodeId, ask: TurnFactory) -> None:
        """Do nothing in a playback."""

    def ask_again(self, node: NodeId, text: str, ask: TurnFactory) -> None:
        """Do nothing in a playback."""

    def reshape(self, change: Callable[[Conversation], None]) -> None:
        """Do nothing in a playback."""


class PlayedAgent(PlayedChat, Agent):
    """A played chat for a run that called tools: each call gets its recorded result."""

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
        self, node: NodeId, call_id: str, *, arguments: str | None = None, outcome: CallOutcome | None = None
    ) -> None:
        """Do nothing in a playback."""


def played(
    recording: Recording, is_open: Callable[[], bool], grace: float = 60.0, ahead: Ahead = START
) -> PlayedChat:
    """The chat that plays a recording, for its page."""
    player = Player(recording, is_open, grace, ahead)
    return PlayedAgent(player) if recording.page == "Tools" else PlayedChat(player)


def take_messages(chat: PlayedChat) -> list[Message]:
    """The messages shown so far, for a new chat that continues them at no cost so far. Ends the playback."""
    chat.stop()
    messages = [node.message for node in chat.conversation.path()]
    return [
        replace(message, cost=0.0, estimate=None, request_id="") if message.role == "assistant" else message
        for message in messages
    ]


class _Results:
    """Gives each call its recorded result (backend.tools.steps.ToolHost)."""

    def __init__(self, chat: PlayedAgent) -> None:
        self._chat = chat

    def start(self, call: ToolCall) -> _Recorded:
        ids = [step.call.id for step in self._chat.loop.steps]
        results, place = self._chat.player.results, ids.index(call.id) if call.id in ids else len(ids)
        known = results[place] if place < len(results) else Result("", ok=False)
        return _Recorded(known, self._chat.player)


class _Recorded:
    """A result that becomes available when the tool had it (backend.tools.steps.RunningCall)."""

    def __init__(self, result: Result, player: Player) -> None:
        self._outcome = replace(capped(result.content, ok=result.ok), seconds=result.seconds)
        self._pace: Pace = player.pace
        self._due = 0.0 if player.catches_up else player.pace.now() + result.seconds

    @property
    def outcome(self) -> CallOutcome | None:
        return self._outcome if self._pace.now() >= self._due else None

    def stop(self) -> None:
        """Make the result available at once."""
        self._due = 0.0
