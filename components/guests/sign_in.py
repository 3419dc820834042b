"""The gate of a shared app: a password, or a login. Drawn in place of the page."""

from __future__ import annotations

import streamlit as st

from backend.guests import access
from backend.guests.access import AccessPolicy
from components.elements.markdown import plain
from components.elements.reload import reload_page
from components.guests import return_link, uploads, words
from components.session import admission, services, tab
from components.session.admission import Admission, is_open
from components.session.chats import Chats
from components.session.services import configured

_MADE = "gate.made"  # the hash of the last typed password
_GOING = "gate.going"  # the browser is logging out, and this page is the last of its session
_NEW = "gate.new"  # the field for a password whose hash the owner needs


def is_admitted(page: str) -> bool:
    """Whether the visitor is admitted. Otherwise this draws the gate, or a question to a guest, in place of the
    page.
    """
    return_link.take_from_address()
    admission.arrive()
    policy, inside = configured().access, is_open()
    if admission.needs_reload():
        reload_page()
    if configured().shared:
        uploads.keep(inside)
    if inside:
        return not return_link.asks_guest()
    with st.container(key="gate", width=460):
        if policy.problem:
            _not_yet(policy)
        elif policy.kind == "password":
            _password(page)
        else:
            _login()
    return False


def _password(page: str) -> None:
    st.title(words.WELCOME, anchor=False)
    st.markdown(words.INVITED_PASSWORD)
    if page == "Owner":
        st.caption(words.OWNER_TOO)
    password_form("gate.password", words.PASSWORD, words.COME_IN, Admission.current().enter)


def password_form(key: str, label: str, button: str, take: object) -> None:
    """A password field that keeps its value for one run only, and the result of the last attempt."""
    problem = Admission.current().problem
    with st.form(f"{key}.form", border=False):
        st.text_input(label, key=key, type="password", autocomplete="current-password")
        st.form_submit_button(button, type="primary", on_click=take, args=(key,), width="stretch")  # type: ignore[arg-type]
    if problem:
        st.error(problem, icon=":material/lock:")


def _login() -> None:
    claims = tab.login()
    if tab.value(_GOING):
        st.markdown(words.LOGGING_OUT)  # "Welcome" would be premature, before the cookie has been set
        return
    if not claims:
        st.title(words.WELCOME, anchor=False)
        st.markdown(words.INVITED_LOGIN)
        if lacks := services.login_lacks():
            listed = ", ".join(f"`{name}`" for name in lacks)
            st.warning(words.LOGIN_NOT_SET_UP.format(lacks=listed), icon=":material/build:")
        else:
            st.button(words.LOG_IN, key="gate.login", on_click=st.login, type="primary", width="stretch")
        return
    st.title(words.NOT_LISTED_TITLE, anchor=False)
    address = access.address(claims)
    st.markdown(words.NOT_LISTED.format(address=plain(address)) if address else words.NO_ADDRESS)
    st.button(words.LOG_IN_AGAIN, key="gate.logout", on_click=_log_out, width="stretch")


def leave(chats: Chats) -> None:
    """The leave button, for a tab that others may use after this visitor."""
    if not configured().shared:
        return
    kind = configured().access.kind
    if kind == "oidc":
        st.button(words.LOG_OUT, key="gate.leave", on_click=_log_out, icon=":material/logout:", type="tertiary")
        return
    return_link.offer()
    label = words.LEAVE if kind == "password" else words.START_OVER
    with st.popover(label, icon=":material/logout:", type="tertiary", key="gate.leaving"):
        st.markdown(words.LEAVING_DELETES)
        st.button(words.LEAVE_NOW[label], key="gate.leave", on_click=_sign_out, args=(chats,), type="primary")


def _log_out() -> None:
    tab.put(_GOING, True)
    st.logout()


def _sign_out(chats: Chats) -> None:
    chats.leave()
    admission.leave()


def _not_yet(policy: AccessPolicy) -> None:
    """An incomplete configuration: the gate is shut, and tells its owner what is missing."""
    st.title(words.NOT_OPEN_TITLE, anchor=False)
    st.markdown(words.NOT_OPEN)
    with st.expander(words.I_AM_OWNER, icon=":material/key:"):
        st.markdown(plain(policy.problem))
        if policy.kind == "password" and not policy.broken:
            new_password("PLAYGROUND_GATE_PASSWORD")
        configured_in_vain()


def configured_in_vain() -> None:
    """Lines of the settings that say nothing to this app, as a name that is mistyped: for the owner."""
    if notes := configured().notes:
        st.warning("\n".join((words.IN_VAIN, "", *(f"- {plain(note)}" for note in notes))), icon=":material/build:")


def new_password(setting: str) -> None:
    """The hash of a password, to be pasted into the secrets, without a terminal. It is stored nowhere."""
    st.caption(words.NEW_PASSWORD_ABOUT)
    with st.form(f"{_NEW}.form", border=False):
        st.text_input(words.NEW_PASSWORD, key=_NEW, type="password", autocomplete="new-password", max_chars=200)
        st.form_submit_button(words.MAKE_HASH, on_click=_hash)
    if stored := str(tab.value(_MADE) or ""):
        st.code(f'{setting} = "{stored}"', language="toml", wrap_lines=True)


def _hash() -> None:
    typed = str(tab.value(_NEW) or "")
    tab.put(_NEW, "")
    tab.put(_MADE, access.hashed(typed) if access.plain(typed) else "")
