"""A run of an assistant (OpenAI's Assistants, version 2): assistant, thread, message, run; then it is looked at
until it has ended or asks for the output of a tool, which a person gives.

What is made on the way is free and is written down at once; only the run costs. It lives for ten minutes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import quote

from backend import errors
from backend.errors import APIError
from backend.jobs.job import Halt, Hands, Outcome
from backend.studio import task as tasks
from backend.studio.exchange import SOON, told
from backend.studio.replies import Reply
from backend.studio.task import Handle, Task
from backend.studio.work import Making
from backend.transport import bills
from backend.transport.call import Call
from backend.transport.client import ChatClient
from backend.types import JSON
from backend.untrusted import Object, fields, items, line, number, objects, string, text

BETA = {"OpenAI-Beta": "assistants=v2"}
LIFE = 600.0  # seconds of a run
MESSAGES = 100
OUTPUT = 100_000  # characters of the output of a tool
NEEDS_OUTPUTS = "It asks for the output of a tool: give it below, before its ten minutes are over."
_LOST = "The run was asked for, and its id was lost with the process: look there before you run it again."
_PENDING = {"queued", "in_progress", "cancelling", "requires_action"}
_ENDED = {"completed", "incomplete"}
_KNOWN = {*_PENDING, *_ENDED, "cancelled", "failed", "expired"}
_MOST = 60  # entries of a timeline
_TEXT = 50_000
_ASSISTANT = ("name", "instructions", "tools", "temperature", "top_p", "response_format")


@dataclass(frozen=True)
class Step:
    """One request of the way to an answer. `path` and the values of `body` may name what came before in braces;
    `gives`: the name that the id of the answer has from then on; `poll`: it is asked until the run has ended."""

    method: Literal["GET", "POST"]
    path: str
    body: Mapping[str, JSON] | None = None
    gives: str = ""
    poll: bool = False

    def shown(self) -> dict[str, JSON]:
        """For people to read."""
        body: dict[str, JSON] = {} if self.body is None else {"body": dict(self.body)}
        return {"method": self.method, "path": self.path, **body}


def plan(task: Task) -> list[Step]:
    """The requests of a task, in order. What the visitor has already, an assistant or a thread, is not made."""
    root, given = task.path.removesuffix("assistants"), task.body
    about: dict[str, JSON] = {name: given[name] for name in _ASSISTANT if given.get(name) not in (None, "")}
    assistant, thread = string(given.get("assistant_id")), string(given.get("thread_id"))
    at = f"{root}threads/{quote(thread, safe='') if thread else '{thread}'}"
    # An assistant of somebody's own stays as it is: what is set here holds for this run.
    of_run = {name: value for name, value in about.items() if name != "name"} if assistant else {}
    steps = [] if assistant else [Step("POST", f"{root}assistants", {"model": task.model, **about}, "assistant")]
    steps += [] if thread else [Step("POST", f"{root}threads", {}, "thread")]
    return [
        *steps,
        Step("POST", f"{at}/messages", {"role": "user", "content": given.get("message")}, "message"),
        Step("POST", f"{at}/runs", {"assistant_id": assistant or "{assistant}", **of_run}, "run"),
        Step("GET", f"{at}/runs/{{run}}", poll=True),
        Step("GET", f"{at}/messages"),
    ]


def put_in(pattern: str, known: Mapping[str, JSON], *, quoted: bool) -> str:
    """A path or a value of a body with the ids that are known."""
    for name, id_ in known.items():
        pattern = pattern.replace(f"{{{name}}}", quote(str(id_), safe="") if quoted else str(id_))
    return pattern


@dataclass(frozen=True)
class Assisting(Making):
    """A backend.jobs.job.Work. `outputs`: what a person gave for the calls of tools, by their ids."""

    pauses: tuple[float, ...] = (1.0, 2.0, 3.0, 5.0)
    patience: float = 2 * LIFE
    outputs: Mapping[str, str] = field(default_factory=dict, hash=False)

    def _asked(self, task: Task, hands: Hands, call: Call) -> Reply:
        before = tasks.read_handle(hands.handle)
        handle = before or Handle("", self.clock())
        if handle.so_far.get("asking"):  # the process ended while the run was asked for
            return Reply("failed", error=_LOST)
        made = {**fields(handle.so_far.get("made"))}
        known: dict[str, JSON] = {}
        for name in ("assistant", "thread"):
            if id_ := string(task.body.get(f"{name}_id")):
                known[name] = id_
        body: Object = {}
        for step in plan(task):
            if not step.gives or step.gives in made:
                continue
            if step.gives == "run":
                body = self._run(step, handle, {**known, **made}, hands, call)
            else:
                body = self._told(step.method, step.path, call, {**known, **made}, step.body)
            if not (id_ := text(body.get("id"), 500)):
                return Reply("failed", error=_why(body) or f"The server gave no {step.gives}.")
            made[step.gives] = id_
            if step.gives != "run":
                handle = replace(handle, so_far={"made": made})
                hands.keep_handle(handle.written())
        return self._reply(body, {"made": {**known, **made}})

    def _run(self, step: Step, handle: Handle, known: Mapping[str, JSON], hands: Hands, call: Call) -> Object:
        """Ask for the run. That this was done is written down before: it is never done twice."""
        hands.keep_handle(replace(handle, so_far={**handle.so_far, "asking": True}).written())
        try:
            return self._told(step.method, step.path, call, known, step.body)
        except errors.RateLimited:  # nothing came of it
            hands.keep_handle(handle.written())
            raise

    def _polled(self, task: Task, handle: Handle, call: Call) -> Reply:
        made = fields(handle.so_far.get("made"))
        root = task.path.removesuffix("assistants")
        run = f"{root}threads/{{thread}}/runs/{{run}}"
        so_far = dict(handle.so_far)
        if calls := self._to_answer(handle):
            given: list[JSON] = [{"tool_call_id": id_, "output": self.outputs[id_]} for id_ in calls]
            body = self._told("POST", f"{run}/submit_tool_outputs", call, made, {"tool_outputs": given})
            now: list[JSON] = [{**one, "output": self.outputs[one["id"]][:2_000]} for one in waiting_calls(handle)]
            so_far["given"] = items(so_far.get("given")) + now
        else:
            body = self._told("GET", run, call, made)
        reply = self._reply(body, so_far)
        if reply.state == "waiting":
            return reply
        return replace(reply, result=self._thread(reply, made, root, call))

    def _to_answer(self, handle: Handle) -> list[str]:
        """The ids of the calls that a run asks for, where there is an output for each of them."""
        ids = [one["id"] for one in waiting_calls(handle)]
        return ids if all(id_ in self.outputs for id_ in ids) else []

    def _wait(self, handle: Handle, age: float, hands: Hands, trouble: str, slower: float = 1.0) -> None:
        if handle.so_far.get("calls") and not self._to_answer(handle):
            hands.keep_handle(handle.written())
            raise Halt(NEEDS_OUTPUTS)
        super()._wait(handle, age, hands, trouble, slower)

    def _ended(self, task: Task, reply: Reply, hands: Hands) -> Outcome:
        """A run that failed has its thread all the same, and how it went."""
        outcome = super()._ended(task, reply, hands)
        return replace(outcome, result={**outcome.result, "result": reply.result, **_kept(reply.so_far)})

    # ---- what the server says -----------------------------------------------------------------------------

    def _told(
        self,
        method: str,
        path: str,
        call: Call,
        known: Mapping[str, JSON],
        body: Mapping[str, JSON] | None = None,
    ) -> Object:
        filled = put_in(path, known, quoted=True)
        sent = None
        if body is not None:
            sent = {
                name: put_in(value, known, quoted=False)
                if name == "assistant_id" and isinstance(value, str)
                else value
                for name, value in body.items()
            }
        answer = told(self.client, method, filled, call, sent, BETA)
        return fields(answer.json(self.client))

    def _reply(self, body: Object, so_far: Mapping[str, JSON]) -> Reply:
        """A run as it is, with the moments at which its word was another one."""
        word = line(body.get("status"), 100).lower()
        cost = next(bills.in_reply(body, aimlapi=self.client.endpoint.is_aimlapi), None)
        times = list(items(so_far.get("times"), _MOST))
        if word and (not times or fields(times[-1]).get("word") != word):
            times.append({"at": self.clock(), "word": word})
        now: dict[str, JSON] = {
            **so_far,
            "times": times,
            "calls": _calls(body),
            "ends": number(body.get("expires_at")),
        }
        known = word in _KNOWN
        reply = Reply("waiting", text(body.get("id"), 500), word, known, usd=cost.usd if cost else None, so_far=now)
        if word in _PENDING or not known:
            return reply
        if word in _ENDED:
            return replace(reply, state="done")
        return replace(reply, state="failed", error=_why(body) or _WORDS.get(word, f"The run is {word}."))

    def _thread(self, reply: Reply, made: Mapping[str, JSON], root: str, call: Call) -> JSON:
        """The messages of the thread, the oldest first, and the steps of the run, as far as they are to be had."""
        at = f"{root}threads/{{thread}}"
        messages, steps = list[JSON](), list[JSON]()
        try:
            messages = _messages(self._told("GET", f"{at}/messages", call, made))
            steps = _steps(self._told("GET", f"{at}/runs/{{run}}/steps", call, made))
        except APIError:
            pass  # the run is over whatever this says, and is not asked for again
        return {"messages": messages, "steps": steps}


_WORDS = {
    "expired": "The run has expired: outputs of tools have to come within ten minutes.",
    "cancelled": "The run was cancelled.",
    "failed": "The run failed, and the server does not say why.",
}


def cancel(client: ChatClient, task: Task, handle: Handle, call: Call) -> None:
    """Ask the server to end a run. Raises APIError."""
    root = task.path.removesuffix("assistants")
    path = f"{root}threads/{{thread}}/runs/{{run}}/cancel"
    told(client, "POST", put_in(path, fields(handle.so_far.get("made")), quoted=True), call, {}, BETA, SOON)


def waiting_calls(handle: Handle | None) -> list[dict[str, str]]:
    """The calls of tools whose output a run asks for: id, name, arguments."""
    calls = objects(handle.so_far.get("calls"), 20) if handle else []
    return [{name: string(one.get(name)) for name in ("id", "name", "arguments")} for one in calls]


def left(handle: Handle | None, now: float | None = None) -> float | None:
    """Seconds until a run expires; None where nobody said it."""
    ends = number(handle.so_far.get("ends")) if handle else None
    return None if ends is None else max(0.0, ends - (time.time() if now is None else now))


def _calls(run: Object) -> list[JSON]:
    wanted = fields(fields(run.get("required_action")).get("submit_tool_outputs"))
    found: list[JSON] = []
    for one in objects(wanted.get("tool_calls"), 20):
        function = fields(one.get("function"))
        found.append(
            {
                "id": text(one.get("id"), 200),
                "name": line(function.get("name"), 100),
                "arguments": text(function.get("arguments"), 10_000),
            }
        )
    return found


def _kept(so_far: Mapping[str, JSON]) -> dict[str, JSON]:
    return {name: so_far[name] for name in ("made", "times", "given") if so_far.get(name)}


def _messages(body: Object) -> list[JSON]:
    found: list[JSON] = []
    for row in objects(body.get("data"), MESSAGES):
        parts = [fields(part.get("text")) for part in objects(row.get("content"), 100)]
        said = "\n\n".join(text(part.get("value"), _TEXT) for part in parts if part.get("value"))
        found.append({"role": line(row.get("role"), 20), "text": said[:_TEXT], "at": number(row.get("created_at"))})
    return found[::-1]  # a list begins with the newest (OpenAI's reference, order=desc)


def _steps(body: Object) -> list[JSON]:
    found: list[JSON] = []
    for row in objects(body.get("data"), _MOST):
        details = fields(row.get("step_details"))
        names = [
            line(fields(one.get("function")).get("name") or one.get("type"), 100)
            for one in objects(details.get("tool_calls"), 20)
        ]
        found.append(
            {
                "type": line(row.get("type") or details.get("type"), 60),
                "state": line(row.get("status"), 40),
                "tools": [*names],
                "began": number(row.get("created_at")),
                "ended": number(row.get("completed_at")),
            }
        )
    return found[::-1]


def _why(run: Object) -> str:
    for name in ("last_error", "error", "incomplete_details"):
        said = fields(run.get(name))
        if words := text(said.get("message") or said.get("reason"), 4_000):
            return words
    return text(run.get("message"), 4_000)
