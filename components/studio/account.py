"""Assistants and threads that the server stores, in an expander above the form: choose, open, continue, delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import streamlit as st

from backend.errors import APIError
from backend.studio.account import Kind, Listed
from backend.studio.families import Family
from backend.studio.fields import form as fields_of
from backend.studio.models import StudioModel
from backend.untrusted import Object
from components.elements.markdown import plain
from components.session import tab
from components.session.session import Session
from components.studio import account_words, assistant_thread, form, words
from components.studio.attempting import attempt, set_toast

_HEARD = "studio.account.heard"  # the server, its assistants, and the error
_OPENED = "studio.account.opened"  # the thread whose messages were loaded, and the messages
_KEY = {"assistants": "studio.account.assistant", "threads": "studio.account.thread"}
_TAIL = 6  # characters of an id to distinguish equal names

_Row = TypeVar("_Row")


def draw(session: Session, family: Family, model: StudioModel) -> None:
    """The expander. Its content is requested when it is opened."""
    fold = st.expander(
        account_words.ACCOUNT, key="studio.account", icon=":material/inventory_2:", on_change="rerun"
    )
    if not fold.open:
        return
    with fold:
        _assistants(session, family, model)
        _threads(session, family, model)


def _assistants(session: Session, family: Family, model: StudioModel) -> None:
    listed, problem = _server_list(session)
    if problem:
        st.caption(plain(problem))
    chosen = _choice(account_words.ASSISTANT, "assistants", listed, account_words.NO_ASSISTANTS)
    if chosen and (facts := " · ".join(filter(None, (chosen.beside, chosen.about)))):
        st.caption(plain(facts))
    with st.container(horizontal=True, gap="small"):
        if chosen:
            _button(
                account_words.USE_ASSISTANT,
                "use_assistant",
                "check",
                partial(_fill, family, model, chosen.id, None),
            )
            _delete(session, family, model, "assistants", chosen)
        _button(account_words.LIST_AGAIN, "list", "refresh", partial(tab.put, _HEARD, None))


def _threads(session: Session, family: Family, model: StudioModel) -> None:
    chosen = _choice(account_words.THREAD, "threads", session.studio.account.threads(), account_words.NO_THREADS)
    if chosen is None:
        return
    messages, problem = _thread_messages(session, chosen.id)
    if problem:
        st.caption(plain(problem))
    else:
        assistant_thread.thread_messages(messages, "studio.account.said")
    with st.container(horizontal=True, gap="small"):
        go_on = partial(_fill, family, model, chosen.beside, chosen.id)
        _button(words.GO_ON, "go_on_thread", "forum", go_on)
        _delete(session, family, model, "threads", chosen)


def _choice(label: str, kind: Kind, listed: Sequence[Listed], none: str) -> Listed | None:
    if not listed:
        st.caption(none)
        return None
    names = {one.id: f"{one.name or account_words.NO_NAME} (…{one.id[-_TAIL:]})" for one in listed}
    if tab.value(_KEY[kind]) not in names:
        tab.put(_KEY[kind], None)
    id_ = st.selectbox(
        label,
        list(names),
        index=None,
        key=_KEY[kind],
        format_func=lambda one: names.get(one, one),
        placeholder=account_words.CHOOSE,
    )
    return next((one for one in listed if one.id == id_), None)


def _server_list(session: Session) -> tuple[list[Listed], str]:
    """The server's list, requested once; and the error."""
    account = session.studio.account
    server = account.connection.endpoint.digest
    kept = tab.value_as(tuple, _HEARD)
    if kept is None or kept[0] != server:
        with st.spinner(account_words.LISTING):
            kept = (server, *_rows_or_error(account.assistants))
        tab.put(_HEARD, kept)
    return kept[1], kept[2]


def _thread_messages(session: Session, id_: str) -> tuple[list[Object], str]:
    kept = tab.value_as(tuple, _OPENED)
    if kept is None or kept[0] != id_:
        with st.spinner(account_words.LISTING):
            kept = (id_, *_rows_or_error(partial(session.studio.account.messages, id_)))
        tab.put(_OPENED, kept)
    return kept[1], kept[2]


def _rows_or_error(ask: Callable[[], list[_Row]]) -> tuple[list[_Row], str]:
    try:
        return ask(), ""
    except APIError as error:
        return [], account_words.NOT_LISTED.format(problem=f"{error.title} {error.hint}".strip())


def _fill(family: Family, model: StudioModel, assistant: str, thread_id: str | None) -> None:
    """Put these into the form for the next run."""
    names = {"assistant_id": assistant, "thread_id": thread_id or ""}
    for field in fields_of(model):
        if field.name in names:
            tab.put_setting(form.key(family, model, field), names[field.name])
    set_toast(account_words.IN_FORM_THREAD if thread_id else account_words.IN_FORM_ASSISTANT, "check")


def _delete(session: Session, family: Family, model: StudioModel, kind: Kind, one: Listed) -> None:
    label = words.DELETE
    with st.popover(label, icon=":material/delete:", type="tertiary", key=f"studio.account.delete.{kind}"):
        st.caption(account_words.DELETE_THERE[kind])
        gone = partial(_delete_on_server, session, family, model, kind, one.id)
        key = f"studio.account.delete_now.{kind}"
        st.button(words.DELETE_FOR_GOOD, key=key, on_click=attempt, args=(gone,), type="primary")


def _delete_on_server(session: Session, family: Family, model: StudioModel, kind: Kind, id_: str) -> None:
    session.studio.account.delete(kind, id_)
    tab.put(_KEY[kind], None)
    if kind == "assistants":
        tab.put(_HEARD, None)
    for field in fields_of(model):
        key = form.key(family, model, field)
        if field.name == f"{kind.removesuffix('s')}_id" and tab.value(key) == id_:
            tab.put(key, "")
    set_toast(account_words.DELETED_THERE, "delete")


def _button(label: str, name: str, icon: str, do: Callable[[], None]) -> None:
    key = f"studio.account.{name}"
    st.button(label, key=key, on_click=attempt, args=(do,), icon=f":material/{icon}:", type="tertiary")
