"""A batch as a step of a job: begun with the file of its requests, asked for until its results come, which are kept
as a file too, with the table of what came of each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from backend.jobs.job import Hands, StepOutcome
from backend.studio import batches
from backend.studio.exchange import SOON, Told, told
from backend.studio.media_types import MediaType
from backend.studio.replies import Reply
from backend.studio.task import FileGone, Handle, Task, wanted
from backend.studio.work import Making, described
from backend.transport import bills
from backend.transport.call import Call
from backend.transport.client import ChatClient
from backend.types import JSON
from backend.untrusted import Object, fields, integer, items, string, text

REQUESTS = "requests"
LINES = MediaType("application/jsonl", "jsonl")
COUNTS = ("processing", "succeeded", "errored", "canceled", "expired")
_OVER = {"canceled", "cancelled", "failed", "expired", "error"}
_CANCEL = "/v1/batches/cancel/{id}"


@dataclass(frozen=True)
class Batching(Making):
    """A backend.jobs.job.Work. A batch takes up to an hour, and longer now and then."""

    pauses: tuple[float, ...] = (10.0, 20.0, 30.0, 60.0)
    patience: float = 3 * 3_600.0

    def _asked(self, task: Task, hands: Hands, call: Call) -> Reply:
        answer = told(self.client, "POST", task.path, call, {REQUESTS: asked_for(self, task)})
        return self._status(answer)

    def _polled(self, task: Task, handle: Handle, hands: Hands, call: Call) -> Reply:
        answer = told(self.client, "GET", task.way.poll_path(handle.id), call)
        if batches.is_results(answer.text):
            return Reply("done", handle.id, "completed", result=self.client.redactor.redact(answer.text))
        return self._status(answer)

    def _status(self, answer: Told) -> Reply:
        """Two shapes while it runs; what is cancelled says so in a word of its own, beside "canceling"."""
        body = fields(answer.json(self.client))
        word = text(body.get("status") or body.get("processing_status"), 100).strip().lower()
        cost = next(bills.in_reply(body, aimlapi=self.client.endpoint.is_aimlapi), None)
        usd = cost.usd if cost else answer.usd
        id_ = text(body.get("id"), 500)
        if word in _OVER or not (id_ or word):
            return Reply("failed", id_, word, error=_why(body, word), usd=usd)
        known = word in {"in_progress", "generating", "queued", "canceling", "ended", "completed", "validating"}
        return Reply("waiting", id_, word, known, usd=usd, so_far={"counts": _counts(body)})

    def _ended(self, task: Task, reply: Reply, hands: Hands) -> StepOutcome:
        if reply.state == "failed":
            return super()._ended(task, reply, hands)
        lines = string(reply.result)
        try:
            requests = asked_for(self, task)
        except FileGone:  # deleted meanwhile: the results say whose they are
            requests = None
        outcomes = batches.results(lines, requests)
        with self.shelf.new() as file:
            file.write(lines.encode("utf-8", "replace"))
            kept = file.keep(LINES)
        counts: dict[str, JSON] = {}
        for one in outcomes:
            counts[one.state] = (integer(counts.get(one.state)) or 0) + 1
        result: dict[str, JSON] = {
            "generation": reply.id,
            "lines": described(kept),
            "rows": self._json([one.kept() for one in outcomes]),
            "counts": counts,
        }
        return StepOutcome("done", result, reply.usd)


def asked_for(work: Making, task: Task) -> list[JSON]:
    """The requests of a batch, out of its file or its body. Raises FileGone."""
    given = task.files.get(REQUESTS)
    return items(wanted(work.shelf, given[0])) if given else items(task.body.get(REQUESTS))


def kept_rows(value: JSON) -> list[batches.Outcome]:
    """The table of results, as it was kept."""
    found = []
    for row in map(fields, items(value)):
        words = [text(row.get(name)) for name in ("id", "asked", "state", "answer", "error")]
        tokens = [integer(row.get(name)) for name in ("tokens_in", "tokens_out")]
        found.append(batches.Outcome(words[0], words[1], words[2], words[3], words[4], tokens[0], tokens[1]))
    return found


def cancel(client: ChatClient, handle: Handle, call: Call) -> None:
    """Ask the server to end a batch; what it has answered by then comes all the same. Raises APIError."""
    told(client, "POST", _CANCEL.format(id=quote(handle.id, safe="")), call, seconds=SOON)


def _counts(body: Object) -> dict[str, JSON]:
    given: Mapping[str, JSON] = fields(body.get("request_counts"))
    return {name: count for name in COUNTS if (count := integer(given.get(name))) is not None}


def _why(body: Object, word: str) -> str:
    said = fields(body.get("error")).get("message") or body.get("error") or body.get("message")
    return text(said, 4_000) or (f"The server says: {word}." if word else "The server gave no batch.")
