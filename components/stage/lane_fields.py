"""The fields of the lanes of a race in a script, and the temperature of any question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from backend.catalog import ID_LIMIT
from backend.compare.lane_settings import Overrides
from backend.compare.race import FEWEST, MOST
from backend.demos import script_file
from backend.types import JSON
from backend.untrusted import line, text
from components.compare.lanes import letter
from components.stage import words


def lanes(given: Sequence[Overrides], key: str) -> tuple[Overrides, ...]:
    """Draw them; returns the lanes."""
    count = int(st.number_input(words.LANES, FEWEST, MOST, len(given), key=f"{key}.lanes"))
    wanted = [*given, *[Overrides()] * count][:count]
    return tuple(_lane(lane, place, f"{key}.lane.{place}") for place, lane in enumerate(wanted))


def _lane(lane: Overrides, place: int, key: str) -> Overrides:
    """One lane: the label includes its number."""
    named = letter(place)
    with st.container(border=True, gap="small"):
        st.markdown(words.LANE_TITLE.format(letter=named))
        model = st.text_input(
            words.LANE_MODEL.format(letter=named),
            lane.model or "",
            key=f"{key}.model",
            placeholder=words.AS_ALL,
            max_chars=ID_LIMIT,
        )
        parameters = with_heat(lane.parameters, words.LANE_TEMPERATURE.format(letter=named), f"{key}.heat")
        system_prompt = st.text_area(
            words.LANE_PROMPT.format(letter=named),
            lane.system_prompt or "",
            key=f"{key}.told",
            placeholder=words.AS_ALL,
            max_chars=script_file.SYSTEM_PROMPT,
        )
    prompt = text(system_prompt, script_file.SYSTEM_PROMPT)
    return replace(
        lane, model=line(model, ID_LIMIT) or None, parameters=parameters, system_prompt=prompt if prompt else None
    )


def with_heat(parameters: Mapping[str, JSON], label: str, key: str) -> dict[str, JSON]:
    """The field for a temperature; returns the parameters with it."""
    known = parameters.get("temperature")
    heat = st.number_input(
        label,
        0.0,
        2.0,
        value=float(known) if isinstance(known, int | float) else None,
        step=0.1,
        key=key,
        placeholder=words.NOT_SET,
    )
    others = {name: value for name, value in parameters.items() if name != "temperature"}
    return others if heat is None else {"temperature": heat, **others}
