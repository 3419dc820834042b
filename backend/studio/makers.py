"""Maps a family to the Work that does its runs: most are one request and polling."""

from __future__ import annotations

from collections.abc import Mapping

from backend.studio.assisting import Assisting
from backend.studio.batching import Batching
from backend.studio.documents import DocumentWork
from backend.studio.families import Family, Gives
from backend.studio.searching import Searching
from backend.studio.work import Making

_OTHERS: Mapping[Gives, type[Making]] = {
    "pages": DocumentWork,
    "findings": Searching,
    "thread": Assisting,
    "rows": Batching,
}


def maker(family: Family) -> type[Making]:
    """The Work class of a family."""
    return _OTHERS.get(family.gives, Making)
