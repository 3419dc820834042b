"""A tool loop without a screen: what became of each call of an answer, and when the next request goes out.

    agent.send("Is order 1042 late?", ask)
    while agent.advance(ask) or agent.running: ...

Every call has a Step: streaming (still in the turn) -> invalid or waiting -> running -> an outcome. Tools run in
backend/tools/runner.py, never here, and what does not fit its schema never runs. When every call has its outcome
the results are added and the model is asked again, within a limit of rounds and of money. Every change of the
visitor is a branch. It does NOT decide for the visitor: a step without a mode that answers it waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from backend.answer.turn import Source, Turn
from backend.conversation.chat import Ask, Chat, Journal
from backend.conversation.tree import Conversation, NodeId
from backend.tools.calls import ROUNDS, Outcome, answer, capped, invalid, problems
from backend.tools.emulation import Emulated, emulated_request
from backend.tools.runner import ToolRunner, tool_runner
from backend.tools.steps import How, Offer, Step, rounds, since_question
from backend.types import ChatRequest, Message, Tool, ToolCall

EMULATED_TOOLS = 4  # a small model loses its way among more
LIMIT = 0.10  # US dollars that one question may cost
_WENT_ON = Outcome("Error: this was not run: the user went on without it.", ok=False)


class Agent(Chat):
    """A chat whose answers may call tools. The page sets the public fields before it draws."""

    def __init__(
        self,
        place: ToolRunner | None = None,
        journal: Journal | None = None,
        conversation: Conversation | None = None,
    ) -> None:
        super().__init__(journal, conversation)
        self.offers: Mapping[str, Offer] = {}
        self.choice = "auto"  # auto, none, required, or the name of a tool
        self.parallel: bool | None = None
        self.emulated = False
        self.rounds = ROUNDS
        self.limit = LIMIT
        self.repair = False  # an error in the arguments goes back to the model unasked
        self.requests: dict[NodeId, ChatRequest] = {}
        self._place = place
        self._steps: dict[NodeId, list[Step]] = {}
        self._live: set[NodeId] = set()  # answers whose round is open and goes on by itself

    @property
    def tools(self) -> tuple[Tool, ...]:
        offered = tuple(offer.tool for offer in self.offers.values())
        return offered[:EMULATED_TOOLS] if self.emulated else offered

    # ---- what there is to see ----------------------------------------------------------------------------

    @property
    def steps(self) -> list[Step]:
        """The calls of the last answer in view; none when it is not finished, or called nothing."""
        leaf = self.conversation.leaf
        return [] if leaf is None else self.steps_at(leaf)

    def steps_at(self, node: NodeId) -> list[Step]:
        """The calls of an answer, as far as they have come."""
        message = self.conversation[node].message
        if message.role != "assistant" or message.state != "done" or not message.tool_calls:
            return []
        if node not in self._steps:
            known = self._results(node)
            self._steps[node] = [self._step(call, known.get(call.id)) for call in message.tool_calls]
        return self._steps[node]

    def _step(self, call: ToolCall, outcome: Outcome | None = None) -> Step:
        offer = self.offers.get(call.name)
        names = ", ".join(self.offers) or "none"
        unknown = [f"there is no tool named {call.name[:64]!r}; available: {names}."]
        return Step(call, problems(call, offer.tool) if offer else unknown, outcome)

    def _results(self, node: NodeId) -> dict[str, Outcome]:
        """What a conversation from elsewhere says about the calls of an answer."""
        found: dict[str, Outcome] = {}
        for message in self.conversation.after(node):
            if message.role != "tool":
                break
            ok = not message.content.startswith("Error:")
            found.setdefault(message.tool_call_id or "", capped(message.content, ok=ok))
        return found

    @property
    def running(self) -> bool:
        return self._answering or any(step.phase == "running" for step in self.steps)

    @property
    def _answering(self) -> bool:
        return self.turn is not None and self.turn.running

    @property
    def halted(self) -> bool:
        """The visitor stopped it here, or brought it into view: it goes on when told to."""
        return bool(self.steps) and self.conversation.leaf not in self._live

    def waits(self, step: Step) -> bool:
        """The visitor has to say what becomes of this call."""
        if step.poll() or step.running:
            return False
        if step.problems:
            return not self.repair or self.halted
        offer = self.offers.get(step.call.name)
        by_itself = offer and (offer.mode == "auto" or (offer.mode == "mock" and offer.mocked(step.call)))
        return self.halted or not by_itself

    @property
    def spent(self) -> float:
        """US dollars that the answers to the last question have cost: as reported, estimated until then."""
        return sum(message.cost or message.estimate or 0.0 for message in since_question(self._transcript()))

    @property
    def ended(self) -> Literal["", "rounds", "money"]:
        """Why the last answer's calls are not run: as many rounds as there may be, or too much money."""
        if not self.steps:
            return ""
        if rounds(self._transcript()) > self.rounds:
            return "rounds"
        return "money" if self.spent >= self.limit else ""

    def _transcript(self) -> list[Message]:
        return [node.message for node in self.conversation.path()]

    # ---- the loop ----------------------------------------------------------------------------------------

    def advance(self, ask: Ask) -> bool:
        """Start what can start, and ask again when every call has its outcome. True when something has begun."""
        if self._answering:
            return False
        self.settle()
        steps = self.steps
        if not steps:
            return super().advance(ask)
        if self.ended or self.halted:
            return False
        begun = [step for step in steps if self._begin_step(step)]
        if all(step.poll() for step in steps):
            self._answer(self._close(steps), ask)
            return True
        return bool(begun)

    def _begin_step(self, step: Step) -> bool:
        if step.poll() or step.running or self.waits(step):
            return False
        if step.problems:
            self._decide(step, invalid(step.problems), "sent back")
        else:
            self._run(step)
        return True

    def _close(self, steps: Iterable[Step]) -> NodeId | None:
        """Every call answered once, in its order, right behind the calls."""
        answers = [answer(step.call, step.poll() or _WENT_ON) for step in steps]
        self._live.discard(self.conversation.leaf or 0)
        return self.conversation.graft(answers, self.conversation.leaf)

    def send(self, said: str | Message, ask: Ask) -> None:
        """As in a chat; calls that were still open are answered with what there is."""
        if not self.running:
            self.settle()
            self._close(self.steps)
        super().send(said, ask)

    def stop(self) -> None:
        """End the answer and the tools that run; nothing goes on by itself from here."""
        super().stop()
        for step in self.steps:
            if step.running is not None:
                step.running.stop()
                step.poll()
        self._live.discard(self.conversation.leaf or 0)

    def go_on(self) -> None:
        """Take the loop up again where it was stopped."""
        if self.conversation.leaf is not None:
            self._live.add(self.conversation.leaf)

    def choose(self, node: NodeId) -> None:
        """Bring a branch into view. Looking at it sends nothing, also when it was left in the middle."""
        if not self._answering:
            self.stop()
        super().choose(node)
        if self.steps:
            self._live.discard(self.conversation.leaf or 0)

    def _more(self, transcript: Sequence[Message]) -> bool:
        return rounds(transcript) < self.rounds

    def _begin(self, turn: Turn, question: NodeId | None) -> None:
        super()._begin(turn, question)
        if self._reply is not None:
            self.requests[self._reply] = turn.request
            self._live.add(self._reply)

    # ---- what the visitor decides ------------------------------------------------------------------------

    def run(self, node: NodeId, call_id: str) -> None:
        """Run a call that waits."""
        step = self._open_step(node, call_id)
        if step and not step.problems:
            self._run(step)

    def decide(self, node: NodeId, call_id: str, outcome: Outcome, how: How, fault: str = "") -> None:
        """Answer a call that waits without running it."""
        if step := self._open_step(node, call_id):
            self._decide(step, outcome, how, fault)

    def send_back(self, node: NodeId, call_id: str) -> None:
        """Tell the model what is wrong with its arguments."""
        if (step := self._open_step(node, call_id)) and step.problems:
            self._decide(step, invalid(step.problems), "sent back")

    def redo(
        self, node: NodeId, call_id: str, *, arguments: str | None = None, outcome: Outcome | None = None
    ) -> None:
        """The round of `node` again with other arguments or another result for one call, as a branch beside it.

        Other arguments become the model's own words and run; the calls beside keep what they came to.
        """
        if self._answering or node != self.conversation.leaf:
            self.stop()
        found, steps = self.conversation[node], self.steps_at(node)
        new = [self._redone(step, arguments, outcome) if step.call.id == call_id else step for step in steps]
        calls = tuple(step.call for step in new)
        made = self.conversation.add(replace(found.message, tool_calls=calls), found.parent)
        self._steps[made] = new
        self._live.add(made)
        if node in self.requests:
            self.requests[made] = self.requests[node]
        if arguments is not None:
            self.run(made, call_id)
        self.write_down()

    def _redone(self, step: Step, arguments: str | None, outcome: Outcome | None) -> Step:
        if arguments is None:
            return Step(step.call, step.problems, outcome, "typed", edited=step.edited)
        return replace(self._step(replace(step.call, arguments=arguments)), edited=True)

    def _open_step(self, node: NodeId, call_id: str) -> Step | None:
        """A call of the last answer that has no outcome yet: a click may come late."""
        if node != self.conversation.leaf or self.ended:
            return None
        found = (step for step in self.steps if step.call.id == call_id)
        return next((step for step in found if not (step.poll() or step.running)), None)

    def _run(self, step: Step) -> None:
        offer = self.offers.get(step.call.name)
        if offer and (offer.own or offer.mode == "mock"):
            step.outcome = offer.mocked(step.call)
            step.how = "mock" if step.outcome else ""
        elif offer:
            step.how = "run"
            step.running = (self._place or tool_runner()).start(step.call)

    def _decide(self, step: Step, outcome: Outcome, how: How, fault: str = "") -> None:
        step.outcome, step.how, step.fault = outcome, how, fault

    # ---- what is asked -----------------------------------------------------------------------------------

    def shaped(self, request: ChatRequest) -> ChatRequest:
        """The request with the choices made for this loop, for a model without tools in the emulated shape."""
        request = self.chosen(request)
        return emulated_request(request) if self.emulated else request

    def through(self, source: Source) -> Source:
        """What a model without tools writes is turned into calls."""
        return Emulated(source) if self.emulated else source

    def chosen(self, request: ChatRequest) -> ChatRequest:
        """The request with the choices made for this loop."""
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
