"""A chat whose answers may call tools: when the next request is sent. No screen.

    agent.send("Is order 1042 late?", ask)
    while agent.advance(ask) or agent.running: ...

The outcome of each call is decided in backend/tools/loop.py. When every call has its outcome, the results are added
and the model is asked again, within a limit of rounds and of money. Every change by the visitor is a branch.
"""

from __future__ import annotations

from collections.abc import Sequence

from backend.answer.turn import Source, Turn
from backend.conversation.chat import Chat
from backend.conversation.locking import synchronized
from backend.conversation.ports import Journal, TurnFactory
from backend.conversation.tree import Conversation, NodeId
from backend.tools.calls import CallOutcome
from backend.tools.emulation import Emulated, emulated_request
from backend.tools.loop import ToolLoop
from backend.tools.open_rounds import OpenRounds
from backend.tools.steps import ToolHost, rounds
from backend.types import ChatRequest, Message, Tool


class Agent(Chat):
    """A chat with a loop of tool calls. Those of one owner share their unfinished rounds."""

    def __init__(
        self,
        host: ToolHost | None = None,
        journal: Journal | None = None,
        conversation: Conversation | None = None,
        owner: str | None = None,
    ) -> None:
        super().__init__(journal, conversation)
        self.loop = ToolLoop(self, host, OpenRounds(owner))

    @property
    def tools(self) -> tuple[Tool, ...]:
        return self.loop.rules.tools

    @property
    def running(self) -> bool:
        return super().running or self.loop.running

    @synchronized
    def send(self, question: str | Message, ask: TurnFactory) -> None:
        """Send as in a chat; open calls are answered with what there is."""
        if not self.running:
            self.settle()
            self.loop.close()
        super().send(question, ask)

    @synchronized
    def send_next(self, ask: TurnFactory) -> bool:
        """Send a queued message likewise."""
        if self.queued.waiting and not self.running:
            self.settle()
            self.loop.close()
        return super().send_next(ask)

    @synchronized
    def advance(self, ask: TurnFactory) -> bool:
        """Start what can start, and ask again when every call has its outcome. True if something has begun."""
        self._ask = ask
        if super().running:
            return False
        self.settle()
        loop, steps = self.loop, self.loop.steps
        if not steps:
            return super().advance(ask)
        if loop.end_reason or loop.halted:
            return False
        begun = loop.begin()
        if all(step.poll() for step in steps):
            self._answer(loop.close(), ask)
            return True
        return begun

    @synchronized
    def stop(self) -> None:
        """End the answer and running tools; nothing continues automatically."""
        super().stop()
        self.loop.stop()

    @synchronized
    def choose(self, node: NodeId) -> None:
        """Bring a branch into view. That sends nothing, even if its loop is unfinished."""
        if not super().running:
            self.stop()
        super().choose(node)
        if self.loop.steps:
            self.loop.halt()

    @synchronized
    def redo(
        self, node: NodeId, call_id: str, *, arguments: str | None = None, outcome: CallOutcome | None = None
    ) -> None:
        """Repeat the round of `node` with other arguments or another result for one call, as a branch beside it."""
        if super().running or node != self.conversation.leaf:
            self.stop()
        self.loop.redo(node, call_id, arguments=arguments, outcome=outcome)
        self.write_down()

    def _more(self, transcript: Sequence[Message]) -> bool:
        return rounds(transcript) < self.loop.rules.rounds

    def _begin(self, turn: Turn, question: NodeId | None) -> None:
        super()._begin(turn, question)
        if self._reply is not None:
            self.loop.note_request(self._reply, turn.request)

    # ---- requests ----------------------------------------------------------------------------------------

    def shape_request(self, request: ChatRequest) -> ChatRequest:
        """The request with this loop's choices; for a model without tools in emulated form."""
        request = self.loop.rules.apply_to(request)
        return emulated_request(request) if self.loop.rules.emulated else request

    def through(self, source: Source) -> Source:
        """The source, which turns the text of a model without tools into calls."""
        return Emulated(source) if self.loop.rules.emulated else source
