"""A run of an assistant (OpenAI's Assistants, version 2): assistant, thread, message, run; then it is polled
until it has ended or requires the output of a tool, which a person provides.

What is created on the way is free and is stored at once; only the run costs money. It lives for ten minutes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NoReturn

from backend import errors
from backend.errors import APIError
from backend.jobs.job import Halt, Hands, StepOutcome
from backend.protocol.body import encode
from backend.studio import task as tasks
from backend.studio import threads
from backend.studio.assistant_steps import BETA, AssistantStep, plan, put_in, with_assistant_id
from backend.studio.exchange import JSON_MOST, SOON, Told, open_response, send_json
from backend.studio.replies import Reply
from backend.studio.task import Handle, Task
from backend.studio.work import Making
from backend.transport import bills, sse
from backend.transport.body_bytes import read_chunks, read_whole
from backend.transport.call import Call, Stopped
from backend.transport.client import ChatClient
from backend.types import JSON, TextDelta
from backend.untrusted import Object, fields, items, line, number, objects, string, text

LIFE = 600.0  # seconds of a run
OUTPUT = 100_000  # characters of the output of a tool
NEEDS_OUTPUTS = "It asks for the output of a tool: give it below, before its ten minutes are over."
_LOST = "The run was asked for, and its id was lost with the process: look there before you run it again."
_PENDING = {"queued", "in_progress", "cancelling", "requires_action"}
_ENDED = {"completed", "incomplete"}
_KNOWN = {*_PENDING, *_ENDED, "cancelled", "failed", "expired"}
_MOST = 60  # entries of a timeline


@dataclass(frozen=True)
class Assisting(Making):
    """A backend.jobs.job.Work. `outputs`: a person's outputs for tool calls, by their ids."""

    pauses: tuple[float, ...] = (1.0, 2.0, 3.0, 5.0)
    patience: float = 2 * LIFE
    outputs: Mapping[str, str] = field(default_factory=dict, hash=False)

    def _send_task(self, task: Task, hands: Hands, call: Call) -> Reply:
        before = tasks.read_handle(hands.handle)
        handle = before or Handle("", self.clock())
        if handle.so_far.get("asking"):  # the process ended while the run was requested
            return Reply("failed", error=_LOST)
        made = {**fields(handle.so_far.get("made"))}
        known: dict[str, JSON] = {}
        for name in ("assistant", "thread"):
            if id_ := string(task.body.get(f"{name}_id")):
                known[name] = id_
        body: Object = {}
        so_far: Mapping[str, JSON] = {}
        for step in plan(task):
            if not step.gives or step.gives in made:
                continue
            if step.gives == "run":
                body, so_far = self._run(step, task.mark, handle, {**known, **made}, hands, call)
            else:
                body = self._request_step(step.method, step.path, call, {**known, **made}, step.body)
            if not (id_ := text(body.get("id"), 500)):
                return Reply("failed", error=threads.why(body) or f"The server gave no {step.gives}.")
            made[step.gives] = id_
            if step.gives != "run":
                handle = replace(handle, so_far={"made": made})
                hands.keep_handle(handle.dump())
        reply = self._reply(body, {**so_far, "made": {**known, **made}})
        if reply.state == "waiting":
            return reply
        return replace(reply, result=self._thread({**known, **made}, task.path.removesuffix("assistants"), call))

    def _run(
        self, step: AssistantStep, mark: str, handle: Handle, known: Mapping[str, JSON], hands: Hands, call: Call
    ) -> tuple[Object, Mapping[str, JSON]]:
        """Request the run: its state and history. That it was requested is stored before: it is never requested
        twice.
        """
        hands.keep_handle(replace(handle, so_far={**handle.so_far, "asking": True}).dump())
        try:
            if step.body and step.body.get("stream"):
                return self._stream_step(step, mark, known, {}, hands, call)
            return self._request_step(step.method, step.path, call, known, step.body), {}
        except errors.RateLimited:  # no run was created
            hands.keep_handle(handle.dump())
            raise

    def _stream_step(
        self,
        step: AssistantStep,
        mark: str,
        known: Mapping[str, JSON],
        so_far: Mapping[str, JSON],
        hands: Hands,
        call: Call,
    ) -> tuple[Object, Mapping[str, JSON]]:
        """The same by its event stream. The text of the answer grows in a file under `mark`, which is deleted at
        the end, when the thread contains it. If the stream breaks off, the run continues, and is polled by its
        id from then on.
        """
        events = threads.Events()
        redactor = self.client.redactor.stream()
        sent = {"Content-Type": "application/json", "Accept": "text/event-stream", **BETA}
        data = encode(with_assistant_id(step.body or {}, known))
        path = put_in(step.path, known, quoted=True)
        try:
            with (
                self.shelf.new(id_=mark) as growing,
                open_response(self.client, step.method, path, call, sent, data) as response,
            ):
                chunks = read_chunks(response, call)
                if "event-stream" not in response.headers.get("Content-Type", ""):
                    whole = read_whole(chunks, JSON_MOST).decode("utf-8", "replace")
                    return fields(Told(whole).json(self.client)), so_far
                for event in sse.events(chunks):
                    before = events.run
                    new = TextDelta(events.take(event.event, event.data))
                    for shown in redactor.redact_events([new] if new.text else []):
                        growing.write(shown.text.encode() if isinstance(shown, TextDelta) else b"")
                    changed = events.run.get("status") != before.get("status") or (events.run and not before)
                    if changed and len(items(so_far.get("times"))) < _MOST:
                        so_far = self._kept_now(events.run, known, so_far, hands)
        except sse.EventTooLarge as error:
            if not events.run:
                raise errors.NotAnAnswer from error
        except (APIError, Stopped):
            if not events.run:
                raise
        run = self.client.redactor.redact_json(dict(events.run) or {"error": {"message": events.error}})
        return fields(run), so_far

    def _kept_now(
        self, run: Object, known: Mapping[str, JSON], so_far: Mapping[str, JSON], hands: Hands
    ) -> dict[str, JSON]:
        """Store the state of a run, so that it is found again whatever happens to its stream."""
        made: dict[str, JSON] = {**known, "run": text(run.get("id"), 500)}
        reply = self._reply(run, {**so_far, "made": made})
        handle = Handle(reply.id, self.clock(), None, reply.word, reply.known, 0, reply.so_far)
        hands.keep_handle(handle.dump())
        return dict(reply.so_far)

    def _polled(self, task: Task, handle: Handle, hands: Hands, call: Call) -> Reply:
        made = fields(handle.so_far.get("made"))
        root = task.path.removesuffix("assistants")
        run = f"{root}threads/{{thread}}/runs/{{run}}"
        so_far = dict(handle.so_far)
        if calls := self._to_answer(handle):
            now: list[JSON] = [{**one, "output": self.outputs[one["id"]][:2_000]} for one in waiting_calls(handle)]
            so_far["given"] = items(so_far.get("given")) + now
            given: list[JSON] = [{"tool_call_id": id_, "output": self.outputs[id_]} for id_ in calls]
            streamed: dict[str, JSON] = {"stream": True} if task.body.get("stream") is not False else {}
            step = AssistantStep("POST", f"{run}/submit_tool_outputs", {"tool_outputs": given, **streamed})
            if streamed:
                body, goes_on = self._stream_step(step, task.mark, made, so_far, hands, call)
                so_far = dict(goes_on)
            else:
                body = self._request_step(step.method, step.path, call, made, step.body)
        else:
            body = self._request_step("GET", run, call, made)
        reply = self._reply(body, so_far)
        if reply.state == "waiting":
            return reply
        return replace(reply, result=self._thread(made, root, call))

    def _to_answer(self, handle: Handle) -> list[str]:
        """The ids of the required calls, if there is an output for each of them."""
        ids = [one["id"] for one in waiting_calls(handle)]
        return ids if all(id_ in self.outputs for id_ in ids) else []

    def _wait(self, handle: Handle, age: float, hands: Hands, trouble: str, slower: float = 1.0) -> NoReturn:
        if handle.so_far.get("calls") and not self._to_answer(handle):
            hands.keep_handle(handle.dump())
            raise Halt(NEEDS_OUTPUTS)
        super()._wait(handle, age, hands, trouble, slower)

    def _outcome(self, task: Task, reply: Reply, hands: Hands) -> StepOutcome:
        """The result of a run. A failed one still has its thread and its history."""
        outcome = super()._outcome(task, reply, hands)
        return replace(outcome, result={**outcome.result, "result": reply.result, **_saved_progress(reply.so_far)})

    # ---- reading the server's ------------------------------------------------------------------------------

    def _request_step(
        self,
        method: str,
        path: str,
        call: Call,
        known: Mapping[str, JSON],
        body: Mapping[str, JSON] | None = None,
    ) -> Object:
        sent = None if body is None else with_assistant_id(body, known)
        answer = send_json(self.client, method, put_in(path, known, quoted=True), call, sent, BETA)
        return fields(answer.json(self.client))

    def _reply(self, body: Object, so_far: Mapping[str, JSON]) -> Reply:
        """The state of a run, with the times at which it changed."""
        word = line(body.get("status"), 100).lower()
        cost = next(bills.in_reply(body, aimlapi=self.client.endpoint.is_aimlapi), None)
        times = list(items(so_far.get("times"), _MOST))
        if word and (not times or fields(times[-1]).get("word") != word):
            times.append({"at": self.clock(), "word": word})
        now: dict[str, JSON] = {
            **so_far,
            "times": times,
            "calls": threads.calls(body),
            "ends": number(body.get("expires_at")),
        }
        known = word in _KNOWN
        reply = Reply("waiting", text(body.get("id"), 500), word, known, usd=cost.usd if cost else None, so_far=now)
        if word in _PENDING or not known:
            return reply
        if word in _ENDED:
            return replace(reply, state="done")
        return replace(reply, state="failed", error=threads.why(body) or _WORDS.get(word, f"The run is {word}."))

    def _thread(self, made: Mapping[str, JSON], root: str, call: Call) -> JSON:
        """The messages of the thread, the oldest first, and the steps of the run, as far as available."""
        at = f"{root}threads/{{thread}}"
        messages, steps = list[JSON](), list[JSON]()
        try:
            messages = threads.messages(self._request_step("GET", f"{at}/messages", call, made))
            steps = threads.steps(self._request_step("GET", f"{at}/runs/{{run}}/steps", call, made))
        except APIError:
            pass  # the run has ended whatever this replies, and is not requested again
        return {"messages": messages, "steps": steps}


