"""The model picker of the sidebar, and `?model=` in the address.

Searching happens in the browser: typing sends nothing. The list is never waited for: what is known is drawn at
once, and drawn again when the server has answered. Any id may be typed; names come from servers and visitors,
so they are drawn as plain text only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from backend import catalog
from backend.catalog import ID_LIMIT, Listing, ModelInfo
from backend.text import clean
from components.elements import model_words
from components.elements.markdown import plain
from components.models import filters
from components.session import tab
from components.session.connections import CONFIGURED, LOCAL

if TYPE_CHECKING:
    from components.session.session import Session

ADDRESS = "model"  # the parameter of the page's address
_PLACE = "picker"
_GLANCE = 1.0  # seconds between two glances at a look in progress
_SIMILAR = 3  # models offered when an id is in no list


def picker(session: Session) -> None:
    """Which model: the list, its filter, and what is known about the one in use."""
    listing = session.listing
    models = listing.models
    found = catalog.search(models, filters=filters.chosen(_PLACE))
    _settle(session)
    # The list may be read anew at any moment: what is drawn now is called as it is called now.
    options = {model: session.model_label(model) for model in _options(session, found)}
    st.selectbox(
        "Model",
        list(options),
        index=0 if options else None,
        format_func=lambda model: options.get(model, model),
        key=session.model_widget,
        on_change=_chosen,
        args=(session,),
        persist_state="session",
        accept_new_options=session.connection.id != LOCAL,
        placeholder=session.default_model or "Type a model id",
        help="Type to search by name or id, or type any other id the server knows. "
        "Beside it: context length, and the price of a million tokens in and out.",
    )
    _about(session)
    if filters.useful(models):
        filters.popover(_PLACE, models, len(found))
    _state_of_the_list(session, listing)


def _options(session: Session, found: Sequence[ModelInfo]) -> list[str]:
    """What was used last, then everything by developer. The model in use always stays an option."""
    if session.connection.id == LOCAL:
        return list(session.models)
    left = {model.id for model in found}
    used = [model for model in session.recent.get(session.model_widget, ()) if model in left]
    default = session.default_model
    first = [default] if default in left else []
    options = dict.fromkeys([*used, *first, *(model.id for model in grouped(found))])
    held = tab.value(session.model_widget) is not None
    return [session.model, *options] if held and session.model not in options else [*options]


def grouped(models: Iterable[ModelInfo]) -> list[ModelInfo]:
    """Developers stay together, in the order in which they first appear; retired models go last."""
    found = list(models)
    place = {developer: at for at, developer in reversed([*enumerate(model.developer for model in found)])}
    return sorted(found, key=lambda model: (model.retired, place[model.developer]))


def _settle(session: Session) -> None:
    """Before the list is drawn: what it holds, in the words of the list as it is now.

    A browser keeps and sends back the label it was given, also when the server has meanwhile said a price.
    """
    widget, model = session.model_widget, session.model
    held, label = tab.value(widget), session.model_label(model)
    if held is None and not session.models:
        return  # nothing is known yet: nothing is chosen either
    if held != model or session.labels.get(widget, label) != label:
        tab.put(widget, model)
    session.labels[widget] = label


def _chosen(session: Session) -> None:
    """A model was chosen from the list, or typed."""
    session.choose_model(resolved(session.listing, session.model))


def resolved(listing: Listing, typed: str) -> str:
    """The id that is meant by an id, an alias or a full name; anything else is an id of its own."""
    found = listing.find(typed)
    if found.id != typed or found in listing.known:
        return found.id
    named = [model.id for model in listing.models if model.name.lower() == typed.lower()]
    return named[0] if named else typed


# ---- what is known about the model in use ---------------------------------------------------------------


def _about(session: Session) -> None:
    model = known(session)
    if session.connection.id == LOCAL or not model.id:
        return
    if model.retired:
        _retired(session, model)
    elif not model.chat:
        st.warning(f"**{plain(model.name or model.id)}** is no chat model: the server will most likely refuse.")
    elif model.id not in session.models:
        _unlisted(session, model)
    if words := summary(model):
        st.caption(words)


def known(session: Session) -> ModelInfo:
    """The model in use. Where the configured server says nothing about an id, the provider's documents may."""
    found = session.listing.find(session.model)
    documented = session.connection.id == CONFIGURED and found.id not in session.models
    return catalog.find(session.model) if documented and found == ModelInfo(found.id) else found


def summary(model: ModelInfo) -> str:
    """One line of Markdown: name, context, price, and what it can do in small words."""
    context = f"{model_words.tokens(model.context_length)} context" if model.context_length else ""
    said = [model.name if model.name != model.id else "", context, model_words.price_words(model)]
    words = [
        plain(" · ".join(filter(None, said))),
        *(f":gray-badge[{word}]" for word in model_words.abilities(model)),
    ]
    return " ".join(filter(None, words))


