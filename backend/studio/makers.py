"""Which work does the runs of a family: most are one request and a wait."""

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
    """The class of its work."""
    return _OTHERS.get(family.gives, Making)
