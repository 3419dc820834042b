"""The Models page: a table to sort and filter, the facts of one model, a chart of price against speed.

Everything shown comes from a server. Tables and charts show plain text; elsewhere `plain()` escapes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from backend import catalog
from backend.catalog import Catalogue, Filters, Listing, Metrics, ModelInfo, Speed, Speeds
from components.elements import model_words
from components.elements.markdown import plain
from components.elements.watching import watch
from components.models import filters, words
from components.models.chart import chart
from components.models.picker import grouped
from components.session import tab
from components.session.connection import CONFIGURED
from components.session.models import Models, local_label
from components.session.pages import PATHS
from components.session.session import Session

Row = Mapping[str, object]

_PLACE = "models"
_HEIGHT = 430  # pixels of the table: a dozen rows, so that the content below it is visible
_PARAMETERS = 60  # named in the facts of one model
_CHOSEN = "models.chosen"  # the id of the model whose row is chosen
_NOTHING: tuple[object, ...] = (None, "", [], False)


def models(session: Session) -> None:
    """Draw the page."""
    connection = session.connections.current
    listing = _local(session.models) if connection.is_local else session.models.listing(connection)
    measured = catalog.metrics(connection.endpoint) if connection.has_list else None
    speeds = measured.speeds if measured else None
    _introduction(session, listing, measured)
    if not listing.models:
        return
    matches = _matches(listing)
    table = rows(replace(listing, known=tuple(matches)), speeds)
    chosen = _table(table)
    if chosen:
        _facts(session.models, listing.find(chosen), listing, speeds)
    elif table:
        st.caption(words.CHOOSE_ROW)
    chart(table, chosen)


# ---- the list -------------------------------------------------------------------------------------------


def rows(listing: Listing, speeds: Speeds | None) -> list[dict[str, object]]:
    """The table, one row per model on offer. Numbers are numbers; None is "not known"."""
    table: list[dict[str, object]] = []
    for model in listing.models:
        speed = speeds.of(model) if speeds else None
        table.append(
            {
                "id": model.id,
                "context": model.context_length,
                "price_in": model.price_in,
                "price_out": model.price_out,
                "first_token_p50": speed.first_token_p50 if speed else None,
                "first_token_p90": speed.first_token_p90 if speed else None,
                "tokens_per_second_p50": speed.tokens_per_second_p50 if speed else None,
                "tokens_per_second_p90": speed.tokens_per_second_p90 if speed else None,
                "retired": model.retired,
                "abilities": model_words.abilities(model),
                "name": model.name or model.short_name,
                "developer": model.developer,
            }
        )
    return table


def columns(table: Sequence[Row]) -> list[str]:
    """The names of the columns that have a value in at least one row."""
    if not table:
        return ["id"]
    return ["id", *(name for name in table[0] if name != "id" and any(row[name] not in _NOTHING for row in table))]


def _local(models: Models) -> Listing:
    """The models that run on this computer. They read and write text, and cost nothing."""
    return Listing(
        tuple(
            ModelInfo(model.id, name=f"{model.label}, {local_label(model)}", price_in=0.0, price_out=0.0)
            for model in models.local
        )
    )


def _introduction(session: Session, listing: Listing, measured: Metrics | None) -> None:
    """The source of the list and what is missing in it, in a sentence or two."""
    connections, connection = session.connections, session.connections.current
    where = plain(connection.label)
    if connection.is_local:
        st.markdown(words.LOCAL_MODELS)
        st.button(
            words.CONNECT_FOR_OTHERS.format(where=connections.configured.label),
            key="models.connect",
            on_click=connections.connect,
            args=(CONFIGURED,),
            icon=":material/add_link:",
        )
        return
    catalogue = session.models.catalogue(connection)
    busy = watch(*(looked.wait for looked in (catalogue, measured) if looked))
    if not busy and session.models.listing(connection).known != listing.known:
        st.rerun()  # it arrived during this run, and nothing else would cause another one
    if not listing.models:
        nothing = words.ASKING_SERVER if busy else words.NO_MODELS
        st.info(nothing.format(where=where), icon=":material/progress_activity:" if busy else ":material/info:")
        return
    st.markdown(" ".join(_sentences(where, listing, catalogue, measured, busy)))


def _sentences(
    where: str, listing: Listing, catalogue: Catalogue | None, measured: Metrics | None, busy: bool
) -> list[str]:
    living = sum(not model.retired for model in listing.models)
    sentences = [words.MODEL_COUNT.format(count=living, where=where)]
    if catalogue and catalogue.updated is None:
        sentences.append(words.LOOKING_FOR_NEWS if busy else words.BUNDLED_LIST)
    if measured and measured.speeds:
        minutes = (measured.speeds.window or 0) / 60
        sentences.append(words.SPEEDS_MEASURED.format(minutes=minutes) if minutes >= 1 else "")
    elif measured and measured.failure and not busy:
        sentences.append(words.SPEEDS_FAILED.format(reason=plain(measured.failure.title)))
    elif not busy:
        sentences.append(words.NO_SPEEDS)
    return [sentence for sentence in sentences if sentence]


# ---- the table ------------------------------------------------------------------------------------------


def _matches(listing: Listing) -> list[ModelInfo]:
    """Draw search, filter and the switch for retired models; returns the matching models."""
    with st.container(horizontal=True, vertical_alignment="center", key="models.tools"):
        query = st.text_input(
            words.SEARCH,
            key="models.search",
            placeholder=words.SEARCH_PLACEHOLDER.format(count=len(listing.models)),
            type="search",
            live=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        wanted = filters.chosen_filters(_PLACE)
        matches = catalog.search(listing.models, query or "", wanted)
        if filters.useful(listing.models):
            filters.popover(_PLACE, listing.models, len(matches))
        if retired := sum(model.retired for model in matches):
            label = words.SHOW_RETIRED.format(count=retired)
            with_retired = st.toggle(label, key="models.retired", persist_state="session")
            matches = matches if with_retired else [model for model in matches if not model.retired]
    if not matches:
        st.info(words.NO_MODEL_FITS, icon=":material/search_off:")
    elif query or wanted != Filters():
        st.caption(words.MATCHES.format(count=len(matches), total=len(listing.models)))
    return grouped(matches)


def _table(table: Sequence[Row]) -> str:
    """The table; returns the id of the model whose row is chosen, "" for none."""
    if not table:
        return ""
    order = columns(table)
    ids = [str(row["id"]) for row in table]
    event = st.dataframe(
        {name: [row[name] for row in table] for name in order},
        height=min(_HEIGHT, 38 + 35 * len(table)),
        hide_index=True,
        column_config=_config(order),
        column_order=order,
        # Rows are chosen by number: other rows are another table, or the choice would slip to another model.
        key=f"models.table.{_fingerprint(ids)}",
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": [at for at, id_ in enumerate(ids) if id_ == tab.value(_CHOSEN)]}},
        placeholder="",
        alt=words.TABLE_ALT,
    )
    chosen = [ids[at] for at in event.selection.rows if at < len(ids)]
    if chosen or tab.value(_CHOSEN) in ids:  # a model hidden by a filter stays chosen
        tab.put(_CHOSEN, chosen[0] if chosen else "")
    return chosen[0] if chosen else ""


def _config(order: Sequence[str]) -> dict[str, Any]:
    """The title and the number format of each column. Streamlit's class of these values is private."""
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    configs: dict[str, Callable[..., Any]] = {
        "id": partial(text, pinned=True, width="medium"),
        "name": partial(text, width="medium"),
        "developer": partial(text, width="small"),
        "abilities": partial(st.column_config.ListColumn, width="medium"),
        "context": partial(number, format="compact"),
        "price_in": partial(number, format="$%g"),
        "price_out": partial(number, format="$%g"),
        "first_token_p50": partial(number, format="%.2f s"),
        "first_token_p90": partial(number, format="%.2f s"),
        "tokens_per_second_p50": partial(number, format="%.0f"),
        "tokens_per_second_p90": partial(number, format="%.0f"),
        "retired": st.column_config.CheckboxColumn,
    }
    return {name: configs[name](words.COLUMNS[name], help=words.COLUMN_HELP.get(name)) for name in order}


