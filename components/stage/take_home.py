"""Takes a chat home: its link as a large QR code."""

from __future__ import annotations

import streamlit as st

from backend.formats import share
from backend.formats.share import Shared
from backend.keys.endpoint import host, is_near
from components.elements.markdown import plain
from components.history.opened_link import ADDRESS
from components.history.share import front_page
from components.session.session import Session
from components.stage import words

_WIDE = 620  # pixels


def _on_close() -> None:
    Session.current().dialogs.close("take home")


@st.dialog(words.HOME_TITLE, width="medium", icon=":material/qr_code_2:", on_dismiss=_on_close)
def take_home(session: Session) -> None:
    """The dialog, while it is open."""
    address = front_page()
    transcript = [node.message for node in session.chats.current.conversation.path()]
    setup = session.setup
    whole = Shared(
        setup.model,
        setup.values.system_prompt,
        setup.values.set_parameters,
        messages=share.text_only(transcript),
    )
    with st.container(key="stage_home"):
        _draw(session, address, whole)


def _draw(session: Session, address: str, whole: Shared) -> None:
    if is_near(address) or not host(address):
        st.markdown(words.HOME_LOCAL.format(host=plain(host(address))))
    elif not whole.messages:
        st.markdown(words.HOME_EMPTY)
    elif share.secrets_in(whole, session.connections.keys):
        st.markdown(words.HOME_KEY)
    else:
        _code(address, whole)


def _code(address: str, whole: Shared) -> None:
    first = tuple(message for message in whole.messages if message.role == "user")[:1]
    for shared, label in (
        (whole, words.HOME_EXPLAINED),
        (Shared(whole.model, whole.system_prompt, whole.parameters, messages=first), words.HOME_TOO_LONG),
    ):
        link = f"{address}?{ADDRESS}={share.encode(shared)}"
        if share.fits(link) and (picture := share.qr(link)):
            st.markdown(label)
            st.image(picture, width=_WIDE)
            return
    st.markdown(words.HOME_MUCH_TOO_LONG)
