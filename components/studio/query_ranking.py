"""A query for embeddings: another text, embedded like the others, by which they are ranked.

It is a separate run, counted and stored like any other, and drawn with the run that it refers to. Of the queries
of a run the last is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from backend import errors
from backend.studio import vectors
from backend.studio.shelf import Shelf
from backend.studio.task import Task
from backend.studio.vectors import Uneven
from backend.types import JSON
from components.elements.markdown import plain
from components.session import tab
from components.session.session import Session
from components.session.studio_runs import Run
from components.studio import price, text_results, words
from components.studio.attempting import attempt, set_toast

_LONGEST = 8_000  # characters of a query, enforced whatever a browser sends
_WIDEST = "€" * _LONGEST  # the price is estimated in advance for the longest query, of three-byte letters
_TITLE = 200  # characters of it that are shown above its ranking
_CELL = 2_000  # characters of a text


def without_queries(runs: Sequence[Run]) -> list[Run]:
    """The runs that are drawn separately: all except queries of a run that is here. A query cannot have queries:
    an untrusted file may refer to itself.
    """
    here = {run.job.id for run in runs if not run.task.query_of}
    return [run for run in runs if run.task.query_of not in here]


def draw(session: Session, run: Run) -> None:
    """The field for a query, and the ranking by the last one."""
    shelf = session.studio.shelf
    if run.task.query_of or not any(map(shelf.find, run.file_ids)):
        return  # the query of a deleted run, or its vectors are gone
    model = session.studio.model(run.task.about, run.task.model)
    with st.form(f"studio.query_form.{run.job.id}", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.text_input(words.QUERY, key=_key(run), placeholder=words.QUERY_PLACEHOLDER, max_chars=_LONGEST)
            st.form_submit_button(
                words.RANK,
                key=f"studio.rank.{run.job.id}",
                icon=":material/sort:",
                on_click=attempt,
                args=(partial(_ask, session, run),),
            )
        st.caption(price.ahead(session, [_task(run, _WIDEST)], model, words.QUERY_COSTS))
    if queries := session.studio.kept.queries(run):
        _answer(run, queries[0], shelf)


def _key(run: Run) -> str:
    return f"studio.query.{run.job.id}"


def _task(run: Run, query: str) -> Task:
    """The request of a run with another text: its model and all its settings."""
    given: JSON = [query] if isinstance(run.task.body.get("input"), list) else query
    return replace(run.task, body={**run.task.body, "input": given}, beside="", query_of=run.job.id)


def _ask(session: Session, run: Run) -> None:
    """Embed the query; the same text only once. Raises an APIError with a message, StoreError."""
    query = str(tab.value(_key(run)) or "").strip()
    if not query:
        set_toast(words.QUERY_EMPTY, "error")
        return
    studio = session.studio
    before = studio.kept.queries(run)
    if before and before[0].task.input_text == query and (before[0].at_work or before[0].step.state == "done"):
        return
    if studio.kept.server_of(run) != studio.connection.endpoint.digest:
        raise errors.BadInput(title=words.OF_ANOTHER_SERVER, hint="")
    studio.begin([_task(run, query)], studio.model(run.task.about, run.task.model))
    for one in before:
        studio.kept.forget(one)


def _answer(run: Run, query: Run, shelf: Shelf) -> None:
    """The result of a query."""
    if query.at_work or query.step.state == "waiting":
        st.caption(words.QUERY_AT_WORK)
    elif query.step.state != "done" or query.step.result.get("error"):
        text_results.failed(query)
    else:
        try:
            _ranking(run, query, shelf)
        except Uneven as uneven:
            st.error(plain(str(uneven)))


def _ranking(run: Run, query: Run, shelf: Shelf) -> None:
    """The ranking. Raises Uneven."""
    found, asked = text_results.vectors_of(run, shelf), text_results.vectors_of(query, shelf)
    texts = text_results.texts_of(run, len(found))
    title = " ".join(query.task.input_text[:_TITLE].split())
    st.markdown(words.RANKED.format(query=plain(title), cost=price.cost_text(query.step.usd)))
    rows = [
        {words.RANKED_TEXT: texts[place][:_CELL], words.RANKED_COSINE: cosine}
        for place, cosine in vectors.ranked(asked[0], found)
    ]
    numbers = {words.RANKED_COSINE: st.column_config.NumberColumn(format="%.3f")}
    key = f"studio.ranked.{run.job.id}"
    st.dataframe(rows, hide_index=True, alt=words.RANKED_ALT, key=key, column_config=numbers)
