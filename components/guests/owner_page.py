"""The owner's page of a shared app: what guests used today, and the switch that pauses them."""

from __future__ import annotations

import time

import streamlit as st

from backend.guests import access
from backend.guests.ledger import Used
from backend.guests.terms import MICROS, Unit
from backend.store import StoreError
from components.elements.dates import ago
from components.elements.markdown import plain
from components.guests.meter import dollars
from components.guests.sign_in import new_password, password_form
from components.session import services, tab
from components.session.admission import Admission, owner_is_in
from components.session.services import configured

_PROBLEM = "owner.problem"  # what went wrong with the last click
_NAMES: dict[Unit, str] = {"messages": "Messages", "tokens": "Tokens", "usd": "US dollars"}


def owner() -> None:
    """Draw the page: for the owner only."""
    st.title("Owner", anchor=False)
    if not configured().shared:
        st.info(
            "This page is for an app that is shared with guests: docs/sharing.md tells how.",
            icon=":material/group:",
        )
        return
    if not access.is_hash(configured().access.owner):
        st.markdown("This page shows what guests use, and can pause them. It opens with a password of the owner's.")
        with st.expander("I am the owner", icon=":material/key:"):
            new_password("PLAYGROUND_OWNER_PASSWORD")
        return
    if not owner_is_in():
        st.markdown("What guests use, and the switch that pauses them. For the owner of this app.")
        password_form("owner.password", "The owner's password", "Sign in", Admission.current().enter_as_owner)
        return
    _switch()
    _today()


def _switch() -> None:
    since = services.ledger().paused
    with st.container(horizontal=True, vertical_alignment="center", key="owner.switch"):
        if since is None:
            st.markdown(":material/play_circle: **Open.** Guests can use your key, within their budget.")
            st.button("Pause guests", key="owner.pause", on_click=_pause, args=(True,), icon=":material/pause:")
        else:
            st.markdown(
                f":material/pause_circle: **Paused** {ago(since)}. Guests see that, and cannot use your key."
            )
            st.button("Open again", key="owner.resume", on_click=_pause, args=(False,), type="primary")
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
    terms, total, guests = configured().terms, services.ledger().used(""), services.ledger().today()
    st.subheader("Today, all guests together", anchor=False)
    with st.container(horizontal=True):
        for unit, name in _NAMES.items():
            most, used = terms.limit("all", unit, "day"), _amount(unit, total.of(unit))
            st.metric(name, used if most is None else f"{used} of {_amount(unit, most)}", border=True)
    st.caption(
        "Days begin at midnight UTC. What a server does not report is estimated, rather too much than too little."
    )
    st.subheader(f"Guests today: {len(guests)}", anchor=False)
    if guests:
        st.dataframe([_row(one) for one in guests], hide_index=True, width="stretch")
    st.button("Look again", key="owner.refresh", icon=":material/refresh:", type="tertiary")


def _row(one: Used) -> dict[str, object]:
    return {
        "Guest": one.guest[:14],
        "Messages": one.amount.messages,
        "Tokens": one.amount.tokens,
        "US dollars": round(one.amount.micros / MICROS, 4),
        "Running": one.running,
        "Never settled": one.lost,
        "Last": time.strftime("%H:%M UTC", time.gmtime(one.last)),
    }


def _amount(unit: Unit, amount: int) -> str:
    return dollars(amount) if unit == "usd" else f"{amount:,}"
