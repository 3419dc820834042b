"""The figures of all cells as a heat map with a number in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from backend.answer import cost
from backend.compare.cell_statistics import Figures, Spread
from backend.compare.grid import Grid, value_label
from components.compare import words

if TYPE_CHECKING:
    import altair

_SHARES = ("similarity", "agreement", "in_schema", "refused", "cut")
_ROW, _EDGE = 36, 90  # pixels
_LETTERS = 24  # characters of a value on the edge
_SELECTION = "cell"


def number(figures: Figures, name: str) -> float | None:
    """A figure by its name; of a distribution the median."""
    value = getattr(figures, name)
    return value.p50 if isinstance(value, Spread) else value


def figure(name: str, value: float) -> str:
    """A figure as text."""
    if name in _SHARES:
        return f"{value:.0%}"
    if name == "cost":
        return cost.dollars(value)
    return f"{value:.2f} s" if name in ("first", "total") else f"{value:g}"


def heat_map(grid: Grid, cells: Sequence[Figures], name: str, key: str) -> int | None:
    """Draw it; returns the number of the clicked cell."""
    shown_rows = rows(grid, cells, name)
    event = st.altair_chart(
        _chart(grid, shown_rows, name),
        key=key,
        on_select="rerun",
        selection_mode=_SELECTION,
        alt=words.MAP_ALT.format(figure=words.MAP_FIGURES[name]),
        width="stretch",
    )
    chosen = event.selection.get(_SELECTION) if event and event.selection else None
    number_ = chosen[0].get(_SELECTION) if isinstance(chosen, list) and chosen else None
    return number_ if isinstance(number_, int) and 0 <= number_ < len(cells) else None


def rows(grid: Grid, cells: Sequence[Figures], name: str) -> list[dict[str, object]]:
    """A row for each cell: its position, its values, and its figure as a number and as text."""
    names = [one.name for one in grid.axes]
    found = []
    for place, (cell, figures) in enumerate(zip(grid.cells(), cells, strict=True)):
        values = [_edge(value_label(cell[one])) for one in names]
        value = number(figures, name)
        found.append(
            {
                _SELECTION: place,
                "down": values[0] if values else "",
                "across": values[1] if len(values) > 1 else "",
                "value": value,
                "text": "" if value is None else figure(name, value),
            }
        )
    return found


def _edge(value: str) -> str:
    return value if len(value) <= _LETTERS else f"{value[:_LETTERS]}…"


def _chart(grid: Grid, found: Sequence[Mapping[str, object]], name: str) -> altair.LayerChart:
    import altair as alt  # slow to import: only if there is something to draw

    dark = st.context.theme.type == "dark"
    low, high = ("#1f2a30", "#2dd4bf") if dark else ("#e6f4f1", "#0f766e")
    known = [float(str(row["value"])) for row in found if row["value"] is not None]
    domain = [0.0, 1.0] if name in _SHARES else [min(known, default=0.0), max(known, default=1.0)]
    middle = (domain[0] + domain[1]) / 2
    axes = [one.name for one in grid.axes]
    order = {side: list(dict.fromkeys(str(row[side]) for row in found)) for side in ("down", "across")}
    pick = alt.selection_point(name=_SELECTION, fields=[_SELECTION], on="click", toggle=False)
    base = alt.Chart(alt.InlineData(values=list(found))).encode(
        x=alt.X("across:N", sort=order["across"], title=axes[1] if len(axes) > 1 else None).axis(
            orient="top",
            labelAngle=0,
            labels=len(axes) > 1,
            ticks=False,
            domain=False,
            labelFlush=False,
            labelLimit=160,
        ),
        y=alt.Y("down:N", sort=order["down"], title=axes[0]).axis(
            ticks=False, domain=False, labelFlush=False, labelLimit=160
        ),
        tooltip=[alt.Tooltip("text:N", title=words.MAP_FIGURES[name])],
    )
    scale = alt.Scale(domain=domain, range=[low, high])
    marks = base.mark_rect(cornerRadius=3, stroke=high, cursor="pointer").encode(
        color=alt.Color("value:Q", scale=scale, legend=None),
        strokeWidth=alt.condition(pick, alt.value(3), alt.value(0), empty=False),
    )
    bright, deep = ("#0b1514", "#e8eeee") if dark else ("#ffffff", "#16302d")
    over = alt.condition(f"datum.value > {middle!r}", alt.value(bright), alt.value(deep))
    labels = base.mark_text(fontSize=13).encode(text="text:N", color=over)
    layers: altair.LayerChart = (marks.add_params(pick) + labels).properties(
        height=_EDGE + _ROW * len(order["down"]), padding={"right": 8}
    )
    return layers
