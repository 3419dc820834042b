"""What a guest on the owner's key sees of the limits: a meter, a word beside the control, the ways on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from backend.catalog import Catalogue, ModelInfo
from backend.guests.terms import CHOICES, MICROS, GuestPolicy, NotForGuests, Unit, fitted, model_problem
from backend.types import ChatRequest
from components.elements.markdown import plain
from components.session import services
from components.session.services import configured

if TYPE_CHECKING:
    from components.session.request_settings import RequestSettings
    from components.session.session import Session

_NEARLY = 0.8  # of a limit: from then on it is spoken of
_PATIENCE = 5.0  # seconds that a first request waits for the server's prices
_UNITS: tuple[Unit, ...] = ("messages", "tokens", "usd")
_LENGTHS = ("max_tokens", "max_completion_tokens")


def fit(session: Session, request: ChatRequest) -> ChatRequest:
    """The request as a guest may send it. What no guest may send stays in: it is refused in words when sent."""
    if not session.guest:
        return request
    try:
        return fitted(request, configured().terms, session.info)
    except NotForGuests:
        return request


class Known:
    """What a server says about its models, once it has said it: prices come with its own list only."""

    def __init__(self, catalogue: Catalogue | None, *, patient: bool) -> None:
        self._catalogue = catalogue
        self._patient = patient

    def __call__(self, model: str) -> ModelInfo:
        if self._catalogue is None:
            return ModelInfo(model)
        listing = self._catalogue.listing
        if self._patient and self._catalogue.updated is None and self._catalogue.wait(_PATIENCE):
            listing = self._catalogue.listing
        return listing.find(model)


def meter(session: Session) -> None:
    """How much of today is used, in the sidebar. Nothing for whoever pays for himself or herself."""
    slot = session.meter
    if slot is None:
        return
    if not session.guest:
        slot.empty()
        return
    if services.ledger().paused is not None:
        slot.caption(":material/pause_circle: **Paused by the owner.** With a key of your own you can go on.")
        return
    words = _used(session.owner, configured().terms)
    if words:
        slot.caption(f":material/data_usage: {words}")


def _used(guest: str, terms: GuestPolicy) -> str:
    """7 of 20 messages today · 85 % of today's tokens"""
    mine, all_ = services.ledger().used(guest), services.ledger().used("")
    said = []
    most = terms.limit("guest", "messages", "day")
    if most is not None:
        said.append(f"{min(mine.messages, most):,} of {most:,} messages today")
    for unit in _UNITS[1:]:
        share = _share(mine.of(unit), terms.limit("guest", unit, "day"))
        if share >= _NEARLY:
            said.append(f"{min(1.0, share):.0%} of today's {'money' if unit == 'usd' else unit}")
    if max(_share(all_.of(unit), terms.limit("all", unit, "day")) for unit in _UNITS) >= 1:
        said = ["All guests together have used today's budget. With a key of your own you can go on."]
    return " · ".join(said)


def _share(used: int, most: int | None) -> float:
    if most is None:
        return 0.0
    return used / most if most else 1.0


def note(session: RequestSettings, name: str) -> None:
    """Beside a control: what is sent in its place. Told, and never quietly changed."""
    if not session.guest:
        return
    most = configured().terms.max_tokens if name in _LENGTHS else CHOICES if name == "n" else None
    value = session.set_values.get(name)
    if most is None:
        return
    if isinstance(value, int) and value > most:
        st.caption(f":orange[**{most:,} is sent**: that is the most for guests. A key of your own has no limit.]")
    elif name == "max_tokens" and not any(session.set_values.get(length) for length in _LENGTHS):
        st.caption(f"{most:,} is sent: the longest answer for guests.")


def model_note(session: Session) -> None:
    """Beside the model: that it is not open to guests."""
    if not session.guest:
        return
    listing = session.catalogue.listing if session.catalogue else None
    if listing is None:
        return
    settled = session.catalogue is not None and session.catalogue.updated is not None
    priced = session.endpoint.is_aimlapi and settled
    if problem := model_problem(listing.find(session.model), configured().terms, priced=priced):
        st.warning(f"{plain(problem)} Choose another one, or use your own key.", icon=":material/lock:")


def dollars(micros: int) -> str:
    return f"${micros / MICROS:,.4f}".rstrip("0").ljust(5, "0")
