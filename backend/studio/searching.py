"""A search: a question to a chat model that searches the web, and the findings beside its answer.

Bagoodex returns links, pictures and the rest by the id of its answer, one kind per request; other models cite.
Pictures
are downloaded like the file of any result: the browser contacts none of the found pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from backend import errors
from backend.errors import APIError
from backend.jobs.job import Hands, StepOutcome
from backend.studio import fetching, findings
from backend.studio.exchange import send_json
from backend.studio.replies import Reply
from backend.studio.shelf import MB
from backend.studio.task import Handle, Task
from backend.studio.work import Making, file_json
from backend.transport.call import Call, Stopped
from backend.types import JSON
from backend.untrusted import fields, items, string

_FOLLOWED = "bagoodex/"  # models with follow-ups by the id of the answer
_PATH = "/v1/bagoodex/{kind}?followup_id={id}"
_TRIES = 3  # attempts of a follow-up while the server is busy
_LARGEST = 5 * MB  # bytes of one picture
_SECONDS = 20.0  # seconds for one picture
_BUSY = (errors.RateLimited, errors.ServerTrouble, errors.ConnectionFailed, errors.TimedOut)


@dataclass(frozen=True)
class Searching(Making):
    """A backend.jobs.job.Work for a search."""

    pauses: tuple[float, ...] = (0.0, 5.0, 10.0)

    def _send_task(self, task: Task, hands: Hands, call: Call) -> Reply:
        reply = super()._send_task(task, hands, call)
        if reply.state != "done" or not reply.id or not task.model.startswith(_FOLLOWED):
            return reply
        return replace(reply, state="waiting", so_far=fields(reply.result))

    def _polled(self, task: Task, handle: Handle, hands: Hands, call: Call) -> Reply:
        """All follow-ups of an answer. A refused kind is reported; busy servers are asked again."""
        found, missing = dict(handle.so_far), list[JSON]()
        for kind in findings.KINDS:
            path = _PATH.format(kind=kind, id=quote(handle.id, safe=""))
            try:
                body = send_json(self.client, "GET", path, call).json(self.client)
            except APIError as error:
                if isinstance(error, _BUSY) and handle.polls < _TRIES:
                    raise
                missing.append(kind)
                continue
            found = findings.with_follow_up(found, kind, body)
        return Reply("done", handle.id, "completed", result={**found, **({"missing": missing} if missing else {})})

    def _outcome(self, task: Task, reply: Reply, hands: Hands) -> StepOutcome:
        if reply.state == "done":
            found = dict(fields(reply.result))
            place = fields(found.get("map"))
            wanted = [*items(found.get("images"), findings.PICTURES)]
            if url := string(place.get("image")):
                wanted.append({"url": url, "page": place.get("url"), "title": ""})
            shown = [self._picture(fields(one), hands) for one in wanted]
            outcome = super()._outcome(task, reply, hands)
            return replace(outcome, result={**outcome.result, "files": [one for one in shown if one]})
        return super()._outcome(task, reply, hands)

    def _picture(self, image: Mapping[str, JSON], hands: Hands) -> dict[str, JSON] | None:
        """One stored picture; None if it is unavailable: its link is among the findings."""
        try:
            with Call() as call:
                hands.when_stopped(call.stop)
                near = self.client.endpoint if self.client.endpoint.is_near else None
                url = string(image.get("url"))
                file = fetching.fetch(url, self.shelf, call, near, self.adapter, _LARGEST, _SECONDS)
        except (APIError, Stopped):
            return None
        if file.type.show != "image":
            self.shelf.delete([file.id])
            return None
        return {**file_json(file), "title": image.get("title"), "page": image.get("page")}
