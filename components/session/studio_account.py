"""Assistants and threads that a server stores for the account in use. A guest uses the account of the app's owner:
only what the guest's own runs have created there is visible to the guest.
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

_RUNS = 100  # runs that are searched
_NAME = 80  # characters of the message used as the name of a thread


class Whole(Protocol):
    """The session of the tab."""

    @property
    def connections(self) -> Connections: ...


class StudioAccount:
    """The account of the connection in use, for one tab."""

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
        """The assistants, the newest first. Raises APIError."""
        found = self._used_ids("assistants") if self.connection.guest else account.assistants(self._client)
        return [one for one in found if one.id not in self._deleted]

    def threads(self) -> list[Listed]:
        """The threads that stored runs have used, the newest first. No server lists them."""
        return [one for one in self._used_ids("threads") if one.id not in self._deleted]

    def messages(self, thread: str) -> list[Object]:
        """The messages of a thread, the oldest first. Raises APIError."""
        self._require_own("threads", thread)
        return [*account.messages(self._client, thread)]

    def delete(self, kind: Kind, id_: str) -> None:
        """Delete one at the server, for good. One that is already gone there is removed here too. Raises
        APIError.
        """
        self._require_own(kind, id_)
        with suppress(errors.AddressNotFound, errors.ModelNotFound):
            account.delete(self._client, kind, id_)
        self._deleted.add(id_)

    def _require_own(self, kind: Kind, id_: str) -> None:
        """Raises BadInput unless it belongs to this visitor."""
        if self.connection.guest and id_ not in {one.id for one in self._used_ids(kind)}:
            raise errors.BadInput(title=words.NOT_YOURS, hint="")

    def _used_ids(self, kind: Kind) -> list[Listed]:
        """The ids that runs at this server have used. For a guest only those that they have created: no typed
        id, and none from an imported run, which has no handle.
        """
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
            else:  # named by its first known message
                title = " ".join(run.task.input_text.split())[:_NAME]
                found[id_] = Listed(id_, title, "", string(made.get("assistant")))
        return list(found.values())
