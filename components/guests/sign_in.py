"""The gate of a shared app as a visitor sees it: a password, or a login. Drawn in place of the page."""

from __future__ import annotations

import streamlit as st

from backend.guests import access
from backend.guests.access import AccessPolicy
from components.elements.markdown import plain
from components.guests import uploads
from components.session import admission, services, tab
from components.session.admission import Admission, is_open
from components.session.chats import Chats
from components.session.services import configured

_MADE = "gate.made"  # the hash of the password that was typed last
_NEW = "gate.new"  # the field in which an owner types a password to get its hash


def require_admission() -> None:
    """Go on with the page where the door is open; else draw the gate, and end the run here."""
    policy, inside = configured().access, is_open()
    if policy.kind != "none":
        uploads.keep(inside)
    if inside:
        return
    with st.container(key="gate", width=460):
        if policy.problem:
            _not_yet(policy)
        elif policy.kind == "password":
            _password()
        else:
            _login()
    st.stop()


def _password() -> None:
    st.title("Welcome", anchor=False)
    st.markdown("This playground is open to invited guests. The password is with whoever sent you the link.")
    password_form("gate.password", "Password", "Come in", Admission.current().enter)


def password_form(key: str, label: str, button: str, take: object) -> None:
    """A field for a password that keeps it no longer than one run, and says what came of the last one."""
    problem = Admission.current().problem
    with st.form(f"{key}.form", border=False):
        st.text_input(label, key=key, type="password", autocomplete="current-password")
        st.form_submit_button(button, type="primary", on_click=take, args=(key,), width="stretch")  # type: ignore[arg-type]
    if problem:
        st.error(problem, icon=":material/lock:")


def _login() -> None:
    claims = tab.login()
    if not claims:
        st.title("Welcome", anchor=False)
        st.markdown("This playground is open to invited guests. Log in, so that it knows you are one.")
        if services.can_log_in():
            st.button("Log in", key="gate.login", on_click=st.login, type="primary", width="stretch")
        else:
            st.warning(
                "**Logging in is not set up yet.** The owner finds how in docs/sharing.md.", icon=":material/build:"
            )
        return
    st.title("Not on the list", anchor=False)
    address = access.address(claims)
    if address:
        st.markdown(f"You are logged in as **{plain(address)}**, and that address is not on the owner's list.")
    else:
        st.markdown("Your login service does not vouch for an address of yours, so there is none to look up.")
    st.button("Log in as somebody else", key="gate.logout", on_click=st.logout, width="stretch")


def leave(chats: Chats) -> None:
    """The way out, for a tab that others may use after this visitor."""
    kind = configured().access.kind
    if kind == "password":
        st.button(
            "Leave", key="gate.leave", on_click=_left, args=(chats,), icon=":material/logout:", type="tertiary"
        )
    elif kind == "oidc":
        st.button("Log out", key="gate.leave", on_click=st.logout, icon=":material/logout:", type="tertiary")


def _left(chats: Chats) -> None:
    chats.leave()
    admission.leave()


def _not_yet(policy: AccessPolicy) -> None:
    """Nobody comes in by mistake: a gate that is half set up is shut, and says to its owner what is missing."""
    st.title("Not open yet", anchor=False)
    st.markdown("The owner of this playground is still setting it up. Please come back later.")
    with st.expander("I am the owner", icon=":material/key:"):
        st.markdown(plain(policy.problem))
        if policy.kind == "password":
            new_password("PLAYGROUND_GATE_PASSWORD")


def new_password(setting: str) -> None:
    """A password's hash, to be pasted into the secrets: no terminal is needed. It is kept nowhere."""
    st.caption("Type the password you want. What comes out goes into the secrets of the app; then restart it.")
    with st.form(f"{_NEW}.form", border=False):
        st.text_input("New password", key=_NEW, type="password", autocomplete="new-password", max_chars=200)
        st.form_submit_button("Make its hash", on_click=_hash)
    if stored := str(tab.value(_MADE) or ""):
        st.code(f'{setting} = "{stored}"', language="toml", wrap_lines=True)


def _hash() -> None:
    typed = str(tab.value(_NEW) or "")
    tab.put(_NEW, "")
    tab.put(_MADE, access.hashed(typed) if typed else "")
