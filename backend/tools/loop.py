"""The calls of a conversation and what becomes of them: one Step per call, decided once and answered once.

Every call has a Step: streaming (still in the turn) -> invalid or waiting -> running -> an outcome. Tools run in
backend/tools/runner.py, never here, and what does not fit its schema never runs. It does NOT decide for the
visitor: a step without a mode that answers it waits. When to ask the model again is for backend/tools/agent.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from backend.answer.cost import usd
from backend.conversation.chat import Chat
from backend.conversation.tree import NodeId
from backend.protocol.tool_calls import meant
from backend.tools.calls import ROUNDS, CallOutcome, answer, capped, invalid, problems
from backend.tools.runner import tool_runner
from backend.tools.steps import How, Offer, Phase, Step, ToolHost, rounds, since_question
from backend.types import ChatRequest, Message, Tool, ToolCall

EMULATED_TOOLS = 4  # a small model loses its way among more
_NAMED = 50  # tools that a model is told of that called one which is not there
LIMIT = 0.10  # US dollars that one question may cost
Progress = tuple[NodeId | None, tuple[Phase, ...]]  # the last message, and what became of its calls
_WENT_ON = CallOutcome("Error: this was not run: the user went on without it.", ok=False)


@dataclass(frozen=True)
class LoopRules:
    """What holds for a loop: the tools on offer by name, how they may be called, and when it ends.

    `choice` is auto, none, required, or the name of a tool; `limit` US dollars for one question; with `repair` an
    error in the arguments goes back to the model unasked.
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
        """What the model is told it may call."""
        offered = tuple(offer.tool for offer in self.offers.values())
        return offered[:EMULATED_TOOLS] if self.emulated else offered

    def offer(self, call: ToolCall) -> Offer | None:
        """What a call is for, also where the model has put something around its name."""
        return self.offers.get(meant(call.name, self.offers))

    def problems(self, call: ToolCall) -> list[str]:
        """What is wrong with a call, in words for the model."""
        offer = self.offer(call)
        names = ", ".join([*list(self.offers)[:_NAMED], *["..."] * (len(self.offers) > _NAMED)]) or "none"
        unknown = [f"there is no tool named {call.name[:64]!r}; available: {names}."]
        return problems(call, offer.tool) if offer else unknown

    def answers_by_itself(self, call: ToolCall) -> bool:
        """The mode of its tool says what becomes of a call: the visitor is not asked."""
        offer = self.offer(call)
        return offer is not None and (
            offer.mode == "auto" or (offer.mode == "mock" and offer.mocked(call) is not None)
        )

    def applied(self, request: ChatRequest) -> ChatRequest:
        """The request with the choices made here."""
        if not request.tools:
            return request
        parameters = dict(request.parameters)
        if self.parallel is not None and not self.emulated:
            parameters["parallel_tool_calls"] = self.parallel
        choice = request.tool_choice or self._choice(request.messages)
        return replace(request, parameters=parameters, tool_choice=choice)

    def _choice(self, messages: Sequence[Message]) -> str | None:
        """A forced choice is for the first round: kept up, the model could never answer."""
        if self.choice == "auto" or not (self.choice in ("none", "required") or self.choice in self.offers):
            return None
        return self.choice if self.choice == "none" or not rounds(messages) else "auto"


