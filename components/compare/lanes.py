"""The lanes side by side: a head with model, differences and figures, and below it the lane's conversation."""

from __future__ import annotations

import json
from collections.abc import Sequence

import streamlit as st

from backend.answer import cost
from backend.compare.lane import Lane
from backend.compare.lane_settings import in_common
from backend.compare.race import FEWEST, Race
from backend.compare.verdict import Best, Verdict, word_count, words_per_second
from backend.protocol import wire
from backend.types import JSON, Message
from components.chat.calls import PlainCalls
from components.chat.transcript import messages
from components.compare import starters, words
from components.compare.live import figures, tabs
from components.compare.settings import settings
from components.elements.markdown import plain
from components.session.lanes import LaneSession
from components.session.pages import PATHS
from components.session.session import Session

_NAME = 40  # characters of a model's name on the head
_VALUE = 24  # characters of a value in a chip
_PROMPT = 48  # characters of a system prompt in a chip


def lanes(session: Session, race: Race, verdict: Verdict | None, *, costs: bool = True, bare: bool = False) -> None:
    """Draw all lanes. On a phone one is visible at a time, and a row of tabs shows the state of each.

    `costs`: show the costs. `bare`: without settings.
    """
    shared, shows = session.lanes.shared_by(race), starters.shows(race)
    differences = [lane.changes.differences(shared) for lane in race.lanes]
    common = in_common(differences)
    owns = [[one for one in own if one not in common] for own in differences]
    names = tab_names(session, race, owns)
    tabs(
        [
            {"lane": lane_key(race, lane), "name": name, "short": short, "state": lane.state or ""}
            for lane, (name, short) in zip(race.lanes, names, strict=True)
        ]
    )
    with st.container(key="lanes", gap=None):
        for place, lane in enumerate(race.lanes):
            with st.container(key=lane_key(race, lane), gap="small"):
                with st.container(key=f"{lane_key(race, lane)}.head", gap=None):
                    _head(session, race, place, bare=bare or race.played)
                    _figures(race, lane, costs=costs)
                    _own(session, owns[place], f"{lane_key(race, lane)}.differs")
                with st.container(key=f"{lane_key(race, lane)}.about", gap="xxsmall"):
                    if marks := _marks(verdict, place, costs=costs):
                        st.markdown(" ".join(f":primary[:material/trophy: {mark}]" for mark in marks))
                    if shows[place]:
                        st.caption(shows[place])
                path = lane.chat.conversation.path()
                with st.container(key=f"{lane_key(race, lane)}.messages"):
                    messages(session.lanes.desk(lane), PlainCalls(), path, f"race.{race.number}")


def chips_of_all(session: Session, race: Race) -> str:
    """The differences from the sidebar that all lanes have in common, as Markdown."""
    shared = session.lanes.shared_by(race)
    common = in_common([lane.changes.differences(shared) for lane in race.lanes])
    return " ".join(_chip(session, name, value) for name, value in common if name != "model")


def lane_key(race: Race, lane: Lane) -> str:
    return f"lane-{race.number}-{lane.id}"


def letter(place: int) -> str:
    return chr(ord("A") + place)


def tab_names(session: Session, race: Race, owns: Sequence[Sequence[tuple[str, JSON]]]) -> list[tuple[str, str]]:
    """The label of each lane's tab, its letter and its difference from the others; and the short form: if all
    differ in one number, that is all there is room for on a phone.
    """
    models = [_name(session.lanes.desk(lane)) for lane in race.lanes]
    others = [[(name, value) for name, value in own if name != "model"] for own in owns]
    alike = len({*models}) == 1
    differing = {name for other in others for name, _ in other}
    numbers = [other[0][1] for other in others if alike and len(differing) == 1 and other]
    in_short = len(numbers) == len(others) and all(isinstance(number, int | float) for number in numbers)
    names = []
    for place, (model, other) in enumerate(zip(models, others, strict=True)):
        differences = [_difference(session, name, value) for name, value in other]
        name = ", ".join(differences if alike and differences else [model, *differences])
        short = _value(numbers[place]) if in_short else name
        names.append((_lettered(place, name), _lettered(place, short)))
    return names


def _lettered(place: int, name: str) -> str:
    return words.LANE.format(letter=letter(place), name=name)


def _label(session: Session, race: Race, place: int) -> str:
    """Its letter and its model; before a blind race there are no letters."""
    name = _name(session.lanes.desk(race.lanes[place]))
    return name if race.blind and not race.has_question else _lettered(place, name)


def _name(desk: LaneSession) -> str:
    """The display name of the model, without its developer."""
    setup = desk.setup
    name = setup.model_name if setup.local_model else setup.known_as(setup.model)
    return name.rpartition("/")[2][:_NAME] or words.NO_MODEL


