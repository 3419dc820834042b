"""The results of a batch: a row for each request, failed ones first; as CSV, and as the server sent them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from backend.studio import batch_results
from backend.studio import task as tasks
from backend.studio.batch_results import Outcome
from backend.studio.batching import COUNTS, kept_rows
from backend.studio.shelf import MB, KeptFile, Shelf
from backend.untrusted import fields, integer, string
from components.session.studio_runs import Run
from components.studio import media, words
from components.studio.downloads import download, kept_json

_SHOWN = 200  # rows
_LETTERS = 2_000  # of a cell
_SMALL = 20 * MB  # bytes of a file that goes through Streamlit's memory
_UNDONE = ("canceled", "expired", "missing")  # states of unprocessed requests


def draw(run: Run, shelf: Shelf) -> None:
    """The table and its files."""
    outcomes = _outcomes(run, shelf)
    if not outcomes:
        st.caption(words.GONE)
        return
    good = sum(one.state == "succeeded" for one in outcomes)
    st.caption(words.ROWS_COUNT.format(good=good, count=len(outcomes)))
    if missing := _not_answered(outcomes):
        st.warning(words.ROWS_PARTIAL.format(counts=missing), icon=":material/rule:")
    if cut := sum(one.cut for one in outcomes):
        st.caption(words.ROWS_CUT.format(count=cut))
    ordered = sorted(outcomes, key=lambda one: one.state == "succeeded")
    rows = [
        {
            words.ROW_ID: one.id,
            words.ROW_STATE: words.ROW_STATES.get(one.state, one.state),
            words.ROW_ASKED: one.asked[:_LETTERS],
            words.ROW_ANSWER: (one.answer or one.error)[:_LETTERS],
        }
        for one in ordered[:_SHOWN]
    ]
    with st.container(key=f"studio.rows.{run.job.id}"):
        st.dataframe(rows, hide_index=True, alt=words.ROW_ANSWER)
    if len(outcomes) > _SHOWN:
        st.caption(words.ROWS_MORE.format(count=len(outcomes) - _SHOWN))
    name = f"batch-{run.job.id[:8]}"
    with st.container(horizontal=True, gap="small"):
        download(words.ROWS_CSV, lambda: batch_results.table(outcomes).encode(), f"{name}.csv", "text/csv", run)
        lines = _file(run, "lines", shelf)
        if lines and lines.bytes <= _SMALL:
            download(words.ROWS_JSONL, lines.path.read_bytes, f"{name}.jsonl", "application/jsonl", run)
    if lines and lines.bytes > _SMALL:
        media.draw([{"id": lines.id}], shelf, name, f"studio.lines.{run.job.id}")


def _not_answered(outcomes: Sequence[Outcome]) -> str:
    """A note about the unanswered requests of a batch that ended early, "" for none."""
    counts = Counter(one.state for one in outcomes if one.state in _UNDONE)
    return ", ".join(f"{counts[name]:,} {words.ROW_STATES[name]}" for name in _UNDONE if counts[name])


def as_csv(run: Run, shelf: Shelf) -> str:
    """The results as CSV, to be attached to a question; "" if they are gone."""
    outcomes = _outcomes(run, shelf)
    return batch_results.table(outcomes) if outcomes else ""


def _outcomes(run: Run, shelf: Shelf) -> list[Outcome]:
    return kept_rows(kept_json(run, "rows", shelf))


def progress(run: Run) -> str:
    """The progress of a batch by the server's counts; "" if it sends none."""
    handle = tasks.read_handle(run.step.handle)
    counts = fields(handle.so_far.get("counts")) if handle else {}
    parts = [f"{count} {words.ROW_STATES[name]}" for name in COUNTS if (count := integer(counts.get(name)))]
    return ", ".join(parts)


def _file(run: Run, name: str, shelf: Shelf) -> KeptFile | None:
    return shelf.find(string(fields(run.step.result.get(name)).get("id")))
