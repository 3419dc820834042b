"""The owner's page of a shared app: today's usage by guests, and the switch that pauses them."""

from __future__ import annotations

import time

import streamlit as st

from backend.guests import access, retention
from backend.guests.ledger import Used
from backend.guests.terms import MICROS, Unit
from backend.store import StoreError
from backend.store.pending import LIMIT
from components.elements.dates import ago
from components.elements.markdown import plain
from components.guests import words
from components.guests.meter import dollars
from components.guests.sign_in import configured_in_vain, new_password, password_form
from components.session import services, tab
from components.session.admission import Admission, owner_is_in
from components.session.services import configured
from components.session.session import Session

_PROBLEM = "owner.problem"  # the error of the last click


def owner(_: Session) -> None:
    """Draw the page: for the owner only."""
    if not configured().shared:
        st.info(words.NOT_SHARED, icon=":material/group:")
        st.code(words.SHARING_LINES, language="toml")
        configured_in_vain()
        return
    if not access.is_hash(configured().access.owner):
        st.markdown(words.OWNER_NOT_SET_UP)
        with st.expander(words.I_AM_OWNER, icon=":material/key:"):
            new_password("PLAYGROUND_OWNER_PASSWORD")
        return
    if not owner_is_in():
        st.markdown(words.OWNER_SIGNED_OUT)
        enter = Admission.current().enter_as_owner
        password_form("owner.password", words.OWNER_PASSWORD, words.OWNER_SIGN_IN, enter)
        return
    if services.counts_until_restart():
        size = LIMIT // 1_000_000
        st.error(words.CANNOT_BE_WRITTEN.format(size=size), icon=":material/cloud_off:")
    configured_in_vain()
    _switch()
    _today()
    _guest_data()


def _switch() -> None:
    since = services.ledger().paused
    with st.container(horizontal=True, vertical_alignment="center", key="owner.switch"):
        if since is None:
            st.markdown(words.OPEN)
            st.button(words.PAUSE, key="owner.pause", on_click=_pause, args=(True,), icon=":material/pause:")
        else:
            st.markdown(words.PAUSED.format(ago=ago(since)))
            st.button(words.RESUME, key="owner.resume", on_click=_pause, args=(False,), type="primary")
    if problem := str(tab.value(_PROBLEM) or ""):
        st.error(plain(problem))


def _pause(paused: bool) -> None:
    if not owner_is_in():
        return
    try:
        services.ledger().pause(paused)
        tab.put(_PROBLEM, "")
    except StoreError as error:
        tab.put(_PROBLEM, str(error))


def _today() -> None:
    """Totals against their limits, then one row per guest."""
    terms, total, guests = configured().terms, services.ledger().usage(""), services.ledger().today()
    st.header(words.TOTALS, anchor=False)
    with st.container(horizontal=True):
        for unit, name in words.UNITS.items():
            most, used = terms.limit("all", unit, "day"), _amount(unit, total.of(unit))
            value = used if most is None else words.USED_OF.format(used=used, most=_amount(unit, most))
            st.metric(name, value, border=True)
    st.caption(words.DAYS)
    st.header(words.GUESTS_TODAY.format(count=len(guests)), anchor=False)
    if guests:
        costs = {words.COLUMNS["usd"]: st.column_config.NumberColumn(format="%g")}  # otherwise four decimals
        st.dataframe([_row(one) for one in guests], hide_index=True, column_config=costs, width="stretch")
    st.button(words.LOOK_AGAIN, key="owner.refresh", icon=":material/refresh:", type="tertiary")


def _guest_data() -> None:
    """The amount of guests' data, its retention, and a button to end every visit."""
    kept, terms = services.keeping().amounts(), configured().terms
    st.header(words.KEPT, anchor=False)
    size = kept.bytes / 1_000_000
    st.markdown(words.KEPT_NOW.format(conversations=kept.conversations, guests=kept.guests, size=size))
    room = {"one": retention.OF_ONE, "all": retention.OF_ALL, "size": retention.BYTES // 1_000_000}
    st.caption(words.KEPT_HOW_LONG.format(days=terms.days, **room))
    if not services.is_lasting():
        st.caption(words.NOT_LASTING)
    with st.popover(words.END_VISITS, icon=":material/logout:", key="owner.visits"):
        st.markdown(words.END_VISITS_ABOUT)
        st.button(words.END_VISITS_NOW, key="owner.end_visits", on_click=_end_visits, type="primary")


def _end_visits() -> None:
    if not owner_is_in():
        return
    try:
        services.visits().end_all()
        tab.put(_PROBLEM, "")
    except StoreError as error:
        tab.put(_PROBLEM, str(error))


def _row(one: Used) -> dict[str, object]:
    cells = {
        "guest": one.guest[:14],
        "messages": one.amount.messages,
        "tokens": one.amount.tokens,
        "usd": one.amount.micros / MICROS,
        "running": one.running,
        "lost": one.lost,
        "last": words.LAST_SEEN.format(time=time.strftime("%H:%M", time.gmtime(one.last))),
    }
    return {words.COLUMNS[column]: cell for column, cell in cells.items()}


def _amount(unit: Unit, amount: int) -> str:
    return dollars(amount) if unit == "usd" else f"{amount:,}"