def _fingerprint(ids: Iterable[str]) -> str:
    return hashlib.blake2b("\n".join(ids).encode(), digest_size=8).hexdigest()


# ---- one model ------------------------------------------------------------------------------------------


def _facts(models: Models, model: ModelInfo, listing: Listing, speeds: Speeds | None) -> None:
    """Everything known about the chosen model, and a button to the chat."""
    with st.container(border=True, key="models.facts"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.header(plain(model.name or model.id), anchor=False, width="content")
            key = "models.open"
            if st.button(words.OPEN_IN_CHAT, key=key, on_click=models.choose, args=(model.id,), type="primary"):
                st.switch_page(PATHS["Chat"])
        st.code(model.id, language=None, wrap_lines=True)
        if badges := " ".join(f":gray-badge[{word}]" for word in model_words.abilities(model)):
            st.markdown(badges)
        if model.retired:
            _retirement_note(listing, model)
        st.markdown("  \n".join(f"**{name}** {plain(value)}" for name, value in details(model, speeds)))


def _retirement_note(listing: Listing, model: ModelInfo) -> None:
    other = listing.successor(model)
    warning = words.RETIRED
    if other:
        developer, successor = plain(model.developer), plain(other.id)
        warning = words.RETIRED_WITH_SUCCESSOR.format(developer=developer, successor=successor)
    st.warning(warning, icon=":material/history:")


def details(model: ModelInfo, speeds: Speeds | None) -> list[tuple[str, str]]:
    """The known facts as pairs (name, value). NOT escaped for Markdown."""
    speed = speeds.of(model) if speeds else None
    facts = {
        "developer": model.developer,
        "aliases": ", ".join(model.aliases),
        "context": _tokens(model.context_length),
        "max_output": _tokens(model.max_output),
        "price": model_words.price_words(model),
        "speed": _speed(speed) if speed else "",
        "limits": _limits(model),
        "default_max_tokens": _tokens(model.default_max_tokens),
        "parameters": _parameters(model),
    }
    return [(words.FACTS[fact], value) for fact, value in facts.items() if value]


def _tokens(count: int | None) -> str:
    return words.TOKENS.format(count=count) if count else ""


def _speed(speed: Speed) -> str:
    first, rate = speed.first_token_p50, speed.tokens_per_second_p50
    if first and rate:
        return words.FIRST_TOKEN_AND_RATE.format(first=first, rate=rate)
    if first:
        return words.FIRST_TOKEN.format(first=first)
    return words.RATE.format(rate=rate) if rate else ""


def _limits(model: ModelInfo) -> str:
    limits = sorted(model.limits.items())
    return ", ".join(words.LIMIT.format(name=name, low=low, high=high) for name, (low, high) in limits)


def _parameters(model: ModelInfo) -> str:
    """The wire names in its schema. A schema shared by many models is a hint and no promise."""
    names = ", ".join(sorted(model.parameters or ())[:_PARAMETERS])
    return words.SHARED_PARAMETERS.format(names=names) if names and model.generic else names
