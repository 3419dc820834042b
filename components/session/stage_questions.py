"""Sends the question of a step on the stage, live: in a chat, in one with tools, in a race; or says why it cannot.

The settings are the step's own, not the sidebar's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from backend import local
from backend.compare.race_chat import RaceChat
from backend.conversation.chat import Chat
from backend.demos.player import Ahead
from backend.demos.playing import Unkept
from backend.demos.racing import play
from backend.demos.recording import Recording
from backend.demos.script import Step
from backend.parameters import PARAMETERS
from backend.tools import calls
from backend.tools.agent import Agent
from backend.tools.builtin import FUNCTIONS
from backend.tools.loop import LoopRules
from backend.tools.steps import Offer
from backend.types import Message
from components.session import tab
from components.session.asker import Asker
from components.session.chats import Chats
from components.session.lanes import Lanes
from components.session.models import Models
from components.session.pages import STAGE
from components.session.request_settings import Values
from components.session.services import configured
from components.session.setup import Setup

# Why a step is not asked live: no model is connected; the local one has to be downloaded first; tools that
# the stage does not have; a model without tool calls; unknown models.
Refusal = Literal["nobody", "must wait", "tools", "no tools", "models"]


class StageQuestions:
    """The questions of one tab. `setup` is that of the step in view."""

    def __init__(
        self,
        setup: Callable[[], Setup],
        models: Models,
        chats: Chats,
        asker: Asker,
        lanes: Lanes,
    ) -> None:
        self._setup = setup
        self._chats = chats
        self._asker = asker
        self._values: tuple[Step | None, Values] = (None, _values(None))
        self._models = models
        self._lanes = lanes

    def values(self, step: Step | None) -> Values:
        """The settings of a step; the same object as long as it is the same step."""
        if self._values[0] is not step:
            self._values = step, _values(step)
        return self._values[1]

    def ask(self, step: Step, before: Sequence[Message]) -> None:
        """Send its question, after the earlier messages."""
        chat = self._chat(step)
        self._chats.put(STAGE, chat)
        chat.conversation.graft(before, None)
        chat.send(step.prompt, self._asker.ask)

    def play(self, recording: Recording, ahead: Sequence[Ahead] = ()) -> None:
        """Play a recording."""
        self._chats.put(STAGE, play(recording, tab.tab_is_open(), configured().deadlines.abandoned, ahead))

    def can_ask(self, step: Step) -> bool:
        """Whether its question can be sent, if necessary after a model was downloaded."""
        return step.asks and self.refusal(step) in (None, "must wait")

    def refusal(self, step: Step) -> Refusal | None:
        """Why the step cannot be asked now."""
        setup = self._setup()
        if setup.missing:
            return "nobody"
        if step.unusable_tools:
            return "tools"
        if step.tools and setup.connection.lacks_tools(setup.info):
            return "no tools"
        if self.unknown_models(step):
            return "models"
        return "must wait" if _must_wait(setup) else None

    def unknown_models(self, step: Step) -> list[str]:
        """The models of a race's lanes that are unavailable here: without them it would be another race."""
        if step.kind != "race":
            return []
        setup = self._setup()
        named = dict.fromkeys(lane.model for lane in step.lanes if lane.model)
        return [model for model in named if not self._models.can_be_asked(model, setup)]

    def _chat(self, step: Step) -> Chat:
        """An empty chat for the step."""
        if step.kind == "race":
            return self._race(step)
        if not step.tools:
            return Chat(Unkept())
        agent, setup = Agent(None, Unkept()), self._setup()
        emulated = setup.connection.emulates_tools(setup.info)
        offers = {name: Offer(calls.describe(FUNCTIONS[name]), "auto") for name in step.tools}
        agent.loop.rules = LoopRules(
            offers,
            # A tiny model makes the right call if it must call the only tool (components/tools/state.py).
            choice=step.tools[0] if emulated and len(offers) == 1 else "auto",
            emulated=emulated,
            rounds=setup.connection.tool_rounds,
            repair=True,  # no confirmations on the stage
        )
        return agent

    def _race(self, step: Step) -> RaceChat:
        setup = self._setup()
        model = step.model if step.model and self._models.can_be_asked(step.model, setup) else None
        lanes = [replace(lane, connection=None, model=lane.model or model) for lane in step.lanes]
        return RaceChat(self._lanes.race_with(self.values(step), lanes))


def _must_wait(setup: Setup) -> bool:
    """Whether the local model cannot answer, or has to be downloaded first."""
    model = setup.local_model
    return setup.connection.is_local and (
        local.unavailable() is not None or (model is not None and not local.present(model))
    )


def _values(step: Step | None) -> Values:
    own = dict(step.parameters) if step else {}
    prompt = step.system_prompt if step else ""
    return Values({parameter.name: own.get(parameter.name) for parameter in PARAMETERS}, prompt, True, {}, "")
