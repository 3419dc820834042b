"""The current lists of servers: models and their speed, one object per server for all visitors.

AI/ML API publishes both without a key, so none is sent and all visitors share one list. Another server's list
may depend on the key: there each key has its own list, and the key stays inside its Endpoint, which never shows it.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from functools import lru_cache

from backend.catalog import server_list
from backend.catalog.listing import Listing
from backend.catalog.merging import merged, plausible
from backend.catalog.refreshing import PATIENCE, Refreshed
from backend.catalog.snapshot import snapshot
from backend.catalog.speed import Speeds, speeds
from backend.errors import NotAnAnswer
from backend.keys.endpoint import Endpoint
from backend.transport.deadlines import Deadlines
from backend.types import JSON, Failure

MODELS_EVERY = 600.0  # seconds between two refreshes of a list of models
SPEED_EVERY = 120.0  # seconds; the provider measures over 300 s
SPEED_STALE = 900.0  # seconds; older figures are not "right now"
SERVERS_LIMIT = 64  # servers in the cache; visitors may type any number of addresses
RICH = "models?include=pricing,capabilities,modalities"
WHOLE = "models?limit=1000"  # Anthropic's own API gives 20 at a time


class Catalogue:
    """The models of one server. Reading never waits: there is always a list, and `failure` says why it is not
    current.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        aimlapi: bool | None = None,
        every: float = MODELS_EVERY,
        deadlines: Deadlines = PATIENCE,
    ) -> None:
        own = endpoint.is_aimlapi if aimlapi is None else aimlapi
        self._page: Refreshed[Listing] = Refreshed(
            endpoint.without_key() if own else endpoint,
            RICH if own else WHOLE if endpoint.is_anthropic else "models",
            snapshot() if own else Listing(),
            _rich if own else _bare,
            every=every,
            deadlines=deadlines,
        )

    @property
    def listing(self) -> Listing:
        """The list at once; the same object as before if nothing is new."""
        return self._page.get()

    @property
    def failure(self) -> Failure | None:
        """Why the last refresh failed; None if it did not."""
        return self._page.failure

    @property
    def absent(self) -> bool:
        """Whether the server has no list of models."""
        return self._page.absent

    @property
    def updated(self) -> float | None:
        """When the server last confirmed the list, in seconds since 1970; None: never, this is the fallback."""
        return self._page.updated

    def refresh(self) -> None:
        """Refresh now, in the background."""
        self._page.refresh()

    def wait(self, seconds: float) -> bool:
        """Wait until the current refresh has ended, for scripts and tests. False if the time ran out."""
        return self._page.wait(seconds)


def _bare(body: JSON, _: Listing) -> Listing:
    return Listing(server_list.bare(body))


def _rich(body: JSON, former: Listing) -> Listing:
    live = server_list.rich(body)
    if not plausible(live, former):
        raise NotAnAnswer(
            title="The provider's list of models looks incomplete.",
            hint="The models known before are shown. It is asked again in a minute.",
        )
    return replace(merged(snapshot(), live), unit_prices=server_list.unit_prices_by_name(body))


class Metrics:
    """The current speed of one server's models. `speeds` is None until known, or if nothing is measured."""

    def __init__(self, endpoint: Endpoint, *, every: float = SPEED_EVERY, deadlines: Deadlines = PATIENCE) -> None:
        # The page is beside /v1, not under it, and needs no key.
        address = endpoint.base_url.partition("?")[0].rstrip("/").removesuffix("/v1")
        self._page: Refreshed[Speeds | None] = Refreshed(
            endpoint.without_key(address),
            "models/metrics",
            None,
            lambda body, _: speeds(body),
            every=every,
            deadlines=deadlines,
        )

    @property
    def speeds(self) -> Speeds | None:
        """The speeds at once."""
        latest, updated = self._page.get(), self._page.updated
        return latest if updated is not None and time.time() - updated < SPEED_STALE else None

    @property
    def failure(self) -> Failure | None:
        """Why the last refresh failed. A server without such a page is no failure."""
        return self._page.failure

    @property
    def updated(self) -> float | None:
        return self._page.updated

    def wait(self, seconds: float) -> bool:
        return self._page.wait(seconds)


# ---- one per server -------------------------------------------------------------------------------------

_lock = threading.Lock()  # otherwise two visitors could create two for one server


def catalogue(endpoint: Endpoint) -> Catalogue:
    """The catalogue that all visitors with this server and key share."""
    with _lock:
        if endpoint.is_aimlapi:
            return _catalogue(endpoint.without_key())
        return _catalogue(replace(endpoint, name=""))


def metrics(endpoint: Endpoint) -> Metrics:
    """The speeds that all visitors with this server share."""
    with _lock:
        return _metrics(endpoint.without_key())


@lru_cache(SERVERS_LIMIT)
def _catalogue(endpoint: Endpoint) -> Catalogue:
    return Catalogue(endpoint)


@lru_cache(SERVERS_LIMIT)
def _metrics(endpoint: Endpoint) -> Metrics:
    return Metrics(endpoint)
