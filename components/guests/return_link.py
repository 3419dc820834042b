"""A private link by which a guest can return where cookies are blocked.

The link itself is the credential: so it is shown once, on request, removed from the address at once, and
confirmed before it is followed. Otherwise somebody could send his own link, and read what others write after it.
"""

from __future__ import annotations

import streamlit as st

from backend.store import StoreError
from components.elements.markdown import plain
from components.guests import words
from components.history.share import front_page
from components.session import admission, services, tab
from components.session.services import configured
from components.session.session import Session
from components.session.visitor import Visitor

_ADDRESS = "back"  # the name in the address
_CAME_BY = "return.came_by"  # a link that was followed, but not confirmed yet
_MADE = "return.made"  # a new link, until it has been shown
_PROBLEM = "return.problem"


def take_from_address() -> None:
    """Move the link from the address into this tab: nobody can read or copy it there."""
    if link := tab.address(_ADDRESS):
        tab.put_address(_ADDRESS, "")
        if configured().shared and configured().access.kind != "oidc":
            tab.put(_CAME_BY, link)


def asks_guest() -> bool:
    """Ask a guest who came by a link whether it is his or her own; until that is answered there is no page."""
    link = str(tab.value(_CAME_BY) or "")
    if not link:
        return False
    with st.container(key="returning", width=460):
        if services.visits().linked(link) is None:
            st.title(words.NO_SUCH_LINK_TITLE, anchor=False)
            st.markdown(words.NO_SUCH_LINK)
            st.button(words.GO_ON_WITHOUT, key="return.without", on_click=_decline, type="primary")
        else:
            st.title(words.IS_IT_YOURS_TITLE, anchor=False)
            st.markdown(words.IS_IT_YOURS)
            st.button(words.IT_IS_MINE, key="return.mine", on_click=_follow, type="primary", width="stretch")
            st.button(words.IT_IS_NOT, key="return.without", on_click=_decline, width="stretch")
    return True


def _decline() -> None:
    tab.drop(_CAME_BY)


def _follow() -> None:
    """Continue as the guest of the link, in the conversation that was used last."""
    admission.require()
    guest = services.visits().linked(str(tab.value(_CAME_BY) or ""))
    tab.drop(_CAME_BY)
    if guest is None:
        return
    tab.drop_one(Session)  # this tab's previous data belongs to another guest
    Visitor.current().take(*guest)
    for newest in services.journals().store.conversations(guest[0], limit=1):
        tab.put_address("c", newest.id)


def offer() -> None:
    """At the foot of the sidebar, for a guest whom a reload would not recognise."""
    guest = Visitor.current()
    if guest.comes_again:
        return
    with st.popover(words.COME_BACK, icon=":material/link:", type="tertiary", key="return"):
        st.markdown(words.COME_BACK_ABOUT.format(days=configured().terms.days))
        st.button(words.MAKE_LINK, key="return.make", on_click=_make)
        if link := str(tab.value(_MADE) or ""):
            tab.drop(_MADE)
            address = f"{front_page()}?{_ADDRESS}={link}"
            st.code(address, language=None, wrap_lines=True)
            st.caption(words.SHOWN_ONCE)
        if guest.has_link:
            st.button(words.TAKE_LINK_BACK, key="return.end", on_click=_end, type="tertiary")
        if problem := str(tab.value(_PROBLEM) or ""):
            st.error(plain(problem))


def _make() -> None:
    admission.require()
    guest = Visitor.current()
    tab.put(_PROBLEM, "")
    try:
        tab.put(_MADE, services.visits().make_link(guest.owner, guest.budget))
        guest.has_link = True
    except StoreError as error:
        tab.put(_PROBLEM, str(error))


def _end() -> None:
    admission.require()
    guest = Visitor.current()
    tab.put(_PROBLEM, "")
    try:
        services.visits().end_link(guest.owner)
        guest.has_link = False
    except StoreError as error:
        tab.put(_PROBLEM, str(error))
