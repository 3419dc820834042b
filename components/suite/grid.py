"""The grid of a suite: rows down, lanes across, green and red, and below it the clicked cell.

Names and answers are untrusted text: the grid is a canvas, and everything else is drawn as code or escaped.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from typing import Any

import streamlit as st

from backend.answer import cost
from backend.compare.suite import report
from backend.compare.suite.results import Cell, Results, change
from backend.untrusted import line
from components.elements.markdown import plain
from components.session.exhibit import Exhibit
from components.suite import words

_GRID = "suite.grid"
_COLOURS = {  # readable in both themes, as the text colour is not set
    "passed": "background-color: rgba(34, 140, 80, .28)",
    "failed": "background-color: rgba(200, 50, 50, .32)",
    "error": "background-color: rgba(205, 130, 20, .32)",
    "waiting": "",
}
_HEIGHT = 460  # pixels at most
_LIVE = 200  # rows that are drawn each second while a run fills them
_ROW = 150  # pixels of a row's name, so that a lane is visible on a phone


def grid(
    found: Results, before: Results | None, cell: Callable[[int, int], tuple[Cell, Exhibit | None] | None]
) -> Exhibit | None:
    """Draw the results so far, and the clicked cell: `cell` loads it by its row and its lane. Returns the answer
    to be inspected.
    """
    st.markdown(f"**{plain(report.summary(found))}** {_changes_text(found, before)}")
    only_missed = st.toggle(words.ONLY_MISSED, key="suite.only_missed")
    places = [at for at, row in enumerate(found.rows) if not only_missed or not _all_passed(found, row[0])]
    rows = [found.rows[at] for at in places]
    if not rows:
        return None
    chosen = st.dataframe(
        _styled(found, before, rows),
        key=_GRID,
        hide_index=True,
        column_config={words.ROW: st.column_config.TextColumn(width=_ROW)},
        on_select="rerun",
        selection_mode="single-cell",
        width="stretch",
        height=_height(len(rows)),
    )
    cells = chosen["selection"]["cells"]
    columns = _columns(found)
    if cells and cells[0][1] in columns and cells[0][0] < len(rows):
        row, lane = places[cells[0][0]], columns.index(cells[0][1])
        if shown := cell(row, lane):
            _cell(shown[0], found.rows[row][1], found.lanes[lane])
            if shown[1] and st.button(words.INSPECT, key="suite.inspect", icon=":material/search_insights:"):
                return shown[1]
    else:
        st.caption(words.CHOOSE)
    return None


def live(found: Results, before: Results | None) -> None:
    """The read-only grid while it fills; for many rows only the summary."""
    st.markdown(plain(report.summary(found)))
    if len(found.rows) <= _LIVE:
        st.dataframe(
            _styled(found, before, list(found.rows)),
            hide_index=True,
            column_config={words.ROW: st.column_config.TextColumn(width=_ROW)},
            width="stretch",
            height=_height(len(found.rows)),
        )


def _height(rows: int) -> int:
    """Its pixels: a header and rows, as far as there is room."""
    return min(_HEIGHT, 38 + 35 * rows)


def _all_passed(found: Results, row: str) -> bool:
    return all(found.cell(row, lane).state == "passed" for lane in range(len(found.lanes)))


def _changes_text(found: Results, before: Results | None) -> str:
    if before is None:
        return ""
    changes = [change(before, cell, found) for cell in found.cells.values()]
    better, worse = changes.count("better"), changes.count("worse")
    return words.CHANGED.format(better=better, worse=worse) if better or worse else words.SAME


def _columns(found: Results) -> list[str]:
    """The headers of the lanes; a letter distinguishes them, whatever their names."""
    return [f"{chr(ord('A') + place)} · {line(name, 60)}" for place, name in enumerate(found.lanes)]


def _styled(found: Results, before: Results | None, rows: list[tuple[str, str]]) -> object:
    pandas = importlib.import_module("pandas")  # slow to import: only if there is something to show

    columns = _columns(found)
    frame = pandas.DataFrame(
        [
            [line(name, 80), *(_word(found.cell(key, lane), before, found) for lane in range(len(columns)))]
            for key, name in rows
        ],
        columns=[words.ROW, *columns],
    )

    def colours(shown: Any) -> Any:
        styles = [["", *(_COLOURS[found.cell(key, lane).state] for lane in range(len(columns)))] for key, _ in rows]
        return pandas.DataFrame(styles, index=shown.index, columns=shown.columns)

    return frame.style.apply(colours, axis=None)


def _word(cell: Cell, before: Results | None, found: Results) -> str:
    return words.STATES[cell.state] + words.CHANGES[change(before, cell, found)]


# ---- one cell ---------------------------------------------------------------------------------------------


def _cell(cell: Cell, row: str, lane: str) -> None:
    """Its checks, its answer, its request."""
    with st.container(key="suite.cell", border=True):
        st.markdown(f"**{plain(row)}** · {plain(lane)}")
        if cell.failure:
            st.error(plain(cell.failure), icon=":material/error:")
        for verdict in cell.verdicts:
            sign = ":green[:material/check:]" if verdict.passed else ":red[:material/close:]"
            why = f": {plain(verdict.why)}" if verdict.why else ""
            st.markdown(f"{sign} {plain(verdict.check)}{why}")
        figures = [words.SECONDS.format(seconds=f"{cell.seconds:.1f}")] if cell.seconds is not None else []
        figures += [cost.dollars(cell.cost) if cell.cost is not None else words.COST_UNKNOWN]
        if cell.verdicts:
            st.caption(" · ".join(figures).replace("$", "\\$"))
        if cell.answer:
            st.caption(words.ANSWER)
            st.code(cell.answer, language=None, wrap_lines=True)
        for name, given in cell.calls:
            st.caption(words.CALL.format(tool=plain(name)))
            st.code(given, language=None, wrap_lines=True)
        if cell.request:
            with st.expander(words.REQUEST, icon=":material/data_object:"):
                st.code(json.dumps(cell.request, ensure_ascii=False, indent=1), language=None, wrap_lines=True)
