"""The cost of runs as text: before they begin, and afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from backend.answer import cost
from backend.studio.models import StudioModel
from backend.studio.task import Task
from components.elements.markdown import plain
from components.session.session import Session
from components.studio import words


def ahead(session: Session, asked: Sequence[Task], model: StudioModel, sentence: str = words.RUNS_AT_MOST) -> str:
    """The estimate as Markdown. `sentence` is used if it is one number."""
    if not asked:
        return ""
    if session.studio.connection.is_local:
        return words.FREE
    estimate = session.studio.estimate(asked[0], model)
    if estimate is None:
        return words.CLOSED if session.studio.unpriced_is_closed else words.NO_PRICE
    low, high = (plain(cost.dollars(usd * len(asked)).lstrip("$")) for usd in (estimate.low, estimate.high))
    if low == high:
        return sentence.format(usd=high).replace("$", "\\$")
    return words.RUNS_BETWEEN.format(low=low, high=high).replace("$", "\\$")


def cost_text(usd: float | None) -> str:
    """The cost of a run as Markdown; None if it is unknown."""
    if usd is None:
        return words.COST_UNKNOWN
    return plain(cost.dollars(usd)) if usd else words.COST_NOTHING
