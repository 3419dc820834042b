"""Price against speed as a chart: one point per model whose price and speed are both known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from components.elements import model_words
from components.elements.theme import accent
from components.models import words

if TYPE_CHECKING:
    import altair

_FEWEST = 3  # points; fewer are no picture
_LEAST = 0.01  # dollars per million tokens: the place of a free model on the axis, which has no zero
_NAMED = 12  # points with a name beside them; more cannot be read


def chart(rows: Sequence[Mapping[str, object]], chosen: str = "") -> None:
    """Draw it, where there is something to draw."""
    drawable = points(rows, chosen)
    if len(drawable) < _FEWEST:
        return
    st.header(words.CHART_TITLE, anchor=False)
    st.caption(words.CHART_ABOUT)
    st.altair_chart(_chart(drawable), alt=words.CHART_ALT)


def points(rows: Sequence[Mapping[str, object]], chosen: str = "") -> list[dict[str, object]]:
    """The rows that can be drawn, with their labels."""
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "developer": row["developer"],
            "price": max(_LEAST, price),
            "speed": speed,
            "costs": words.COSTS.format(price=model_words.dollars(price)),
            "answers": _answers(row),
            "chosen": row["id"] == chosen,
        }
        for row in rows
        if isinstance(price := row["price_out"], float | int)
        and isinstance(speed := row["tokens_per_second_p50"], float | int)
    ]


def _answers(row: Mapping[str, object]) -> str:
    first = row["first_token_p50"]
    answers = words.ANSWERS_WITH_FIRST_TOKEN if isinstance(first, float) else words.ANSWERS
    return answers.format(rate=row["tokens_per_second_p50"], first=first)


def _chart(drawable: Sequence[Mapping[str, object]]) -> altair.LayerChart:
    import altair as alt  # slow to import: only if there is something to draw

    logarithmic = alt.Scale(type="log", nice=False, padding=24)
    base = alt.Chart(alt.InlineData(values=list(drawable))).encode(
        x=alt.X("price:Q", scale=logarithmic, title=words.PRICE_AXIS).axis(format="$~g", tickCount=6),
        y=alt.Y("speed:Q", scale=logarithmic, title=words.SPEED_AXIS).axis(format="~g", tickCount=5),
    )
    emphasis = alt.condition("datum.chosen", alt.value(1.0), alt.value(0.5))
    circles = base.mark_circle(color=accent()).encode(
        size=alt.condition("datum.chosen", alt.value(280), alt.value(90)),
        opacity=emphasis,
        tooltip=[alt.Tooltip(f"{field}:N", title=title) for field, title in words.TOOLTIP.items()],
    )
    names = base.mark_text(align="left", dx=10, limit=180, color=accent()).encode(text="name:N", opacity=emphasis)
    if len(drawable) > _NAMED:
        names = names.transform_filter("datum.chosen")
    layers: altair.LayerChart = (circles + names).properties(height=380)
    return layers
