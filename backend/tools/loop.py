"""The calls of a conversation and their outcomes: one Step per call, decided once and answered once.

Every call has a Step: streaming (still in the turn) -> invalid or waiting -> running -> an outcome. Tools run in
backend/tools/runner.py, never here, and a call that does not match its schema never runs. It does NOT decide for
the
visitor: a step waits unless its mode answers it. backend/tools/agent.py decides when to ask the model again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from backend.answer.cost import usd
from backend.conversation.chat import Chat
from backend.conversation.tree import NodeId
from backend.protocol.tool_calls import resolve_name
from backend.tools.calls import ROUNDS, CallOutcome, answer, invalid, problems
from backend.tools.open_rounds import OpenRounds, Round, results_of_calls
from backend.tools.runner import tool_runner
from backend.tools.steps import How, Offer, Phase, Step, ToolHost, rounds, since_question
from backend.types import ChatRequest, Message, Tool, ToolCall

EMULATED_TOOLS = 4  # a small model gets confused by more
_NAMED = 50  # tools that are named to a model that called an unknown one
LIMIT = 0.10  # US dollars that one question may cost
Progress = tuple[NodeId | None, tuple[Phase, ...]]  # (the last message, the state of its calls)
_WENT_ON = CallOutcome("Error: this was not run: the user went on without it.", ok=False)


@dataclass(frozen=True)
class LoopRules:
    """The rules of a loop: the tools on offer by name, how they may be called, and when it ends.

    `choice` is auto, none, required, or the name of a tool; `limit` US dollars for one question; with `repair` an
    error in the arguments is returned to the model without asking the visitor.
    """

    offers: Mapping[str, Offer] = field(default_factory=dict)
    choice: str = "auto"
    parallel: bool | None = None
    emulated: bool = False
    rounds: int = ROUNDS
    limit: float = LIMIT
    repair: bool = False

    @property
    def tools(self) -> tuple[Tool, ...]:
        """The definitions of the tools that the model may call."""
        offered = tuple(offer.tool for offer in self.offers.values())
        return offered[:EMULATED_TOOLS] if self.emulated else offered

    def offer(self, call: ToolCall) -> Offer | None:
        """The tool on offer for a call, even if the model has decorated its name."""
        return self.offers.get(resolve_name(call.name, self.offers))

    def problems(self, call: ToolCall) -> list[str]:
        """What is wrong with a call, as text for the model."""
        offer = self.offer(call)
        names = ", ".join([*list(self.offers)[:_NAMED], *["..."] * (len(self.offers) > _NAMED)]) or "none"
        unknown = [f"there is no tool named {call.name[:64]!r}; available: {names}."]
        return problems(call, offer.tool) if offer else unknown

    def answers_by_itself(self, call: ToolCall) -> bool:
        """Whether the mode of its tool decides a call without the visitor."""
        offer = self.offer(call)
        return offer is not None and (
            offer.mode == "auto" or (offer.mode == "mock" and offer.mocked(call) is not None)
        )

    def apply_to(self, request: ChatRequest) -> ChatRequest:
        """The request with these rules applied."""
        if not request.tools:
            return request
        parameters = dict(request.parameters)
        if self.parallel is not None and not self.emulated:
            parameters["parallel_tool_calls"] = self.parallel
        choice = request.tool_choice or self._choice(request.messages)
        return replace(request, parameters=parameters, tool_choice=choice)

    def _choice(self, messages: Sequence[Message]) -> str | None:
        """The tool choice. A forced one applies to the first round only: otherwise the model could never answer."""
        if self.choice == "auto" or not (self.choice in ("none", "required") or self.choice in self.offers):
            return None
        return self.choice if self.choice == "none" or not rounds(messages) else "auto"


class ToolLoop:
    """The steps of one chat. The page sets `rules` before it draws."""

    def __init__(self, chat: Chat, host: ToolHost | None = None, rounds: OpenRounds | None = None) -> None:
        self.rules = LoopRules()
        self.requests: dict[NodeId, ChatRequest] = {}  # by the answer that made them
        self._chat = chat
        self._host = host
        self._rounds: dict[NodeId, Round] = {}
        self._everywhere = rounds or OpenRounds()
        self._open: set[NodeId] = set()  # answers whose round continues automatically

    # ---- state ------------------------------------------------------------------------------------------

    @property
    def steps(self) -> list[Step]:
        """The calls of the last answer in view; none if it is unfinished, or has no calls."""
        leaf = self._leaf
        return [] if leaf is None else self.steps_at(leaf)

    @property
    def _leaf(self) -> NodeId | None:
        return self._chat.conversation.leaf

    def steps_at(self, node: NodeId) -> list[Step]:
        """The calls of an answer so far."""
        message = self._chat.conversation[node].message
        if message.role != "assistant" or message.state != "done" or not message.tool_calls:
            return []
        if node not in self._rounds:
            made = self._everywhere.find(node, message.tool_calls) or self._round_of(node, message)
            # The page and the answer's own thread may both get here, and validation takes a while: the first result
            # counts, otherwise that thread's decision would be lost.
            if self._rounds.setdefault(node, made) is made and node == self._leaf:
                self._everywhere.add(node, made)
        return self._rounds[node].steps

    def _round_of(self, node: NodeId, message: Message) -> Round:
        outcomes = results_of_calls(self._chat.conversation, node)
        steps = [self._step(call, outcomes.get(call.id)) for call in message.tool_calls]
        return Round(steps, known=bool(outcomes) or node in self.requests)

    def _step(self, call: ToolCall, outcome: CallOutcome | None = None) -> Step:
        return Step(call, self.rules.problems(call), outcome)

    @property
    def running(self) -> bool:
        """Whether a tool is running."""
        return any(step.phase == "running" for step in self.steps)

    @property
    def progress(self) -> Progress:
        """A value that changes whenever something has happened.

        It includes the message, because the end of a round looks like its beginning: no calls in the answer, then
        some, then
        none in the next answer. Comparing both ends only would leave a tool marked as running on the page.
        """
        return self._leaf, tuple(step.phase for step in self.steps)

    @property
    def halted(self) -> bool:
        """Whether the visitor stopped it here, or navigated to it: it continues only on request."""
        return bool(self.steps) and self._leaf not in self._open

    @property
    def in_doubt(self) -> bool:
        """Whether calls that wait here may have run before: this process has not seen their round begin."""
        waiting = any(step.phase == "waiting" for step in self.steps)
        return waiting and self._leaf is not None and not self._rounds[self._leaf].known

    def waits(self, step: Step) -> bool:
        """Whether this call waits for the visitor's decision."""
        if step.poll() or step.running:
            return False
        if step.problems:
            return not self.rules.repair or self.halted
        return self.halted or not self.rules.answers_by_itself(step.call)

    @property
    def spent_usd(self) -> float:
        """US dollars for the answers to the last question: as reported, otherwise estimated."""
        return sum(usd(message) or 0.0 for message in since_question(self._transcript()))

    @property
    def end_reason(self) -> Literal["", "rounds", "money"]:
        """Why the last answer's calls are not run: the limit of rounds or of money is reached."""
        if not self.steps:
            return ""
        if rounds(self._transcript()) > self.rules.rounds:
            return "rounds"
        return "money" if self.spent_usd >= self.rules.limit else ""

    def _transcript(self) -> list[Message]:
        return [node.message for node in self._chat.conversation.path()]

    # ---- progress ------------------------------------------------------------------------------------------

    def note_request(self, answer: NodeId, request: ChatRequest) -> None:
        """Note that an answer begins; its round continues automatically."""
        self.requests[answer] = request
        self._open.add(answer)

    def begin(self) -> bool:
        """Begin every call of the last answer that needs no decision. True if one has begun."""
        begun = [step for step in self.steps if self._begin(step)]
        return bool(begun)

    def _begin(self, step: Step) -> bool:
        if step.poll() or step.running or self.waits(step):
            return False
        if step.problems:
            self._decide(step, invalid(step.problems), "sent back")
        else:
            self._run(step)
        return True

    def close(self) -> NodeId | None:
        """Answer every call of the last answer once, right behind it; returns the new last message."""
        answers = [answer(step.call, step.poll() or _WENT_ON) for step in self.steps]
        self.halt()
        self._everywhere.end(self._leaf or 0)
        return self._chat.conversation.graft(answers, self._leaf)

    def halt(self) -> None:
        """Stop continuing automatically."""
        self._open.discard(self._leaf or 0)

    def stop(self) -> None:
        """Kill running tools; nothing continues automatically."""
        for step in self.steps:
            if step.running is not None:
                step.running.stop()
                step.poll()
        self.halt()

    def go_on(self) -> None:
        """Resume the loop where it was stopped."""
        if self._leaf is not None:
            self._open.add(self._leaf)

    # ---- decisions of the visitor ------------------------------------------------------------------------

    def run(self, node: NodeId, call_id: str) -> None:
        """Run a waiting call."""
        step = self._open_step(node, call_id)
        if step and not step.problems:
            self._run(step)

    def decide(self, node: NodeId, call_id: str, outcome: CallOutcome, how: How, fault: str = "") -> None:
        """Answer a waiting call without running it."""
        if step := self._open_step(node, call_id):
            self._decide(step, outcome, how, fault)

    def send_back(self, node: NodeId, call_id: str) -> None:
        """Return the error in its arguments to the model."""
        if (step := self._open_step(node, call_id)) and step.problems:
            self._decide(step, invalid(step.problems), "sent back")

    def redo(
        self, node: NodeId, call_id: str, *, arguments: str | None = None, outcome: CallOutcome | None = None
    ) -> NodeId:
        """The round of `node` as a branch beside it, with other arguments or another result for one call.

        Other arguments replace the model's and are run; the other calls keep their outcomes.
        """
        conversation = self._chat.conversation
        before, steps = conversation[node], self.steps_at(node)
        new = [self._redo_step(step, arguments, outcome) if step.call.id == call_id else step for step in steps]
        calls = tuple(step.call for step in new)
        branch = conversation.add(replace(before.message, tool_calls=calls), before.parent)
        self._rounds[branch] = made = Round(new)
        self._everywhere.add(branch, made)
        self._open.add(branch)
        if node in self.requests:
            self.requests[branch] = self.requests[node]
        if arguments is not None:
            self.run(branch, call_id)
        return branch

    def _redo_step(self, step: Step, arguments: str | None, outcome: CallOutcome | None) -> Step:
        if arguments is None:
            return Step(step.call, step.problems, outcome, "typed", edited=step.edited)
        return replace(self._step(replace(step.call, arguments=arguments)), edited=True)

    def _open_step(self, node: NodeId, call_id: str) -> Step | None:
        """A call of the last answer without an outcome; None if there is none, as a click may be late."""
        if node != self._leaf or self.end_reason:
            return None
        matching = (step for step in self.steps if step.call.id == call_id)
        return next((step for step in matching if not (step.poll() or step.running)), None)

    def _run(self, step: Step) -> None:
        offer = self.rules.offer(step.call)
        if offer and (offer.own or offer.mode == "mock"):
            step.outcome = offer.mocked(step.call)
            step.how = "mock" if step.outcome else ""
        elif offer:
            step.how = "run"
            step.running = (offer.host or self._host or tool_runner()).start(
                replace(step.call, name=offer.tool.name)
            )

    def _decide(self, step: Step, outcome: CallOutcome, how: How, fault: str = "") -> None:
        step.outcome, step.how, step.fault = outcome, how, fault
