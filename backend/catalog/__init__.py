"""The models: which exist, what each accepts and costs, and how fast it is.

`bundled()` is available at once; `catalogue(endpoint)` adds the server's own list, in the background.
Any other id may be typed: the server decides what exists.
"""

from backend.catalog.listing import Listing
from backend.catalog.live import Catalogue, Metrics, catalogue, metrics
from backend.catalog.model import ModelInfo
from backend.catalog.search import Filters, search
from backend.catalog.server_list import ID_LIMIT, LIST_LIMIT
from backend.catalog.snapshot import able, bundled, find, snapshot, successor
from backend.catalog.speed import Speed, Speeds

__all__ = [
    "ID_LIMIT",
    "LIST_LIMIT",
    "Catalogue",
    "Filters",
    "Listing",
    "Metrics",
    "ModelInfo",
    "Speed",
    "Speeds",
    "able",
    "bundled",
    "catalogue",
    "find",
    "metrics",
    "search",
    "snapshot",
    "successor",
]
