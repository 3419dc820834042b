"""A server whose list of models comes late."""

from __future__ import annotations

import threading

from fake_api import FakeAPI, Pause, Reply, Request


class Slow(FakeAPI):
    """A server that takes its time to say which models it has; `listing` is what it says."""

    pause = 0.0
    listing: Reply | None = None
    held_until: threading.Event | None = None

    def _reply_to(self, request: Request) -> Reply:
        if request.method == "GET" and request.path.partition("?")[0].endswith("/models"):
            if self.held_until:
                self.held_until.wait(18)  # the app would give up after 20
            found = self.listing or super()._reply_to(request)
            return Reply([Pause(self.pause), *found.steps], found.status, found.headers, found.framing)
        return super()._reply_to(request)
