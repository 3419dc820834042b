"""Data in an OpenAI account for Assistants (version 2): assistants, and threads by their ids. The API cannot list
threads: the stored runs know theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from backend.studio import threads
from backend.studio.assistant_steps import BETA
from backend.studio.exchange import SOON, send_json
from backend.studio.families import FAMILIES
from backend.transport.call import Call
from backend.transport.client import ChatClient
from backend.untrusted import Object, fields, line, objects, text

Kind = Literal["assistants", "threads"]
MOST = 100  # assistants in one reply (OpenAI's reference)
_LETTERS = 400  # of instructions


@dataclass(frozen=True)
class Listed:
    """An assistant or a thread. `about`: its instructions or its first message, shortened; `beside`: the model
    of an assistant, the assistant of a thread.
    """

    id: str
    name: str
    about: str = ""
    beside: str = ""


def assistants(client: ChatClient) -> list[Listed]:
    """The assistants of the account, the newest first. Raises APIError, Stopped."""
    body = _request(client, "GET", f"{_root(client)}assistants?limit={MOST}&order=desc")
    found = [
        Listed(
            text(row.get("id"), 200),
            line(row.get("name"), 100),
            line(row.get("instructions"), _LETTERS),
            line(row.get("model"), 100),
        )
        for row in objects(body.get("data"), MOST)
    ]
    return [one for one in found if one.id]


def messages(client: ChatClient, thread: str) -> Sequence[Object]:
    """The messages of a thread, the oldest first: role, text. Raises APIError, Stopped."""
    body = _request(client, "GET", f"{_root(client)}threads/{quote(thread, safe='')}/messages")
    return [fields(one) for one in threads.messages(body)]


def delete(client: ChatClient, kind: Kind, id_: str) -> None:
    """Delete one from the account, for good. Raises APIError, Stopped."""
    _request(client, "DELETE", f"{_root(client)}{kind}/{quote(id_, safe='')}")


def _root(client: ChatClient) -> str:
    way = FAMILIES["assistants"].way(client.endpoint)
    return way.path.removesuffix("assistants") if way else ""


def _request(client: ChatClient, method: str, path: str) -> Object:
    with Call() as call:
        return fields(send_json(client, method, path, call, None, BETA, SOON).json(client))
