"""The bar of the stage: the script's title, navigation, and the ways out. Each button has a keyboard shortcut,
too.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from backend.demos.script import Script
from components.elements.page_title import page_title
from components.elements.theme import theme_switch
from components.session.session import Session
from components.stage import words
from components.stage.script_dialog import script_dialog
from components.stage.take_home import take_home


def bar(session: Session) -> None:
    """Fill the bar that the page has begun, and draw the dialog that is open."""
    stage, dialogs = session.stage, session.dialogs
    with session.bar or st.container():
        page_title(stage.script.title if stage.script and stage.script.title else words.STAGE)
        if stage.script:
            _turn(session, stage.script)
            _button("panic", words.PANIC, "play_circle", stage.panic, disabled=not stage.place)
            _button("again", words.AGAIN, "replay", stage.again, disabled=not stage.place)
        _button("home", words.HOME, "qr_code_2", lambda: dialogs.open("take home"))
        _button("over", words.START_OVER, "restart_alt", stage.start_over)
        _button("script", words.SCRIPT, "list_alt", lambda: dialogs.open("script"))
        with st.container(key="stage_theme", width="content"):
            theme_switch()
        _button("leave", words.LEAVE, "close", stage.leave)
    if dialogs.is_open("take home"):
        take_home(session)
    if dialogs.is_open("script"):
        script_dialog(session)


def _turn(session: Session, script: Script) -> None:
    """The buttons Back, if possible, and Next."""
    stage = session.stage
    _button("back", words.BACK, "chevron_left", stage.back, disabled=script.before(stage.place) is None)
    st.markdown(words.PLACE.format(place=stage.place, count=len(script.steps)), width="content")
    at_the_end = script.after(stage.place) is None and not (stage.hides or stage.can_begin)
    _button("next", words.NEXT, "chevron_right", stage.next, disabled=at_the_end)


def _button(name: str, text: str, icon: str, act: Callable[[], None], *, disabled: bool = False) -> None:
    st.button(
        text,
        key=f"stage-{name}",
        on_click=act,
        icon=f":material/{icon}:",
        type="tertiary",
        help=text,
        disabled=disabled,
    )
