"""Values that fit a JSON Schema, for Hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st


def anything(words: Sequence[str]) -> st.SearchStrategy[Any]:
    """Any JSON, with these among the names of its fields."""
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(words), inner, max_size=4),
        max_leaves=12,
    )


def value_of(schema: Any) -> st.SearchStrategy[Any]:
    """Values that mostly fit."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of(*map(value_of, schema["anyOf"]))
    low, high = schema.get("minimum", -(10**6)), schema.get("maximum", 10**6)
    return {
        "integer": st.integers(low, high),
        "number": st.floats(low, high, allow_nan=False),
        "string": st.text(max_size=20) | st.sampled_from(["now", "2026-02-13", "9999-12-31", "0001-01-01", "UTC"]),
        "boolean": st.booleans(),
        "null": st.none(),
    }[schema["type"]]