class ToolLoop:
    """The steps of one chat. The page sets `rules` before it draws."""

    def __init__(self, chat: Chat, host: ToolHost | None = None) -> None:
        self.rules = LoopRules()
        self.requests: dict[NodeId, ChatRequest] = {}  # by the answer they led to
        self._chat = chat
        self._host = host
        self._steps: dict[NodeId, list[Step]] = {}
        self._open: set[NodeId] = set()  # answers whose round goes on by itself

    # ---- what there is to see ----------------------------------------------------------------------------

    @property
    def steps(self) -> list[Step]:
        """The calls of the last answer in view; none when it is not finished, or called nothing."""
        leaf = self._leaf
        return [] if leaf is None else self.steps_at(leaf)

    @property
    def _leaf(self) -> NodeId | None:
        return self._chat.conversation.leaf

    def steps_at(self, node: NodeId) -> list[Step]:
        """The calls of an answer, as far as they have come."""
        message = self._chat.conversation[node].message
        if message.role != "assistant" or message.state != "done" or not message.tool_calls:
            return []
        if node not in self._steps:
            results = self._results(node)
            steps = [self._step(call, results.get(call.id)) for call in message.tool_calls]
            # The page asks while the answer's own thread does, and checking takes a while: what was there first
            # counts, or what that thread has decided would be lost.
            return self._steps.setdefault(node, steps)
        return self._steps[node]

    def _step(self, call: ToolCall, outcome: CallOutcome | None = None) -> Step:
        return Step(call, self.rules.problems(call), outcome)

    def _results(self, node: NodeId) -> dict[str, CallOutcome]:
        """What a conversation from elsewhere says about the calls of an answer."""
        results: dict[str, CallOutcome] = {}
        for message in self._chat.conversation.after(node):
            if message.role != "tool":
                break
            ok = not message.content.startswith("Error:")
            results.setdefault(message.tool_call_id or "", capped(message.content, ok=ok))
        return results

    @property
    def running(self) -> bool:
        """A tool runs."""
        return any(step.phase == "running" for step in self.steps)

    @property
    def progress(self) -> Progress:
        """How far it is: never the same again once something has happened.

        Without the message, the end of a round looks like its beginning: no calls in the answer, then some, then
        none in the next answer. Who looked at both ends only left a tool running on the page.
        """
        return self._leaf, tuple(step.phase for step in self.steps)

    @property
    def halted(self) -> bool:
        """The visitor stopped it here, or brought it into view: it goes on when told to."""
        return bool(self.steps) and self._leaf not in self._open

    def waits(self, step: Step) -> bool:
        """The visitor has to say what becomes of this call."""
        if step.poll() or step.running:
            return False
        if step.problems:
            return not self.rules.repair or self.halted
        return self.halted or not self.rules.answers_by_itself(step.call)

    @property
    def spent(self) -> float:
        """US dollars that the answers to the last question have cost: as reported, estimated until then."""
        return sum(usd(message) or 0.0 for message in since_question(self._transcript()))

    @property
    def ended(self) -> Literal["", "rounds", "money"]:
        """Why the last answer's calls are not run: as many rounds as there may be, or too much money."""
        if not self.steps:
            return ""
        if rounds(self._transcript()) > self.rules.rounds:
            return "rounds"
        return "money" if self.spent >= self.rules.limit else ""

    def _transcript(self) -> list[Message]:
        return [node.message for node in self._chat.conversation.path()]

    # ---- going on ------------------------------------------------------------------------------------------

    def asked(self, answer: NodeId, request: ChatRequest) -> None:
        """An answer begins; its round goes on by itself."""
        self.requests[answer] = request
        self._open.add(answer)

    def begin(self) -> bool:
        """Begin every call of the last answer that needs no word of the visitor. True when one has begun."""
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
        """Answer every call of the last answer once, right behind it; gives the message that is the last then."""
        answers = [answer(step.call, step.poll() or _WENT_ON) for step in self.steps]
        self.halt()
        return self._chat.conversation.graft(answers, self._leaf)

    def halt(self) -> None:
        """Nothing goes on by itself from here."""
        self._open.discard(self._leaf or 0)

    def stop(self) -> None:
        """End the tools that run; nothing goes on by itself from here."""
        for step in self.steps:
            if step.running is not None:
                step.running.stop()
                step.poll()
        self.halt()

    def go_on(self) -> None:
        """Take the loop up again where it was stopped."""
        if self._leaf is not None:
            self._open.add(self._leaf)

    # ---- what the visitor decides ------------------------------------------------------------------------

    def run(self, node: NodeId, call_id: str) -> None:
        """Run a call that waits."""
        step = self._open_step(node, call_id)
        if step and not step.problems:
            self._run(step)

    def decide(self, node: NodeId, call_id: str, outcome: CallOutcome, how: How, fault: str = "") -> None:
        """Answer a call that waits without running it."""
        if step := self._open_step(node, call_id):
            self._decide(step, outcome, how, fault)

    def send_back(self, node: NodeId, call_id: str) -> None:
        """Tell the model what is wrong with its arguments."""
        if (step := self._open_step(node, call_id)) and step.problems:
            self._decide(step, invalid(step.problems), "sent back")

    def redone(
        self, node: NodeId, call_id: str, *, arguments: str | None = None, outcome: CallOutcome | None = None
    ) -> NodeId:
        """The round of `node` as a branch beside it, with other arguments or another result for one call.

        Other arguments become the model's own words and run; the calls beside keep what they came to.
        """
        conversation = self._chat.conversation
        before, steps = conversation[node], self.steps_at(node)
        new = [self._redone(step, arguments, outcome) if step.call.id == call_id else step for step in steps]
        calls = tuple(step.call for step in new)
        branch = conversation.add(replace(before.message, tool_calls=calls), before.parent)
        self._steps[branch] = new
        self._open.add(branch)
        if node in self.requests:
            self.requests[branch] = self.requests[node]
        if arguments is not None:
            self.run(branch, call_id)
        return branch

    def _redone(self, step: Step, arguments: str | None, outcome: CallOutcome | None) -> Step:
        if arguments is None:
            return Step(step.call, step.problems, outcome, "typed", edited=step.edited)
        return replace(self._step(replace(step.call, arguments=arguments)), edited=True)

    def _open_step(self, node: NodeId, call_id: str) -> Step | None:
        """A call of the last answer that has no outcome yet: a click may come late."""
        if node != self._leaf or self.ended:
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
