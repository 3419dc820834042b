"""Ready-made races of the Compare page, each with its question. Nothing is drawn here."""

from __future__ import annotations

from collections.abc import Container, Sequence

from backend import local
from backend.compare.lane_settings import Overrides
from backend.compare.race import Race
from backend.types import JSON
from components.compare import words
from components.session.session import Session

TEMPERATURES = (0.0, 0.7, 1.5)
# compared by identity: equal settings of a visitor are another object
WARMER = Overrides(parameters={"temperature": 1.2})
# With a small model these leave only a few likely tokens before the temperature applies, and at 0 it repeats
# itself.
_LOCAL: dict[str, JSON] = {"top_k": 0, "top_p": 1.0, "min_p": 0.0, "max_tokens": 60}


def line_up(session: Session, race: Race) -> None:
    """Two lanes for a new race: the model in use, and another model or another temperature beside it.

    The list of models may arrive only after the page: then, until something is asked or set, the other model
    replaces the temperature.
    """
    if not race.lanes:
        race.add()
        race.add(WARMER)
    if len(race.lanes) == 2 and race.lanes[1].changes is WARMER and not race.has_question:
        other = _other_model(session, {session.setup.model})
        race.lanes[1].changes = Overrides(model=other) if other else WARMER


def one_more(session: Session, race: Race) -> Overrides:
    """The settings of an added lane: a model that no lane has, if the lanes differ in their models only; otherwise
    none of its own."""
    changes = [lane.changes for lane in race.lanes]
    models = {session.setup.model if own.model is None else own.model for own in changes}
    if len(models) < len(changes) or any(own != Overrides(model=own.model) for own in changes):
        return Overrides()
    other = _other_model(session, models)
    return Overrides(model=other) if other else Overrides()


def _other_model(session: Session, but: Container[str]) -> str:
    """One that was used before, otherwise the first of the list; "" for none. A local one only if it is
    downloaded: otherwise the first question would wait for gigabytes."""
    setup = session.setup
    used = session.models.recent.get(setup.connection.model_widget, [])
    away = {model.id for model in setup.local if not local.present(model)}
    return next((model for model in (*used, *setup.models) if model not in but and model not in away), "")


def temperatures(session: Session) -> None:
    """Send one question at three temperatures."""
    _begin(session, at_temperatures(session), words.TEMPERATURES_QUESTION)


def at_temperatures(session: Session) -> list[Overrides]:
    """Lanes that differ in their temperature, within the limits of the model in use."""
    more = _LOCAL if session.setup.connection.is_local else {}
    return [Overrides(parameters={"temperature": temperature, **more}) for temperature in TEMPERATURES]


def prompts(session: Session) -> None:
    """Send one question under two system prompts."""
    more = {"max_tokens": 60} if session.setup.connection.is_local else {}
    _begin(
        session,
        [Overrides(system_prompt=prompt, parameters=more) for prompt in words.PROMPTS_COMPARED],
        words.PROMPTS_QUESTION,
    )


def _begin(session: Session, lanes: Sequence[Overrides], question: str) -> None:
    """A new race of these lanes; the question waits in the composer if nothing can be sent yet."""
    session.chats.new_race()
    for changes in lanes:
        session.chats.race_chat.race.add(changes)
    session.composer.send(question, session.chats.race_chat)


def shows(race: Race) -> list[str]:
    """What each lane demonstrates, for the race of the three temperatures; otherwise nothing."""
    found = [lane.changes.parameters.get("temperature") for lane in race.lanes]
    if found != list(TEMPERATURES) or any(lane.changes.model or lane.changes.connection for lane in race.lanes):
        return ["" for _ in race.lanes]
    return [words.TEMPERATURES_SHOW[temperature] for temperature in TEMPERATURES]
