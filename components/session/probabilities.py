"""One answer with token probabilities, requested for it alone.

No setting of the sidebar changes, so nothing has to be restored: the next question is sent
as it would have been without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backend.answer.turn import Turn
from backend.conversation.ports import TurnFactory
from backend.types import Message, Tool
from components.session.asker import SessionTurnFactory
from components.session.setup import PROBABILITIES, Setup


def refusal(setup: Setup) -> str:
    """Why the model does not return them, as far as is known; "" if it may."""
    return setup.fitted_for_probabilities.kept_back.get("logprobs", "")


def asking(setup: Setup, *, anyway: bool = False) -> Setup:
    """The setup of a request for them; `anyway`: although the model is not known to return them."""
    if not anyway:
        return replace(setup, fitted=setup.fitted_for_probabilities)
    asked = replace(
        setup,
        anyway=setup.anyway | PROBABILITIES.keys(),
        learned=setup.learned.except_for(frozenset(PROBABILITIES)),
    )
    return replace(asked, fitted=asked.fitted_for_probabilities)


@dataclass(frozen=True)
class AskedOnce:
    """A factory that requests them once, and then uses the current settings: an answer may have more rounds, and
    others may be queued.
    """

    usual: SessionTurnFactory
    anyway: bool = False
    asked: list[Turn] = field(default_factory=list)

    def is_open(self) -> bool:
        return self.usual.is_open()

    def __call__(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...], *, more: bool, before: Message | None = None
    ) -> Turn:
        ask: TurnFactory = self.usual
        if not self.asked:
            ask = replace(self.usual, setup=asking(self.usual.setup, anyway=self.anyway))
        self.asked.append(turn := ask(transcript, offered, more=more, before=before))
        return turn
