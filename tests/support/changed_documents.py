"""Documents with one thing changed, to see what a reader says of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Change = Callable[[Any], Any]


def put(*path: Any, value: Any) -> Change:
    """The document with another value at a place."""

    def changed(item: Any) -> Any:
        at = item
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        return item

    return changed
