"""The playback bar above the message box: the origin of the recording, its speed, and the way out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend.demos.pace import SPEEDS
from backend.demos.player import Player
from backend.demos.racing import RacePlayer
from backend.demos.recording import Recording
from components.demos import words
from components.elements.markdown import plain
from components.session import tab
from components.session.session import Session

AnyPlayer = Player | RacePlayer
_SPEED = "play.speed"
_STEPS = "steps"
_STYLE = Path(__file__).parent / "demos.css"


def player_bar(session: Session, over_box: DeltaGenerator) -> None:
    """Draw it in `over_box` while a recording is in view."""
    player = session.plays.player
    if player is None:
        return
    st.html(_STYLE)
    with over_box.container(horizontal=True, vertical_alignment="center", gap="small", key="player"):
        badge_of(player.recording)
        _speed(player)
        if player.over:
            _over(session)
        else:
            _controls(player)
        close = session.plays.close
        st.button(words.CLOSE, key="play.close", on_click=close, icon=":material/close:", type="tertiary")


def badge_of(recording: Recording) -> None:
    """The origin of the recording in view; always shown."""
    st.badge(
        plain(badge(recording)),
        icon=":material/edit_note:" if recording.composed else ":material/radio_button_checked:",
        color="violet" if recording.composed else "blue",
        help=words.COMPOSED_HELP if recording.composed else words.RECORDED_HELP,
    )


def badge(recording: Recording) -> str:
    """The origin of a recording as text."""
    if recording.composed:
        return words.COMPOSED
    if not recording.recorded:
        return words.RECORDED_THEN.format(model=_models(recording))
    day = datetime.fromtimestamp(min(recording.recorded, 4e9), UTC)
    return words.RECORDED.format(day=f"{day.day} {day:%B %Y}", model=_models(recording))


def _models(recording: Recording) -> str:
    """The models that answered."""
    return ", ".join(recording.models)


def _speed(player: AnyPlayer) -> None:
    """The playback speed; for one that has ended, the speed for the next time."""
    speed = _STEPS if player.by_steps else str(int(player.pace.speed))
    tab.put(_SPEED, speed)
    st.segmented_control(
        words.SPEED,
        tuple(words.SPEEDS),
        required=True,
        key=_SPEED,
        format_func=words.SPEEDS.__getitem__,
        label_visibility="collapsed",
        on_change=_set_speed,
        args=(player,),
    )


def _controls(player: AnyPlayer) -> None:
    if player.by_steps:
        st.button(words.NEXT, key="play.next", on_click=player.step, icon=":material/skip_next:")
    elif player.pace.paused:
        st.button(words.CONTINUE, key="play.go", on_click=player.pace.go_on, icon=":material/play_arrow:")
    else:
        st.button(words.PAUSE, key="play.pause", on_click=player.pace.pause, icon=":material/pause:")


def _set_speed(player: AnyPlayer) -> None:
    chosen = str(tab.value(_SPEED))
    player.by_steps = chosen == _STEPS
    player.pace.go_on()
    if chosen in map(str, SPEEDS):
        player.pace.run(float(chosen))


def _over(session: Session) -> None:
    st.button(words.AGAIN, key="play.again", on_click=session.plays.again, icon=":material/replay:")
    st.button(
        words.OTHERS,
        key="play.others",
        on_click=session.dialogs.open,
        args=("shelf",),
        icon=":material/play_circle:",
        type="tertiary",
    )