_WORDS = {
    "expired": "The run has expired: outputs of tools have to come within ten minutes.",
    "cancelled": "The run was cancelled.",
    "failed": "The run failed, and the server does not say why.",
}


def cancel(client: ChatClient, task: Task, handle: Handle, call: Call) -> None:
    """Ask the server to cancel a run. Raises APIError."""
    root = task.path.removesuffix("assistants")
    path = f"{root}threads/{{thread}}/runs/{{run}}/cancel"
    send_json(client, "POST", put_in(path, fields(handle.so_far.get("made")), quoted=True), call, {}, BETA, SOON)


def waiting_calls(handle: Handle | None) -> list[dict[str, str]]:
    """The tool calls whose output a run requires: id, name, arguments."""
    calls = objects(handle.so_far.get("calls"), 20) if handle else []
    return [{name: string(one.get(name)) for name in ("id", "name", "arguments")} for one in calls]


def seconds_left(handle: Handle | None, now: float | None = None) -> float | None:
    """Seconds until a run expires; None if unknown."""
    ends = number(handle.so_far.get("ends")) if handle else None
    return None if ends is None else max(0.0, ends - (time.time() if now is None else now))


def _saved_progress(so_far: Mapping[str, JSON]) -> dict[str, JSON]:
    return {name: so_far[name] for name in ("made", "times", "given") if so_far.get(name)}
