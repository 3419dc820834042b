"""The model filter of the picker and of the Models page: what a model must be able to do."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from backend.catalog import Filters, ModelInfo
from backend.untrusted import number
from components.models import words
from components.session import tab

ANY = "any"
_PRICES: tuple[float | str, ...] = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0, ANY)


def chosen_filters(place: str) -> Filters:
    """The filter that is set in this place, even before it is drawn."""
    needed = {name: True for name in tab.value_as(list, _needs_key(place)) or () if name in words.ABILITIES}
    return Filters(**needed, max_price=number(tab.value(_price_key(place))))


def useful(models: Sequence[ModelInfo]) -> bool:
    """Whether anything that can be filtered by is known about these models."""
    return any(model.capabilities is not None or model.inputs or _priced(model) for model in models)


def popover(place: str, models: Sequence[ModelInfo], left: int) -> None:
    """The filter behind a button that shows how many models match."""
    narrowed = chosen_filters(place) != Filters()
    count = words.FILTERED.format(left=left, total=len(models))
    label = count if narrowed else words.FILTER
    icon = ":material/filter_alt:" if narrowed else ":material/tune:"
    with st.popover(label, icon=icon, type="tertiary", key=f"{place}.filter"):
        st.pills(
            words.ABILITIES_NEEDED,
            list(words.ABILITIES),
            selection_mode="multi",
            format_func=words.ABILITIES.__getitem__,
            key=_needs_key(place),
            persist_state="session",
        )
        _price(place, priced=any(map(_priced, models)))
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(count, width="content")
            st.button(
                words.CLEAR_FILTER,
                key=f"{place}.clear",
                on_click=clear,
                args=(place,),
                type="tertiary",
                disabled=not narrowed,
                width="content",
            )


def clear(place: str) -> None:
    """Clear the filter."""
    tab.put(_needs_key(place), [])
    tab.put(_price_key(place), ANY)


def _price(place: str, *, priced: bool) -> None:
    st.select_slider(
        words.HIGHEST_PRICE,
        _PRICES,
        value=ANY,
        format_func=lambda price: words.ANY_PRICE if price == ANY else f"${price:g}",
        key=_price_key(place),
        persist_state="session",
        disabled=not priced,
        help=words.HIGHEST_PRICE_HELP if priced else words.HIGHEST_PRICE_UNKNOWN,
    )


def _priced(model: ModelInfo) -> bool:
    return model.price_in is not None or model.price_out is not None


def _needs_key(place: str) -> str:
    """The key of the control for abilities."""
    return f"{place}.needs"


def _price_key(place: str) -> str:
    """The key of the control for the price."""
    return f"{place}.price"
