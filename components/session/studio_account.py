"""Assistants and threads that a server keeps for the account in use. A guest uses the account of the app's owner:
only what the guest's own runs have made there is the guest's.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

from backend import errors
from backend.studio import account
from backend.studio.account import Kind, Listed
from backend.studio.task import read_handle
from backend.transport.client import ChatClient
from backend.untrusted import Object, fields, string
from components.session import words
from components.session.connection import Connection
from components.session.connections import Connections
from components.session.studio_runs import KeptRuns

_RUNS = 100  # that are looked at
_NAME = 80  # characters of a message that names a thread


class Whole(Protocol):
    """The session of the tab."""

    @property
    def connections(self) -> Connections: ...


class StudioAccount:
    """Of the connection in use, for one tab."""

    def __init__(self, session: Whole, kept: KeptRuns) -> None:
        self._session = session
        self._kept = kept
        self._deleted: set[str] = set()

    @property
    def connection(self) -> Connection:
        return self._session.connections.current

    @property
    def _client(self) -> ChatClient:
        return self._session.connections.client(self.connection.endpoint)

    def assistants(self) -> list[Listed]:
        """The newest first. Raises APIError."""
        found = self._made("assistants") if self.connection.guest else account.assistants(self._client)
        return [one for one in found if one.id not in self._deleted]

    def threads(self) -> list[Listed]:
        """Those that runs on this page have used, the newest first. No server lists them."""
        return [one for one in self._made("threads") if one.id not in self._deleted]

    def messages(self, thread: str) -> list[Object]:
        """The oldest first. Raises APIError."""
        self._require_own("threads", thread)
        return [*account.messages(self._client, thread)]

    def delete(self, kind: Kind, id_: str) -> None:
        """Delete one at the server, for good. One that is gone there is gone here too. Raises APIError."""
        self._require_own(kind, id_)
        with suppress(errors.AddressNotFound, errors.ModelNotFound):
            account.delete(self._client, kind, id_)
        self._deleted.add(id_)

    def _require_own(self, kind: Kind, id_: str) -> None:
        """Raises BadInput."""
        if self.connection.guest and id_ not in {one.id for one in self._made(kind)}:
            raise errors.BadInput(title=words.NOT_YOURS, hint="")

    def _made(self, kind: Kind) -> list[Listed]:
        """What runs at this server have used. Of a guest's what they have made: no id that was typed, or that came
        with a file, for a run that was imported has no handle."""
        found: dict[str, Listed] = {}
        digest = self.connection.endpoint.digest
        for run in self._kept.all("assistants")[:_RUNS]:
            name, handle = kind.removesuffix("s"), read_handle(run.step.handle)
            made = fields(handle.so_far.get("made") if handle else run.step.result.get("made"))
            id_, typed = string(made.get(name)), string(run.task.body.get(f"{name}_id"))
            theirs = bool(typed) or handle is None
            if not id_ or (theirs and self.connection.guest) or self._kept.server_of(run) != digest:
                continue
            if kind == "assistants":
                about = " ".join(string(run.task.body.get("instructions")).split())[:_NAME]
                found.setdefault(id_, Listed(id_, string(run.task.body.get("name")), about, run.task.model))
            else:  # named by the first message that is known of it
                title = " ".join(run.task.written.split())[:_NAME]
                found[id_] = Listed(id_, title, "", string(made.get("assistant")))
        return list(found.values())
