"""The Models page: a table to sort and filter, the facts of one model, a chart of price against speed.

Everything shown comes from a server. In the table and the chart it is plain text by nature; elsewhere by `plain()`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from backend import catalog
from backend.catalog import Catalogue, Filters, Listing, Metrics, ModelInfo, Speed, Speeds
from components.elements import model_words
from components.elements.markdown import plain
from components.models import filters
from components.models.chart import chart
from components.models.picker import grouped, watch
from components.session import tab
from components.session.connection import CONFIGURED
from components.session.models import Models
from components.session.session import Session

Row = Mapping[str, object]

_PLACE = "models"
_HEIGHT = 430  # pixels of the table: a dozen rows, so that what follows it is in sight
_PARAMETERS = 60  # named in the facts of one model
_CHOSEN = "models.chosen"  # the id of the model whose row is chosen
_NOTHING: tuple[object, ...] = (None, "", [], False)


def models(session: Session) -> None:
    """Draw the page."""
    st.title("Models", anchor=False)
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
        st.caption("Choose a row to see everything about a model, and to open it in the chat.")
    chart(table, chosen)


# ---- what there is --------------------------------------------------------------------------------------


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
            ModelInfo(model.id, name=f"{model.label}, {model.about}", price_in=0.0, price_out=0.0)
            for model in models.local
        )
    )


def _introduction(session: Session, listing: Listing, measured: Metrics | None) -> None:
    """Where the list comes from and what is missing in it, in a sentence or two."""
    connections, connection = session.connections, session.connections.current
    where = plain(connection.label)
    if connection.is_local:
        st.markdown("These run on this computer, with no key and no account.")
        st.button(
            f"Connect {connections.configured.label} for 400+ others",
            key="models.connect",
            on_click=connections.connect,
            args=(CONFIGURED,),
            icon=":material/add_link:",
        )
        return
    catalogue = session.models.catalogue(connection)
    busy = watch(*(looked.wait for looked in (catalogue, measured) if looked))
    if not busy and session.models.listing(connection).known != listing.known:
        st.rerun()  # it came while the page was being drawn, and nobody would look again
    if not listing.models:
        nothing = f"Asking {where} for its models…" if busy else f"{where} lists no models. Any id can be typed."
        st.info(nothing, icon=":material/progress_activity:" if busy else ":material/info:")
        return
    st.markdown(" ".join(_sentences(where, listing, catalogue, measured, busy)))


def _sentences(
    where: str, listing: Listing, catalogue: Catalogue | None, measured: Metrics | None, busy: bool
) -> list[str]:
    living = sum(not model.retired for model in listing.models)
    sentences = [f"**{living:,} models** answer through {where}."]
    if catalogue and catalogue.updated is None:
        sentences.append(
            "Looking for news…" if busy else "This is the list this app came with: the server gave none."
        )
    if measured and measured.speeds:
        minutes = (measured.speeds.window or 0) / 60
        sentences.append(f"Speeds were measured over the last {minutes:.0f} minutes." if minutes >= 1 else "")
    elif measured and measured.failure and not busy:
        sentences.append(f"There are no live speeds: {plain(measured.failure.title)}")
    elif not busy:
        sentences.append("This server publishes no live speeds.")
    return [sentence for sentence in sentences if sentence]


# ---- the table ------------------------------------------------------------------------------------------


def _matches(listing: Listing) -> list[ModelInfo]:
    """Draw search, filter and the switch for retired models; give the models that fit."""
    with st.container(horizontal=True, vertical_alignment="center", key="models.tools"):
        query = st.text_input(
            "Search",
            key="models.search",
            placeholder=f"Search {len(listing.models):,} models",
            type="search",
            live=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        wanted = filters.chosen(_PLACE)
        matches = catalog.search(listing.models, query or "", wanted)
        if filters.useful(listing.models):
            filters.popover(_PLACE, listing.models, len(matches))
        if retired := sum(model.retired for model in matches):
            label = f"Retired ({retired})"
            with_retired = st.toggle(label, key="models.retired", persist_state="session")
            matches = matches if with_retired else [model for model in matches if not model.retired]
    if not matches:
        st.info("No model fits. Try fewer words, or clear the filter.", icon=":material/search_off:")
    elif query or wanted != Filters():
        st.caption(f"{len(matches):,} of {len(listing.models):,} models")
    return grouped(matches)


def _table(table: Sequence[Row]) -> str:
    """The table; gives the id of the model whose row is chosen, "" for none."""
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
        alt="The models, one per row",
    )
    chosen = [ids[at] for at in event.selection.rows if at < len(ids)]
    if chosen or tab.value(_CHOSEN) in ids:  # what a filter hides for a while stays chosen
        tab.put(_CHOSEN, chosen[0] if chosen else "")
    return chosen[0] if chosen else ""


def _config(order: Sequence[str]) -> dict[str, Any]:
    """The title and the number format of each column."""
    column, number = st.column_config.TextColumn, st.column_config.NumberColumn
    million = "US dollars per million tokens"
    configs: dict[str, Any] = {
        "id": column("Model", pinned=True, width="medium", help="The id that is sent."),
        "name": column("Name", width="medium"),
        "developer": column("Developer", width="small"),
        "abilities": st.column_config.ListColumn("Can", width="medium", help="What is said to work beyond text."),
        "context": number("Context", format="compact", help="Tokens of question and answer together."),
        "price_in": number("$ in", format="$%g", help=f"{million} that go in."),
        "price_out": number("$ out", format="$%g", help=f"{million} that come out."),
        "first_token_p50": number(
            "First token p50", format="%.2f s", help="Typical wait for the first token (p50)."
        ),
        "first_token_p90": number(
            "First token p90", format="%.2f s", help="9 of 10 answers begin sooner than this."
        ),
        "tokens_per_second_p50": number("Tokens/s p50", format="%.0f", help="Typical speed of an answer (p50)."),
        "tokens_per_second_p90": number("Tokens/s p90", format="%.0f", help="1 of 10 answers is faster than this."),
        "retired": st.column_config.CheckboxColumn("Retired", help="The provider does not offer it any more."),
    }
    return {name: configs[name] for name in order}


def _fingerprint(ids: Iterable[str]) -> str:
    return hashlib.blake2b("\n".join(ids).encode(), digest_size=8).hexdigest()


# ---- one model ------------------------------------------------------------------------------------------


def _facts(models: Models, model: ModelInfo, listing: Listing, speeds: Speeds | None) -> None:
    """Everything known about the chosen model, and the way to the chat."""
    with st.container(border=True, key="models.facts"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(plain(model.name or model.id), anchor=False, width="content")
            key = "models.open"
            if st.button("Open in chat", key=key, on_click=models.choose, args=(model.id,), type="primary"):
                st.switch_page("app.py")
        st.code(model.id, language=None, wrap_lines=True)
        if badges := " ".join(f":gray-badge[{word}]" for word in model_words.abilities(model)):
            st.markdown(badges)
        if model.retired:
            _retired(listing, model)
        st.markdown("  \n".join(f"**{name}** {plain(value)}" for name, value in details(model, speeds)))


def _retired(listing: Listing, model: ModelInfo) -> None:
    other = listing.successor(model)
    instead = f" The nearest living model of {plain(model.developer)} is **{plain(other.id)}**." if other else ""
    st.warning(f"Retired at the provider: it will most likely refuse.{instead}", icon=":material/history:")


def details(model: ModelInfo, speeds: Speeds | None) -> list[tuple[str, str]]:
    """What is known as pairs (name, value). NOT made safe for Markdown."""
    speed = speeds.of(model) if speeds else None
    context = f"{model.context_length:,} tokens" if model.context_length else ""
    facts = [
        ("Developer", model.developer),
        ("Also known as", ", ".join(model.aliases)),
        ("Context", context),
        ("Longest answer", f"{model.max_output:,} tokens" if model.max_output else ""),
        ("Price", model_words.price_words(model)),
        ("Speed", _speed(speed) if speed else ""),
        ("Limits", _limits(model)),
        ("When max_tokens is not sent", f"{model.default_max_tokens:,} tokens" if model.default_max_tokens else ""),
        ("Parameters it lists", _parameters(model)),
    ]
    return [(name, value) for name, value in facts if value]


def _speed(speed: Speed) -> str:
    first, rate = speed.first_token_p50, speed.tokens_per_second_p50
    parts = [
        f"first token after {first:.2f} s" if first else "",
        f"then {rate:.0f} tokens per second" if rate else "",
    ]
    return ", ".join(filter(None, parts))


def _limits(model: ModelInfo) -> str:
    return ", ".join(f"{name} {low:g} to {high:g}" for name, (low, high) in sorted(model.limits.items()))


def _parameters(model: ModelInfo) -> str:
    """The wire names of its schema. A schema shared by many models is a hint and no promise."""
    names = ", ".join(sorted(model.parameters or ())[:_PARAMETERS])
    return f"{names}{' (a schema of many models: a hint, no promise)' if names and model.generic else ''}"
