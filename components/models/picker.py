"""The model picker of the sidebar, and `?model=` in the address.

Searching happens in the browser: typing sends nothing. The list is never waited for: what is known is drawn at
once, and drawn again when the server has answered. Any id may be typed; names come from servers and visitors,
so they are drawn as plain text only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import streamlit as st

from backend import catalog
from backend.catalog import ID_LIMIT, Listing, ModelInfo
from backend.text import clean
from components.elements import model_words
from components.elements.markdown import plain
from components.elements.watching import watch
from components.models import filters, words
from components.session import tab
from components.session.connection import CONFIGURED, LOCAL
from components.session.models import Models
from components.session.session import Session
from components.session.setup import Setup

ADDRESS = "model"  # the parameter of the page's address
_PLACE = "picker"
_SIMILAR = 3  # models offered when an id is in no list


def picker(session: Session, setup: Setup) -> None:
    """Which model: the list, its filter, and what is known about the one in use."""
    models, matching = setup.listing.models, catalog.search(setup.listing.models, filters=filters.chosen(_PLACE))
    _settle(session.models, setup)
    # The list may be read anew at any moment: what is drawn now is called as it is called now.
    options = {model: setup.label(model) for model in _options(session.models, setup, matching)}
    st.selectbox(
        words.MODEL,
        list(options),
        index=0 if options else None,
        format_func=lambda model: options.get(model, model),
        key=setup.connection.model_widget,
        on_change=_chosen,
        args=(session,),
        persist_state="session",
        accept_new_options=not setup.connection.is_local,
        placeholder=setup.default_model or words.MODEL_PLACEHOLDER,
        help=words.MODEL_HELP,
    )
    _about(session.models, setup)
    if filters.useful(models):
        filters.popover(_PLACE, models, len(matching))
    _state_of_the_list(session.models, setup)


def _options(models: Models, setup: Setup, matching: Sequence[ModelInfo]) -> list[str]:
    """What was used last, then everything by developer. The model in use always stays an option."""
    if setup.connection.is_local:
        return list(setup.models)
    widget, left = setup.connection.model_widget, {model.id for model in matching}
    used = [model for model in models.recent.get(widget, ()) if model in left]
    first = [setup.default_model] if setup.default_model in left else []
    options = dict.fromkeys([*used, *first, *(model.id for model in grouped(matching))])
    held = tab.value(widget) is not None
    return [setup.model, *options] if held and setup.model not in options else [*options]


def grouped(models: Iterable[ModelInfo]) -> list[ModelInfo]:
    """Developers stay together, in the order in which they first appear; retired models go last."""
    listed = list(models)
    place = {developer: at for at, developer in reversed([*enumerate(model.developer for model in listed)])}
    return sorted(listed, key=lambda model: (model.retired, place[model.developer]))


def _settle(models: Models, setup: Setup) -> None:
    """Before the list is drawn: what it holds, in the words of the list as it is now.

    A browser keeps and sends back the label it was given, also when the list has a price by now.
    """
    widget, label = setup.connection.model_widget, setup.label(setup.model)
    held = tab.value(widget)
    if held is None and not setup.models:
        return  # nothing is known yet: nothing is chosen either
    if held != setup.model or models.labels.get(widget, label) != label:
        tab.put(widget, setup.model)
    models.labels[widget] = label


def _chosen(session: Session) -> None:
    """A model was chosen from the list, or typed."""
    setup = session.setup
    session.models.choose_typed(setup.model, setup.listing, setup.connection)


# ---- what is known about the model in use ---------------------------------------------------------------


def _about(models: Models, setup: Setup) -> None:
    model = known(setup)
    if setup.connection.is_local or not model.id:
        return
    if model.retired:
        _retired(models, setup.listing, model)
    elif not model.chat:
        st.warning(words.NO_CHAT_MODEL.format(model=plain(model.name or model.id)))
    elif setup.model == model.former_id:
        _renamed(models, model)
    elif typed := models.typed.get(setup.connection.model_widget):
        st.caption(words.LISTED_AS.format(typed=plain(typed), model=plain(model.id)))
    elif model.id not in setup.models:
        _unlisted(models, setup.listing, model)
    if line := summary(model):
        st.caption(line)


def known(setup: Setup) -> ModelInfo:
    """The model in use. Where the configured server says nothing about an id, the provider's documents may."""
    listed = setup.listing.find(setup.model)
    documented = setup.connection.is_configured and listed.id not in setup.models
    return catalog.find(setup.model) if documented and listed == ModelInfo(listed.id) else listed


def summary(model: ModelInfo) -> str:
    """One line of Markdown: name, context, price, and what it can do in small words."""
    length = model.context_length
    context = words.CONTEXT_LENGTH.format(tokens=model_words.tokens(length)) if length else ""
    facts = [model.name if model.name != model.id else "", context, model_words.price_words(model)]
    parts = [
        plain(" · ".join(filter(None, facts))),
        *(f":gray-badge[{word}]" for word in model_words.abilities(model)),
    ]
    return " ".join(filter(None, parts))


def _retired(models: Models, listing: Listing, model: ModelInfo) -> None:
    """A retired model is explained, and its nearest living relative is one click away."""
    st.warning(words.RETIRED_IN_USE.format(model=plain(model.name or model.id)), icon=":material/history:")
    if other := listing.successor(model) or catalog.successor(model):
        _use(models, other.id, "successor")


def _renamed(models: Models, model: ModelInfo) -> None:
    """The server lists it under another id: told, and one click away."""
    st.warning(words.RENAMED.format(typed=plain(model.former_id), model=plain(model.id)), icon=":material/history:")
    _use(models, model.id, "successor")


def _unlisted(models: Models, listing: Listing, model: ModelInfo) -> None:
    """A typed id that is in no list is sent as it is; perhaps one of these was meant."""
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
    """What came of asking the server, where the list is not what it could be. `drawn`: what the box has in it."""
    catalogue = models.catalogue(drawn.connection)
    if catalogue is None:
        return
    busy = watch(catalogue.wait)
    listing = models.listing(drawn.connection)  # read after the look: an answer that came before it counts
    if busy:
        if not listing.models:
            st.caption(words.ASKING_FOR_MODELS)
    elif listing.known != drawn.listing.known:
        st.rerun()  # it came while the box was being drawn, and nobody would look again
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
    wanted = _cleaned(named)
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
    models.wanted = models.chosen(setup.connection) if setup.connection.needs_key else ""


def _elsewhere(session: Session, wanted: str) -> None:
    """A model that is not on this computer: the configured server has it, if any, and may need a key first."""
    configured = session.connections.configured
    listing = catalog.catalogue(configured.endpoint).listing if configured.ready else catalog.snapshot()
    model = session.models.choose_typed(wanted, listing, configured)
    if configured.ready:
        session.connections.connect(CONFIGURED)
    else:
        session.models.wanted = model


def _cleaned(name: str) -> str:
    """A model's name of an address: one short line, nothing invisible."""
    text = clean(name[: 2 * ID_LIMIT])
    return "".join(letter for letter in text if letter.isprintable()).strip()[:ID_LIMIT]


def address_value(session: Session, setup: Setup) -> str:
    """What `?model=` should say, "" for the default. Only to be put there: it counts as seen."""
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
