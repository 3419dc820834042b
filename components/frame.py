"""What every page has: title, icon, style, menu, sidebar, this tab's session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.chat.shortcuts import shortcuts
from components.demos import opening
from components.elements.browser_history import browser_history
from components.elements.content_policy import content_policy
from components.elements.page_keys import page_keys
from components.elements.page_runs import PAGE_RUNS
from components.elements.page_title import page_title
from components.elements.streamlit_internals import hear_every_click
from components.elements.theme import theme_switch
from components.glossary.glossary import glossary_button, open_glossary
from components.glossary.switch import simple_words_switch
from components.guests.meter import meter
from components.guests.sign_in import is_admitted, leave
from components.history import opened_link
from components.history.latest import latest
from components.models import picker
from components.notices import deleted
from components.session import tab
from components.session.admission import owner_is_in
from components.session.pages import ELSEWHERE, OWNERS, PATHS, STAGE, is_foreign
from components.session.session import Session
from components.session.setup import Setup
from components.sidebar.sidebar import sidebar

# Texts: the pages in the menu, by name, and the title of the browser tab.
TITLES = {
    "Chat": "Chat",
    "Tools": "Tools",
    "Compare": "Compare",
    "Studio": "Studio",
    "Models": "Models",
    "History": "History",
    "Owner": "Owner",
}
TAB_TITLE = "{page} · Playground"

_HERE = Path(__file__).parent
hear_every_click()
_MENU = (
    ("Chat", ":material/chat_bubble:"),
    ("Tools", ":material/build:"),
    ("Compare", ":material/view_column:"),
    ("Studio", ":material/palette:"),
    ("Models", ":material/view_list:"),
    ("History", ":material/history:"),
)
_WITH_CHAT = ("Chat", "Tools", "Compare")
_OWNER = ("Owner", ":material/admin_panel_settings:")


Layout = Literal["centered", "wide"]
First = Callable[[Session, Setup], None]


def show(
    name: str,
    draw: Callable[[Session], None],
    layout: Layout = "centered",
    first: First = lambda session, setup: None,
) -> None:
    """Draw a page, and nothing before it: every page works as the first URL after a cold start.

    `name` is an internal name: it is used in addresses and in saved conversations, and never changes. `first`
    draws what is needed first, in a container of its own: everything else comes after it. `draw` draws what is on
    this page alone.
    """
    with PAGE_RUNS.drawing():
        draw(_frame(name, layout, first))


def _frame(name: str, layout: Layout, first: First) -> Session:
    """Begin a page: what all pages have. Returns the session of its tab."""
    st.set_page_config(
        page_title=TAB_TITLE.format(page=TITLES[name]),
        page_icon=str(_HERE / "icon.svg"),
        layout=layout,
        initial_sidebar_state="auto",
        menu_items={"Get help": None, "Report a bug": None, "About": None},
    )
    st.html(_HERE / "style.css")
    if not is_admitted(name):
        _in_browser()
        st.stop()
    session = Session.current()
    if is_foreign(name, st.query_params):
        st.query_params.clear()
    if name != "Chat":
        session.stage.leave(elsewhere=True)
    elif session.stage.arrive():
        return _on_stage(session)
    st.logo(_HERE / "icon.svg", size="large")
    setup = _begin(session, name)
    places = _places(session)
    first(session, setup)
    _in_browser()
    with st.sidebar:
        _sidebar(session, setup, places, chats=name != "Studio")
    session.bar = st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="xxsmall", key="bar")
    with session.bar:
        if name in _WITH_CHAT:  # the conversation in view decides about the rest: components/chat/bar.py
            session.bar = st.container(horizontal=True, vertical_alignment="center", wrap=False, key="bar.chat")
        else:
            page_title(TITLES[name])
        glossary_button(session)
        shortcuts(session)
    open_glossary(session)
    if name != "Studio":
        picker.notice(session, setup)
    deleted(session)
    return session


def _in_browser() -> None:
    """The scripts of a page in the browser."""
    with st.container(key="in_browser"):
        content_policy()
        page_keys()
        browser_history(ELSEWHERE, OWNERS)


def _places(session: Session) -> tuple[DeltaGenerator, DeltaGenerator]:
    """The containers of the menu and the latest chats. With them there is a sidebar, and elements beside it keep
    their position.
    """
    with st.sidebar:
        menu = st.container(horizontal=True, wrap=False, gap="xxsmall", key="menu")
        chats = st.container(key="latest", gap=None)
        session.meter = st.empty()
    return menu, chats


def _sidebar(session: Session, setup: Setup, places: tuple[DeltaGenerator, DeltaGenerator], *, chats: bool) -> None:
    menu, last = places
    with menu:
        for linked, icon in (*_MENU, *([_OWNER] if owner_is_in() else [])):
            st.page_link(PATHS[linked], label=TITLES[linked], icon=icon)
    with last:
        latest(session)
    meter(session)
    sidebar(session, setup, chats=chats)
    leave(session.chats)
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", key="looks"):
        theme_switch()
        simple_words_switch()


def _on_stage(session: Session) -> Session:
    """The front page on the stage: nothing of the tab is on it, and the stage draws its own bar."""
    _in_browser()
    tab.put_again()
    came = session.begin(STAGE)
    session.chats.begin(STAGE, came=came)
    session.chats.remember({})
    session.bar = st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="xxsmall", key="bar")
    return session


def _begin(session: Session, name: str) -> Setup:
    """Open what the address names before any widget is drawn, so that it can set their values."""
    tab.put_again()
    came, playing = session.begin(name), ""
    if name != "Studio":  # its address has other models
        picker.arrive(session)
    if name == "Chat":
        session.take_over()
        opened_link.arrive(session)
        if session.opened.leads_on:
            session.opened.leads_on = False
            st.switch_page(PATHS["Compare"])
        playing = opening.arrive(session)
    if elsewhere := session.chats.begin(name, came=came) or playing:
        st.switch_page(PATHS[elsewhere], query_params=st.query_params.to_dict())
    session.settings.read_address(shared=session.opened.shared is not None)
    setup = session.setup
    session.chats.remember(setup.saved_settings())
    if name != "Studio":
        tab.put_address(picker.ADDRESS, picker.address_value(session, setup))
    return setup
