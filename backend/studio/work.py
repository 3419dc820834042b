"""One run as a step of a job: requested, polled by its id, its files downloaded and stored.

The server's id is stored before the first poll: so a run is found again after a
crash, and is never begun, and paid, twice. Between two polls only a timer runs: the endpoint is free.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NoReturn

from backend import errors
from backend.errors import APIError
from backend.jobs.job import AT_ONCE, Again, Halt, Hands, Later, StepOutcome
from backend.studio import fetching, media_types, transcripts, vectors
from backend.studio import task as tasks
from backend.studio.budget import RunBudget
from backend.studio.exchange import open_response
from backend.studio.families import Family
from backend.studio.fetching import Adapter, in_words
from backend.studio.file_sources import FileSource
from backend.studio.receiving import HERE, read_reply
from backend.studio.replies import Reply
from backend.studio.shelf import KeptFile, NoRoom, Shelf
from backend.studio.task import FileGone, Handle, Task
from backend.transport.call import Call, Stopped
from backend.transport.client import ChatClient
from backend.types import JSON
from backend.untrusted import items

PATIENCE = 1_800.0  # seconds after which a job is not polled automatically any more
PAUSES = (5.0, 10.0, 15.0)  # seconds between two polls; the last one repeats
_GONE = "The server does not have this result any more: it keeps results for a limited time."
_NO_ENDPOINT = "This server has nothing at {path}: it does not offer this, or not at this address."
_IN_DOUBT = "The server took the request, so it may be charged: look there before you run it again."
_TRIES = 3  # attempts to download a file
_WHY = 500  # characters of a server's own message
REFUSALS = 3  # refused polls in a row after which a person has to ask
_BY_HAND = "It may be charged: look again later, or forget it."
_SURE = (errors.BadRequest, errors.TooLarge, errors.ContentFiltered, errors.BadInput, errors.ModelNotFound,
         errors.AddressNotFound, errors.KeyMissing, errors.KeyRefused, errors.OutOfCredit, errors.Forbidden,
         errors.LimitUsedUp, errors.Redirected, errors.WrongScheme, errors.CertificateRefused)  # fmt: skip
_PASSES = (errors.RateLimited, errors.ServerTrouble, errors.ConnectionFailed, errors.TimedOut, errors.NotAnAnswer,
           errors.CutOff)  # fmt: skip
_NO_KEY = (errors.KeyMissing, errors.KeyRefused, errors.Forbidden, errors.OutOfCredit)


@dataclass(frozen=True)
class Making:
    """A backend.jobs.job.Work. `adapter` is the transport for links, instead of the public web's."""

    client: ChatClient
    shelf: Shelf
    endpoint: str
    budget: RunBudget | None = None
    at_once: int = AT_ONCE
    pauses: tuple[float, ...] = PAUSES
    patience: float = PATIENCE
    adapter: Adapter | None = None
    clock: Callable[[], float] = time.time

    def __call__(self, task: Mapping[str, JSON], hands: Hands) -> StepOutcome:
        """Begin a run, or poll one that has begun. Raises Again, Later, Halt."""
        with Call() as call:
            hands.when_stopped(call.stop)
            made, handle = tasks.read(task), tasks.read_handle(hands.handle)
            if handle is None or not handle.id:
                return self._begin(made, hands, call)
            return self._look(made, handle, hands, call)

    # ---- beginning ----------------------------------------------------------------------------------------

    def _begin(self, task: Task, hands: Hands, call: Call) -> StepOutcome:
        try:
            reply = self._send_task(task, hands, call)
        except FileGone:
            return StepOutcome(
                "failed", {"error": "A file of this run is not there any more: choose it again."}, 0.0
            )
        except Stopped:
            if not call.wait_until_left(0):
                raise Later(0.0) from None
            return StepOutcome("unknown", {"error": "Stopped while the server was at work: it may be charged."})
        except errors.RateLimited as busy:
            raise Again(busy.retry_after, in_words(busy)) from None
        except errors.AddressNotFound:
            return StepOutcome("failed", {"error": _NO_ENDPOINT.format(path=task.path)}, 0.0)
        except APIError as error:
            # NoRoom is raised when storing a reply, so there was one.
            took = not isinstance(error, _SURE) or isinstance(error, NoRoom)
            sure = not (took and call.wait_until_left(0))
            if not sure and self.budget:
                self.budget.pay(None)
            if sure:
                return StepOutcome("failed", _error_json(error), 0.0)
            return StepOutcome("unknown", {**_error_json(error), "hint": _IN_DOUBT})
        if self.budget and reply.state != "failed":
            self.budget.pay(reply.usd)
        if reply.state != "waiting":
            try:
                return self._outcome(task, reply, hands)
            except NoRoom as full:
                return StepOutcome("failed", _error_json(full), reply.usd)
        if not reply.id:
            return StepOutcome(
                "unknown", {"error": "The server began, and gave no id by which to ask for the result."}
            )
        paid = self.budget.id if self.budget else ""
        handle = Handle(reply.id, self.clock(), reply.usd, reply.word, reply.known, 0, reply.so_far, budget=paid)
        hands.keep_handle(handle.dump())
        raise Later(self.pauses[0])

    def _send_task(self, task: Task, hands: Hands, call: Call) -> Reply:
        data, kind = tasks.encoded(task, self.shelf)
        headers = {"Content-Type": kind, "Accept": "*/*", "X-Client-Request-Id": call.request_id}
        return self._exchange("POST", task.path, task.about, call, headers, data, task.mark)

    def _exchange(
        self,
        method: str,
        path: str,
        family: Family,
        call: Call,
        headers: Mapping[str, str],
        data: bytes | None = None,
        mark: str = "",
    ) -> Reply:
        """Send, and read the reply by its type."""
        with open_response(self.client, method, path, call, headers, data) as response:
            return read_reply(self.client, self.shelf, response, call, family, mark)

    # ---- waiting ------------------------------------------------------------------------------------------

    def _look(self, task: Task, handle: Handle, hands: Hands, call: Call) -> StepOutcome:
        age = self.clock() - handle.began
        try:
            reply = self._polled(task, handle, hands, call)
        except Stopped:
            raise Later(0.0) from None
        except _NO_KEY as error:
            raise Halt(in_words(error)) from None
        except _PASSES as error:
            self._wait(handle, age, hands, in_words(error), slower=2.0)
        except (NoRoom, errors.AnswerTooLarge) as error:
            raise Halt(in_words(error)) from None
        except errors.ContentFiltered as error:  # the result counts, whatever the status
            return StepOutcome("failed", {**_error_json(error), "generation": handle.id}, handle.usd)
        except APIError as error:
            self._not_told(handle, age, hands, error)
        if reply.state == "waiting":
            self._wait(handle.after(reply), age, hands, "")
        if reply.state == "failed" and self.budget:
            self.budget.give_back(handle.usd, handle.budget)
        spent = handle.usd if handle.usd is not None else reply.usd
        try:
            return self._outcome(task, replace(reply, usd=spent, id=handle.id), hands)
        except NoRoom as full:  # once there is a result, it can be polled
            raise Halt(in_words(full)) from None

    def _not_told(self, handle: Handle, age: float, hands: Hands, error: APIError) -> NoReturn:
        """Handle a refused poll of a job that the server accepted, and charges for. 404 means an id that is
        unknown, or not known yet on this replica, or an expired result; 400 is undocumented. The end of a job is
        a normal reply. So it is polled a few more times, then left for a person. Raises Later, Halt.
        """
        gone = isinstance(error, errors.ModelNotFound | errors.AddressNotFound)
        why = _GONE if gone else " ".join(filter(None, (in_words(error), error.detail[:_WHY].strip())))
        if handle.refused >= REFUSALS:
            raise Halt(f"{why} {_BY_HAND}")
        self._wait(replace(handle, refused=handle.refused + 1), age, hands, why, slower=2.0)

    def _polled(self, task: Task, handle: Handle, hands: Hands, call: Call) -> Reply:
        headers = {"Accept": "application/json"}
        return self._exchange("GET", task.way.poll_path(handle.id), task.about, call, headers)

    def _wait(self, handle: Handle, age: float, hands: Hands, trouble: str, slower: float = 1.0) -> NoReturn:
        """Raises Later, or Halt if it has lasted too long to be polled automatically."""
        if handle.dump() != hands.handle:
            hands.keep_handle(handle.dump())
        if age > self.patience:
            minutes = f"{self.patience / 60:.0f} minutes"
            reason = (
                trouble
                or f"The server has been at work for more than {minutes}. Nothing is lost: look again later."
            )
            raise Halt(reason)
        raise Later(slower * self.pauses[min(handle.polls, len(self.pauses) - 1)])

    # ---- ending -------------------------------------------------------------------------------------------

    def _outcome(self, task: Task, reply: Reply, hands: Hands) -> StepOutcome:
        result: dict[str, JSON] = {**reply.notes, **({"generation": reply.id} if reply.id else {})}
        if reply.state == "failed":
            return StepOutcome("failed", {**result, "error": self.client.redactor.redact(reply.error)}, 0.0)
        if task.about.gives == "vectors":
            result |= self._vectors(reply.result, len(items(task.body.get("input"))) or 1)
        elif task.about.gives == "pages":
            result["pages"] = self._json(reply.result)
        elif task.about.gives != "files":
            is_text = task.about.gives == "transcript"
            result["result"] = transcripts.stored_form(reply.result) if is_text else reply.result
        else:
            asked = task.input_text.strip()
            rewritten = [replace(one, about="") if one.about.strip() == asked else one for one in reply.files]
            result["files"] = [self._file(source, hands) for source in rewritten]
        return StepOutcome("done", result, reply.usd)

    def _file(self, source: FileSource, hands: Hands) -> JSON:
        """A stored file; if it could not be stored, its link and the reason: it is paid for."""
        if source.url.startswith("/"):  # a file of the server itself
            source = replace(source, url=f"{self.client.endpoint.origin}{source.url}")
        try:
            return {**file_json(self._keep_file(source, hands)), "about": source.about}
        except Stopped:
            return {"link": source.url, "problem": "Stopped while it was fetched.", "about": source.about}
        except APIError as error:
            return {"link": source.url[:2_000], "problem": in_words(error), "about": source.about}

    def _keep_file(self, source: FileSource, hands: Hands) -> KeptFile:
        if source.url.startswith(HERE):
            kept = self.shelf.find(source.url.removeprefix(HERE))
            if kept is None:
                raise NoRoom
            return kept
        if source.base64:
            return fetching.decode(source.base64, self.shelf)
        near = self.client.endpoint if self.client.endpoint.is_near else None
        for left in reversed(range(_TRIES)):
            try:
                with Call() as call:
                    hands.when_stopped(call.stop)
                    return fetching.fetch(source.url, self.shelf, call, near, self.adapter)
            except (errors.ServerTrouble, errors.ConnectionFailed, errors.TimedOut):
                if not left:
                    raise
                time.sleep(min(1.0, self.pauses[0]))
        raise AssertionError("unreachable")

    def _vectors(self, rows: JSON, texts: int) -> dict[str, JSON]:
        """Vectors as a file: a database row is no place for a million numbers."""
        try:
            found = vectors.read(rows, texts)
        except vectors.Uneven as uneven:
            return {"error": str(uneven)}
        return {"vectors": {**self._json(found), "count": len(found), "length": len(found[0])}}

    def _json(self, value: object) -> dict[str, JSON]:
        with self.shelf.new() as file:
            file.write(json.dumps(value).encode())
            return file_json(file.keep(media_types.MediaType("application/json", "json")))


def file_json(file: KeptFile) -> dict[str, JSON]:
    """A file on the shelf, as part of a result."""
    return {"id": file.id, "type": file.type.name, "show": file.type.show, "bytes": file.bytes}


def _error_json(error: APIError) -> dict[str, JSON]:
    return {"error": error.title, "hint": error.hint, "detail": error.detail[:4_000]}
