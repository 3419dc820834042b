"""A batch as a step of a job: started with the file of its requests, polled until its results are available, which
are
stored as a file too, with the table of outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from urllib.parse import quote

from backend import errors
from backend.jobs.job import Hands, StepOutcome
from backend.studio import batch_results
from backend.studio.batch_results import Outcome
from backend.studio.exchange import JSON_MOST, SOON, Told, bill, open_response, send_json
from backend.studio.file_sources import FileSource
from backend.studio.media_types import MediaType
from backend.studio.receiving import HERE
from backend.studio.replies import Reply
from backend.studio.shelf import KeptFile, NoRoom, Shelf
from backend.studio.task import FileGone, Handle, Task, stored_requests
from backend.studio.work import Making, file_json
from backend.transport import bills
from backend.transport.body_bytes import read_chunks, read_whole
from backend.transport.call import Call
from backend.transport.client import ChatClient
from backend.types import JSON
from backend.untrusted import Object, fields, integer, items, line, string, text

REQUESTS = "requests"
LINES = MediaType("application/jsonl", "jsonl")
COUNTS = ("processing", "succeeded", "errored", "canceled", "expired")
_OVER = {"canceled", "cancelled", "failed", "expired", "error"}
_CANCEL = "/v1/batches/cancel/{id}"
_UNFETCHED = (
    "The batch is {word}. {count:,} of its requests were answered, and the server does not give the results."
)
_PIECE = 65_536  # bytes
LONG = 600.0  # seconds to download all results


@dataclass(frozen=True)
class Batching(Making):
    """A backend.jobs.job.Work. A batch takes up to an hour, and occasionally longer."""

    pauses: tuple[float, ...] = (10.0, 20.0, 30.0, 60.0)
    patience: float = 3 * 3_600.0

    def _send_task(self, task: Task, hands: Hands, call: Call) -> Reply:
        answer = send_json(self.client, "POST", task.path, call, {REQUESTS: asked_for(self.shelf, task)})
        return self._status(answer)

    def _polled(self, task: Task, handle: Handle, hands: Hands, call: Call) -> Reply:
        come = self._results_or_status(task.way.poll_path(handle.id), call)
        if isinstance(come, KeptFile):
            return self._with_results(handle.id, "completed", come)
        reply = self._status(come)
        if reply.state == "failed" and reply.id:
            return self._in_part(task, reply, fields(come.json(self.client)), call)
        return reply

    def _results_or_status(self, path: str, call: Call) -> KeptFile | Told:
        """What is available: results, written line by line to the disk, or the status of the batch."""
        headers = {"Accept": "application/json, application/x-jsonlines"}
        with open_response(self.client, "GET", path, call, headers, seconds=LONG) as response:
            lines = batch_results.lines_of(read_chunks(response, call))
            first = next(lines, b"")
            if batch_results.is_results(first):
                return self._write_results(chain((first,), lines))
            whole = read_whole((one + b"\n" for one in chain((first,), lines)), JSON_MOST)
            return Told(whole.decode("utf-8", "replace"), bill(self.client, response))

    def _write_results(self, lines: Iterable[bytes]) -> KeptFile:
        """Write the results. Raises NoRoom, AnswerTooLarge."""
        with self.shelf.new() as file:
            for one in lines:
                clean = self.client.redactor.redact(one.decode("utf-8", "replace"))
                file.write(f"{clean}\n".encode("utf-8", "replace"))
            return file.keep(LINES)

    def _with_results(self, id_: str, word: str, file: KeptFile) -> Reply:
        return Reply("done", id_, word, files=(FileSource(url=f"{HERE}{file.id}"),))

    def _in_part(self, task: Task, reply: Reply, body: Object, call: Call) -> Reply:
        """The partial results of a batch that ended early: answered requests are charged, and their results are
        fetched from where the status says. Raises BadRequest if they are not there (yet).
        """
        parts = list[KeptFile]()
        for path in _partial(body, task.path, self.client.endpoint.origin):
            with suppress(errors.AddressNotFound, errors.ModelNotFound, errors.BadRequest):
                if isinstance(come := self._results_or_status(path, call), KeptFile):
                    parts.append(come)
        if len(parts) > 1:
            whole = self._write_results(one for part in parts for one in _lines(part))
            self.shelf.delete([part.id for part in parts])
            parts = [whole]
        if parts:
            return self._with_results(reply.id, reply.word, parts[0])
        answered = integer(_counts(body).get("succeeded")) or 0
        if answered:
            raise errors.BadRequest(title=_UNFETCHED.format(word=line(reply.word, 40), count=answered), hint="")
        return reply

    def _status(self, answer: Told) -> Reply:
        """The status of a batch: two formats while it runs; a cancelled one has a status of its own, beside
        "canceling".
        """
        body = fields(answer.json(self.client))
        word = text(body.get("status") or body.get("processing_status"), 100).strip().lower()
        cost = next(bills.in_reply(body, aimlapi=self.client.endpoint.is_aimlapi), None)
        usd = cost.usd if cost else answer.usd
        id_ = text(body.get("id"), 500)
        if word in _OVER or not (id_ or word):
            return Reply("failed", id_, word, error=_why(body, word), usd=usd)
        known = word in {"in_progress", "generating", "queued", "canceling", "ended", "completed", "validating"}
        return Reply("waiting", id_, word, known, usd=usd, so_far={"counts": _counts(body)})

    def _outcome(self, task: Task, reply: Reply, hands: Hands) -> StepOutcome:
        if reply.state == "failed":
            return super()._outcome(task, reply, hands)
        kept = self._keep_file(reply.files[0], hands)
        try:
            requests = asked_for(self.shelf, task)
        except FileGone:  # deleted meanwhile: the results name their requests
            requests = None
        outcomes = batch_results.results(_lines(kept), requests)
        counts: dict[str, JSON] = {}
        for one in outcomes:
            counts[one.state] = (integer(counts.get(one.state)) or 0) + 1
        result: dict[str, JSON] = {"generation": reply.id, "lines": file_json(kept), "counts": counts}
        try:
            result["rows"] = self._json([one.as_json() for one in outcomes])
        except NoRoom:
            self.shelf.delete([kept.id])  # it is fetched again
            raise
        return StepOutcome("done", result, reply.usd)


def _lines(file: KeptFile) -> Iterator[bytes]:
    with file.path.open("rb") as content:
        yield from batch_results.lines_of(iter(partial(content.read, _PIECE), b""))


def _partial(body: Object, path: str, origin: str) -> Iterator[str]:
    """Where the results of an unfinished batch are: an address of the same server, the only one that gets the
    key, or file ids.
    """
    link = string(body.get("results_url"))
    if link.startswith(f"{origin}/"):
        yield link.removeprefix(origin)
    for name in ("output_file_id", "error_file_id"):
        if id_ := text(body.get(name), 200):
            yield f"{path.removesuffix('batches')}files/{quote(id_, safe='')}/content"


def asked_for(shelf: Shelf, task: Task) -> list[JSON]:
    """The requests of a batch, from its file or its body. Raises FileGone."""
    given = task.files.get(REQUESTS)
    return items(stored_requests(shelf, given[0])) if given else items(task.body.get(REQUESTS))


def whole(shelf: Shelf, task: Task) -> Task:
    """The task with its requests in its body, wherever they are stored. Raises FileGone."""
    return replace(task, body={**task.body, REQUESTS: asked_for(shelf, task)}) if REQUESTS in task.files else task


def kept_rows(value: JSON) -> list[Outcome]:
    """The table of results, as it was stored."""
    return [batch_results.kept_outcome(fields(row)) for row in items(value)]


def cancel(client: ChatClient, handle: Handle, call: Call) -> None:
    """Ask the server to cancel a batch; what it has answered by then is still returned. Raises APIError."""
    send_json(client, "POST", _CANCEL.format(id=quote(handle.id, safe="")), call, seconds=SOON)


def _counts(body: Object) -> dict[str, JSON]:
    given: Mapping[str, JSON] = fields(body.get("request_counts"))
    return {name: count for name in COUNTS if (count := integer(given.get(name))) is not None}


def _why(body: Object, word: str) -> str:
    reason = fields(body.get("error")).get("message") or body.get("error") or body.get("message")
    return text(reason, 4_000) or (f"The server says: {word}." if word else "The server gave no batch.")
