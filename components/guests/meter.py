"""A guest's view of the limits on the owner's key: a meter, notes beside controls, and alternatives."""

from __future__ import annotations

import streamlit as st

from backend.answer import cost
from backend.catalog import Catalogue
from backend.guests.terms import CHOICES, MICROS, GuestPolicy, Unit, model_problem
from components.elements.markdown import plain
from components.guests import words
from components.session import services
from components.session.admission import payer
from components.session.services import configured
from components.session.session import Session
from components.session.setup import Setup

_NEARLY = 0.8  # share of a limit from which it is shown
_UNITS: tuple[Unit, ...] = ("messages", "tokens", "usd")
_LENGTHS = ("max_tokens", "max_completion_tokens")


def meter(session: Session) -> None:
    """Today's usage, in the sidebar. Nothing for visitors who pay themselves."""
    slot = session.meter
    if slot is None:
        return
    if not session.connections.current.guest:
        slot.empty()
        return
    if services.ledger().paused is not None:
        slot.caption(words.PAUSED_FOR_GUESTS)
        return
    facts = _usage_text(payer(), configured().terms)
    if facts:
        slot.caption(words.USED_TODAY.format(facts=facts))


def _usage_text(guest: str, terms: GuestPolicy) -> str:
    """Format: Used: 7 of 20 messages today · 85 % of today's tokens"""
    mine, all_ = services.ledger().usage(guest), services.ledger().usage("")
    facts = []
    most = terms.limit("guest", "messages", "day")
    if most is not None:
        facts.append(words.MESSAGES_USED.format(used=min(mine.messages, most), most=most))
    for unit in _UNITS[1:]:
        share = _share(mine.of(unit), terms.limit("guest", unit, "day"))
        if share >= _NEARLY:
            facts.append(words.SHARE_USED[unit].format(share=min(1.0, share)))
    if max(_share(all_.of(unit), terms.limit("all", unit, "day")) for unit in _UNITS) >= 1:
        facts = [words.ALL_USED]
    return " · ".join(facts)


def _share(used: int, most: int | None) -> float:
    if most is None:
        return 0.0
    return used / most if most else 1.0


def note(setup: Setup, name: str) -> None:
    """A note beside a control about a value that is sent instead. Limits are shown, never applied silently."""
    if not setup.guest:
        return
    most = configured().terms.max_tokens if name in _LENGTHS else CHOICES if name == "n" else None
    values = setup.values.set_parameters
    value = values.get(name)
    if most is None:
        return
    if isinstance(value, int) and value > most:
        st.caption(words.MOST_IS_SENT.format(most=most))
    elif name == "max_tokens" and not any(values.get(length) for length in _LENGTHS):
        st.caption(words.LONGEST_IS_SENT.format(most=most))


def model_note(setup: Setup, catalogue: Catalogue | None) -> None:
    """A note beside the model that guests may not use it."""
    if not setup.guest or catalogue is None:
        return
    priced = setup.endpoint.is_aimlapi and catalogue.updated is not None
    if problem := model_problem(catalogue.listing.find(setup.model), configured().terms, priced=priced):
        st.warning(words.MODEL_NOT_OPEN.format(problem=plain(problem)), icon=":material/lock:")


def dollars(micros: int) -> str:
    return cost.dollars(micros / MICROS)