def _retired(session: Session, model: ModelInfo) -> None:
    """A retired model is explained, and its nearest living relative is one click away."""
    st.warning(
        f"**{plain(model.name or model.id)}** is retired at the provider and will most likely refuse.",
        icon=":material/history:",
    )
    if other := session.listing.successor(model) or catalog.successor(model):
        _use(session, other.id, "successor")


def _unlisted(session: Session, model: ModelInfo) -> None:
    """A typed id that is in no list is sent as it is; perhaps one of these was meant."""
    if not session.models:
        return
    st.caption("Not in the server's list: it is asked for as typed.")
    words = " ".join(re.split(r"[\s/_:-]+", model.id))
    for other in catalog.search(session.listing.models, words)[:_SIMILAR]:
        _use(session, other.id, f"similar.{other.id}")


def _use(session: Session, model: str, key: str) -> None:
    st.button(
        f"Use {plain(model)}", key=key, on_click=session.choose_model, args=(model,), width="stretch", wrap=True
    )


# ---- the list itself ------------------------------------------------------------------------------------


def _state_of_the_list(session: Session, drawn: Listing) -> None:
    """What came of asking the server, where the list is not what it could be. `drawn`: what the box has in it."""
    found = session.catalogue
    if found is None:
        return
    if watch(found.wait):
        if not session.models:
            st.caption(":material/progress_activity: Asking the server for its models…")
    elif session.listing.known != drawn.known:
        st.rerun()  # it came while the box was being drawn, and nobody would look again
    elif found.failure:
        words = f"{found.failure.title} {found.failure.hint}"
        older = " The models known before are shown." if session.models else " A model's id can be typed."
        st.caption(f":material/cloud_off: The list of models could not be read. {plain(words)}{older}")
    elif found.absent:
        st.caption("This server has no list of models: type the id of one.")


def watch(*waits: Callable[[float], bool]) -> bool:
    """Is a look at a server in progress? Then the page is drawn again when it is over.

    The timer lives only until then. A glance is a fragment: it waits for an answer in mid-stream to end, and
    disturbs nothing (Streamlit never interrupts a script for one).
    """
    if all(wait(0) for wait in waits):
        return False

    @st.fragment(run_every=_GLANCE)
    def glance() -> None:
        if all(wait(0) for wait in waits):
            st.rerun()

    glance()
    return True


# ---- the model in the address ---------------------------------------------------------------------------


def arrive(session: Session) -> None:
    """Choose the model that the address names, once per value. Called before any widget is drawn."""
    said = tab.address(ADDRESS)
    if said == session.arrived:
        return
    session.arrived = said
    wanted = _cleaned(said)
    if not wanted:
        return
    if wanted in [model.id for model in session.local_models]:
        session.connect(LOCAL)
    elif session.connection.id == LOCAL:
        _elsewhere(session, wanted)
        return
    session.choose_model(resolved(session.listing, wanted))
    session.wanted = session.model if session.needs_key else ""


def _elsewhere(session: Session, wanted: str) -> None:
    """A model that is not on this computer: the configured server has it, if anybody, and may need a key first."""
    owner = session.configured_endpoint
    ready = bool(owner.api_key or owner.is_loopback)
    listing = catalog.catalogue(owner).listing if ready else catalog.snapshot()
    model = resolved(listing, wanted)
    session.choose_model(model, CONFIGURED)
    if ready:
        session.connect(CONFIGURED)
    else:
        session.wanted = model


def _cleaned(said: str) -> str:
    """A model's name of an address: one short line, nothing invisible."""
    text = clean(said[: 2 * ID_LIMIT])
    return "".join(letter for letter in text if letter.isprintable()).strip()[:ID_LIMIT]


def address_value(session: Session) -> str:
    """What `?model=` should say, "" for the default. Call it only to put it there: it counts as seen from then on.

    Another server's model is not said: the address could not tell whose it is.
    """
    connection, model = session.connection.id, session.model
    by_itself = model == session.default_model and connection in (next(iter(session.connections)), CONFIGURED)
    said = "" if by_itself or connection not in (CONFIGURED, LOCAL) else model
    session.arrived = session.wanted or said
    return session.arrived


def notice(session: Session) -> None:
    """Above the page, while the model that the address named waits for a key."""
    owner = session.configured_endpoint
    if not session.wanted or owner.api_key or owner.is_loopback:
        session.wanted = ""
        return
    name, where = plain(session.wanted), plain(owner.name)
    here = session.connection.id == CONFIGURED
    next_ = (
        " Paste it in the sidebar, under Connection."
        if here
        else f" Until then {plain(session.model_name)} answers."
    )
    with st.container(border=True, key="wanted", gap="small"):
        st.markdown(f":material/key: **Add a key to use {name}.** It runs at {where}.{next_} Nothing was sent.")
        with st.container(horizontal=True, gap="small"):
            if not here:
                st.button("Connect", key="wanted.connect", on_click=session.connect, args=(CONFIGURED,))
            st.button("Dismiss", key="wanted.dismiss", on_click=session.forget_wanted, type="tertiary")
