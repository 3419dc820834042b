"""The model picker of the sidebar, and `?model=` in the address.

The search runs in the browser (model_list.py): typing sends nothing. Drawing never waits for the list: what is
known is drawn at once, and redrawn when the server has answered. Any id may be typed; names come from servers and
visitors, so they are drawn as plain text only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

import streamlit as st

from backend import catalog
from backend.catalog import ID_LIMIT, Filters, Listing, ModelInfo
from backend.studio import models as studio_models
from backend.text import clean
from components.elements import model_words
from components.elements.markdown import plain
from components.elements.watching import watch
from components.models import filters, model_list, words
from components.session import tab
from components.session.connection import CONFIGURED, LOCAL, Connection
from components.session.models import Models, local_label
from components.session.pages import PATHS
from components.session.session import Session
from components.session.setup import Setup

ADDRESS = "model"  # the parameter of the page's address
_PLACE = "picker"
_SIMILAR = 3  # models offered when an id is in no list


def picker(session: Session, setup: Setup) -> None:
    """The model: its name and price, the list behind it, and notes about the one in use."""
    models, chosen = setup.listing.models, filters.chosen_filters(_PLACE)
    matching = _matching(setup, chosen)
    _hold(setup)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="model.head"
    ):
        st.markdown(words.MODEL, width="content")
        if filters.useful(models):
            filters.popover(_PLACE, models, len(matching))
    rows = tab.one(model_list.Rows).of(setup, chosen, grouped(matching))
    model_list.draw(
        setup, rows, _top_ids(session.models, setup), facts(setup), partial(_on_choice, session, setup.connection)
    )
    with st.container(gap="xxsmall", key="model.about"):
        _about(session.models, setup)
        _state_of_the_list(session.models, setup)


def _matching(setup: Setup, chosen: Filters) -> list[ModelInfo]:
    return [] if setup.connection.is_local else catalog.search(setup.listing.models, filters=chosen)


def _top_ids(models: Models, setup: Setup) -> list[str]:
    """The ids at the top of the list: the one in use, earlier ones, the default."""
    before = models.recent.get(setup.connection.model_widget, ())
    return [*dict.fromkeys(filter(None, (setup.model, *before, setup.default_model)))]


def grouped(models: Iterable[ModelInfo]) -> list[ModelInfo]:
    """Developers stay together, in the order in which they first appear; retired models go last."""
    listed = list(models)
    place = {developer: at for at, developer in reversed([*enumerate(model.developer for model in listed)])}
    return sorted(listed, key=lambda model: (model.retired, place[model.developer]))


def _hold(setup: Setup) -> None:
    """Keep the model that is shown as the one in use, even if the list has changed by then."""
    if setup.models and tab.value(setup.connection.model_widget) is None:
        tab.put_setting(setup.connection.model_widget, setup.model)


def _on_choice(session: Session, connection: Connection) -> None:
    """The callback of a choice. An id of the list is sent unchanged; a typed text may be an alias."""
    choice = model_list.choice_of(connection)
    if choice is None:
        return
    if choice.typed:
        if typed := _clean_name(choice.model):
            session.models.choose_typed(typed, session.models.listing(connection), connection)
    else:
        session.models.choose(choice.model, connection)


# ---- what is known about the model in use ---------------------------------------------------------------


def _about(models: Models, setup: Setup) -> None:
    if setup.connection.is_local:
        st.caption(words.RUNS_HERE)
        if setup.local_model:
            st.caption(
                plain(local_label(setup.local_model))
            )  # always visible: a tiny model's answers are often wrong
        return
    model = model_in_use(setup)
    if not model.id:
        return
    if (other := studio_models.find(model.id)) and model.id not in setup.models and setup.connection.is_configured:
        st.warning(words.STUDIO_MODEL.format(model=plain(other.label)), icon=":material/palette:")
        query = {"family": other.family, "model": other.id}
        st.page_link(PATHS["Studio"], label=words.OPEN_IN_STUDIO, query_params=query)
        return
    if model.retired:
        _retirement_note(models, setup.listing, model)
    elif not model.chat:
        st.warning(words.NO_CHAT_MODEL.format(model=plain(model.name or model.id)))
    elif setup.model == model.former_id:
        _renaming_note(models, model)
    elif typed := models.typed.get(setup.connection.model_widget):
        st.caption(words.LISTED_AS.format(typed=plain(typed), model=plain(model.id)))
    elif model.id not in setup.models:
        _unlisted_note(models, setup.listing, model)
    if price := model_words.price_words(model):
        st.caption(plain(price))


def model_in_use(setup: Setup) -> ModelInfo:
    """The model in use. If the configured server's list lacks an id, the provider's documentation may know it."""
    listed = setup.listing.find(setup.model)
    documented = setup.connection.is_configured and listed.id not in setup.models
    return catalog.find(setup.model) if documented and listed == ModelInfo(listed.id) else listed


def facts(setup: Setup) -> str:
    """The tooltip of the box as plain text: the id that is sent, the context length, the abilities."""
    model = model_in_use(setup)
    length = model.context_length
    context = words.CONTEXT_LENGTH.format(tokens=model_words.tokens(length)) if length else ""
    return " · ".join(filter(None, (setup.model, context, ", ".join(model_words.abilities(model)))))


def _retirement_note(models: Models, listing: Listing, model: ModelInfo) -> None:
    """A retired model is explained, and its nearest living relative is one click away."""
    st.warning(words.RETIRED_IN_USE.format(model=plain(model.name or model.id)), icon=":material/history:")
    if other := listing.successor(model) or catalog.successor(model):
        _use(models, other.id, "successor")


def _renaming_note(models: Models, model: ModelInfo) -> None:
    """A model that the server lists under another id: a note, and a button to use that."""
    st.warning(words.RENAMED.format(typed=plain(model.former_id), model=plain(model.id)), icon=":material/history:")
    _use(models, model.id, "successor")


def _unlisted_note(models: Models, listing: Listing, model: ModelInfo) -> None:
    """A typed id that is in no list is sent unchanged; similar ids are suggested."""
    if not listing.models:
        return
    st.caption(words.NOT_IN_LIST)
    query = " ".join(re.split(r"[\s/_:-]+", model.id))
    for other in catalog.search(listing.models, query)[:_SIMILAR]:
        _use(models, other.id, f"similar.{other.id}")


def _use(models: Models, model: str, key: str) -> None:
    label = words.USE_MODEL.format(model=plain(model))
    st.button(label, key=key, on_click=models.choose, args=(model,), width="stretch", wrap=True)


# ---- the list itself ------------------------------------------------------------------------------------


def _state_of_the_list(models: Models, drawn: Setup) -> None:
    """Notes about loading the list. `drawn`: the list in the box."""
    catalogue = models.catalogue(drawn.connection)
    if catalogue is None:
        return
    busy = watch(catalogue.wait)
    listing = models.listing(drawn.connection)  # read after the check: an answer that arrived before it counts
    if busy:
        if not listing.models:
            st.caption(words.ASKING_FOR_MODELS)
    elif listing.known != drawn.listing.known:
        st.rerun()  # it arrived during this run, and nothing else would cause another one
    elif catalogue.failure:
        reason = plain(f"{catalogue.failure.title} {catalogue.failure.hint}")
        sentence = words.LIST_FAILED_OLDER_SHOWN if listing.models else words.LIST_FAILED_TYPE_ID
        st.caption(sentence.format(reason=reason))
    elif catalogue.absent:
        st.caption(words.LIST_ABSENT)


# ---- the model in the address ---------------------------------------------------------------------------


def arrive(session: Session) -> None:
    """Choose the model that the address names, once per value. Called before any widget is drawn."""
    models, named = session.models, tab.address(ADDRESS)
    if named == models.arrived:
        return
    models.arrived = named
    wanted = _clean_name(named)
    if not wanted:
        return
    here = next((model.id for model in models.local if model.id.lower() == wanted.lower()), "")
    if here:
        wanted = here
        session.connections.connect(LOCAL)
    elif session.connections.current.is_local:
        _elsewhere(session, wanted)
        return
    setup = session.setup
    models.choose_typed(wanted, setup.listing, setup.connection)
    models.wanted = models.chosen_model(setup.connection) if setup.connection.needs_key else ""


def _elsewhere(session: Session, wanted: str) -> None:
    """A model that is not local: the configured server may have it, and may need a key first."""
    configured = session.connections.configured
    listing = catalog.catalogue(configured.endpoint).listing if configured.ready else catalog.snapshot()
    model = session.models.choose_typed(wanted, listing, configured)
    if configured.ready:
        session.connections.connect(CONFIGURED)
    else:
        session.models.wanted = model


def _clean_name(name: str) -> str:
    """A model name from an address: one short line, nothing invisible."""
    text = clean(name[: 2 * ID_LIMIT])
    return "".join(letter for letter in text if letter.isprintable()).strip()[:ID_LIMIT]


def address_value(session: Session, setup: Setup) -> str:
    """The value for `?model=`, "" for the default. Call only to put it there: it counts as seen."""
    connection, models = setup.connection, session.models
    first = session.connections.default
    by_itself = setup.model == setup.default_model and (connection is first or connection.is_configured)
    name = "" if by_itself or not connection.named_in_address else setup.model
    models.arrived = models.wanted or name
    return models.arrived


def notice(session: Session, setup: Setup) -> None:
    """Above the page, while the model that the address named waits for a key."""
    models, configured = session.models, session.connections.configured
    if not models.wanted or configured.ready:
        models.wanted = ""
        return
    name, where = plain(models.wanted), plain(configured.label)
    here = setup.connection.is_configured
    sentence = words.ADD_KEY_IN_SIDEBAR if here else words.ADD_KEY_ELSEWHERE
    with st.container(border=True, key="wanted", gap="small"):
        st.markdown(sentence.format(model=name, where=where, current=plain(setup.model_name)))
        with st.container(horizontal=True, gap="small"):
            if not here:
                connect = session.connections.connect
                st.button(words.CONNECT, key="wanted.connect", on_click=connect, args=(CONFIGURED,))
            st.button(words.DISMISS, key="wanted.dismiss", on_click=models.forget_wanted, type="tertiary")
