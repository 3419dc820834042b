"""The requests from a message to an assistant's answer, in order, with placeholders for the ids that each one
returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from backend.studio.task import Task
from backend.types import JSON
from backend.untrusted import string

BETA = {"OpenAI-Beta": "assistants=v2"}
_ASSISTANT = ("name", "instructions", "tools", "temperature", "top_p", "response_format")


@dataclass(frozen=True)
class AssistantStep:
    """One request. `path` and the values of `body` may contain earlier ids as placeholders in braces; `gives`:
    the name of the id that it returns; `poll`: it is repeated until the run has ended.
    """

    method: Literal["GET", "POST"]
    path: str
    body: Mapping[str, JSON] | None = None
    gives: str = ""
    poll: bool = False

    def display_json(self) -> dict[str, JSON]:
        """The request as text for people."""
        body: dict[str, JSON] = {} if self.body is None else {"body": dict(self.body)}
        return {"method": self.method, "path": self.path, **body}


def plan(task: Task) -> list[AssistantStep]:
    """The requests of a task, in order. An existing assistant or thread is not created."""
    root, given = task.path.removesuffix("assistants"), task.body
    about: dict[str, JSON] = {name: given[name] for name in _ASSISTANT if given.get(name) not in (None, "")}
    assistant, thread = string(given.get("assistant_id")), string(given.get("thread_id"))
    at = f"{root}threads/{quote(thread, safe='') if thread else '{thread}'}"
    # An existing assistant is not changed: these settings apply to this run only.
    of_run = {name: value for name, value in about.items() if name != "name"} if assistant else {}
    if given.get("stream") is not False:
        of_run["stream"] = True
    steps = (
        []
        if assistant
        else [AssistantStep("POST", f"{root}assistants", {"model": task.model, **about}, "assistant")]
    )
    steps += [] if thread else [AssistantStep("POST", f"{root}threads", {}, "thread")]
    return [
        *steps,
        AssistantStep("POST", f"{at}/messages", {"role": "user", "content": given.get("message")}, "message"),
        AssistantStep("POST", f"{at}/runs", {"assistant_id": assistant or "{assistant}", **of_run}, "run"),
        AssistantStep("GET", f"{at}/runs/{{run}}", poll=True),
        AssistantStep("GET", f"{at}/messages"),
    ]


def put_in(pattern: str, known: Mapping[str, JSON], *, quoted: bool) -> str:
    """A path or a value of a body with the known ids filled in."""
    for name, id_ in known.items():
        pattern = pattern.replace(f"{{{name}}}", quote(str(id_), safe="") if quoted else str(id_))
    return pattern


def with_assistant_id(body: Mapping[str, JSON], known: Mapping[str, JSON]) -> dict[str, JSON]:
    """A body with the id of the assistant that was created before."""
    id_ = body.get("assistant_id")
    return {**body, "assistant_id": put_in(id_, known, quoted=False)} if isinstance(id_, str) else dict(body)