# ---- the head ---------------------------------------------------------------------------------------------


def _head(session: Session, race: Race, place: int, *, bare: bool) -> None:
    lane = race.lanes[place]
    key = lane_key(race, lane)
    with st.container(key=f"{key}.row", horizontal=True, vertical_alignment="center", wrap=False, gap="xxsmall"):
        label = plain(_label(session, race, place))
        if bare:
            st.markdown(words.PLAYED_HEAD.format(name=label))
            return
        popover = st.popover(label, key=f"{key}.set", icon=":material/tune:", type="tertiary", on_change="rerun")
        if popover.open:
            with popover:
                settings(session, lane, f"{key}.own")
        if lane.chat.running:
            stop = lane.chat.stop
            st.button(
                words.STOP_LANE, key=f"{key}.stop", on_click=stop, icon=":material/stop_circle:", type="tertiary"
            )
        _menu(session, race, lane, key)


def _own(session: Session, own: Sequence[tuple[str, JSON]], key: str) -> None:
    """Chips for its differences, visible as long as the lane is; the model is in its name."""
    chips = [_chip(session, name, value) for name, value in own if name != "model"]
    if chips:
        with st.container(key=key):
            st.markdown(" ".join(chips))


def _chip(session: Session, name: str, value: JSON) -> str:
    return f":gray-badge[{plain(_difference(session, name, value))}]"


def _difference(session: Session, name: str, value: JSON) -> str:
    """A difference of a lane in a few words."""
    if name == "connection":
        known = session.connections.all.get(str(value))
        return known.label if known else words.NOT_THERE.format(place=value)
    if name == "system_prompt":
        prompt = " ".join(str(value).split())
        return words.CHIP_PROMPT.format(text=_cut(prompt, _PROMPT)) if prompt else words.CHIP_NO_PROMPT
    return (
        words.CHIP.format(name=name, value=_value(value))
        if value is not None
        else words.CHIP_UNSET.format(name=name)
    )


def _value(value: JSON) -> str:
    text = f"{value:g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False)
    return _cut(text, _VALUE)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def _menu(session: Session, race: Race, lane: Lane, key: str) -> None:
    options = ["chat", "regenerate"] if lane.answer and not lane.chat.running else []
    options += ["remove"] if len(race.lanes) > FEWEST else []
    if not options:
        return
    chosen = st.menu_button(
        words.MORE,
        options,
        key=f"{key}.more",
        format_func=words.ACTIONS.__getitem__,
        type="tertiary",
        icon=":material/more_vert:",
    )
    if chosen == "chat":
        _go_on(session, race, lane)
    elif chosen == "regenerate":
        race.regenerate(lane)
        st.rerun()
    elif chosen == "remove":
        session.deletions.lane(race, lane)
        st.rerun()


def _go_on(session: Session, race: Race, lane: Lane) -> None:
    """Open the lane's conversation on the Chat page, with the lane's settings in its sidebar."""
    setup = session.lanes.desk(lane).setup
    session.lanes.fix(race)
    session.chats.go_on([node.message for node in lane.chat.conversation.path()], setup.saved_settings())
    session.lanes.going_on = setup
    st.switch_page(PATHS["Chat"])


# ---- figures ------------------------------------------------------------------------------------------------


def _marks(verdict: Verdict | None, place: int, *, costs: bool) -> list[str]:
    """What this lane was best at."""
    if verdict is None:
        return []
    named = [(verdict.first, words.FASTEST), (verdict.speed, words.MOST_WORDS)]
    named += [(verdict.cost, words.CHEAPEST)] if costs else []
    return [_mark(best, what) for best, what in named if place in best.places]


def _mark(best: Best, what: str) -> str:
    return words.TIED.format(what=what) if best.why == "tied" else what


def _figures(race: Race, lane: Lane, *, costs: bool) -> None:
    """Speed and cost; the browser updates them while it answers."""
    newest, turn, answer = lane.newest, lane.turn, lane.answer
    speed = words_per_second(newest) if newest and newest.state != "running" else None
    figures(
        {
            "message": str(answer.id) if answer else "",
            "running": bool(turn and turn.running),
            "elapsed": turn.elapsed if turn else None,
            "first": newest.timing.first_token if newest else None,
            "count": _words(newest) if newest else 0,
            "speed": speed,
            "cost": cost.words(newest) if costs and newest and newest.state != "running" else "",
            "state": words.NOT_ASKED if newest is None else words.STATES[newest.state],
            "done": newest is not None and newest.state == "done",
        },
        f"{lane_key(race, lane)}.figures",
    )


def _words(message: Message) -> int:
    reasoning, text = wire.thinking(message)
    return word_count(text) + word_count(reasoning)
