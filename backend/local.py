"""The model on this machine: a server in a child process, started on first use, as one more Source of answers.

    for event in LocalChat(SMOLLM2).chat(request): ...

The child speaks the same API on 127.0.0.1, so the answers come through the very same ChatClient. There is one
child per process, hence one model at a time for all visitors: a request for another model waits until those
that run have ended. It does NOT judge what a small model says, and nothing is loaded before the first request.
"""

from __future__ import annotations

import atexit
import contextlib
import http.client
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Literal

from backend import local_files
from backend.call import Call, Deadlines, Stopped
from backend.client import ChatClient, Endpoint
from backend.errors import APIError, ConnectionFailed, CutOff, LocalModelFailed, NotAnAnswer
from backend.local_files import MODELS, QWEN_CODER, SMOLLM2, LocalModel, custom, fetch, model_path, present
from backend.local_server import Child, Config, available_memory, new_key, unavailable
from backend.types import ChatRequest, Event, Preparing, ResponseStarted, Retrying

__all__ = [
    "MODELS",
    "QWEN_CODER",
    "SMOLLM2",
    "LocalChat",
    "LocalModel",
    "LocalServer",
    "custom",
    "fetch",
    "model_path",
    "neighbours",
    "offered",
    "present",
    "server",
    "unavailable",
]

ServerState = Literal["off", "starting", "ready", "failed"]
SLOTS = 2  # answers at the same time
START_LIMIT = 120.0  # seconds; a large file on a slow disk is not a fault
TICK = 0.05  # seconds between two looks at something that has no condition to wait on
# Reading a prompt is slow without a GPU: the first token may take its time.
DEADLINES = Deadlines(headers=300.0, first_data=300.0, idle=120.0)
NEIGHBOURS = (("Ollama", 11434), ("llama-server", 8080), ("LM Studio", 1234))
# ChatML, as both models were trained; the default system message is ours.
_CHATML = (
    "{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\n' + SYSTEM + '<|im_end|>\\n' }}{% endif %}"
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


# ---- what can run here ----------------------------------------------------------------------------------


def offered(free_memory: int | None = None) -> tuple[LocalModel, ...]:
    """The models that fit into the memory that is free; the smallest is always among them.

    What a running child occupies counts as free: it would go before another model came.
    """
    if free_memory is None:
        free_memory = available_memory() + server().memory()
    return tuple(model for model in MODELS if model is SMOLLM2 or model.memory <= free_memory)


def neighbours(timeout: float = 0.3, ports: Sequence[tuple[str, int]] = NEIGHBOURS) -> list[Endpoint]:
    """Model servers of other makers that answer on this machine, in the order of `ports`. All are asked at
    once; who has not answered after `timeout` seconds is not there."""
    found: dict[int, Endpoint] = {}

    def ask(name: str, port: int) -> None:
        if _lists_models(port, timeout):
            found[port] = Endpoint(f"http://127.0.0.1:{port}/v1", name=name)

    asking = [threading.Thread(target=ask, args=pair, name="neighbour", daemon=True) for pair in ports]
    for thread in asking:
        thread.start()
    ends = time.monotonic() + timeout
    for thread in asking:
        thread.join(max(0.0, ends - time.monotonic()))
    return [found[port] for _, port in ports if port in found]


def _lists_models(port: int, timeout: float) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", "/v1/models", headers={"Accept": "application/json"})
        reply = connection.getresponse()
        listing = json.loads(reply.read(1 << 20)) if reply.status == 200 else None
    except (OSError, http.client.HTTPException, ValueError, RecursionError):
        return False
    finally:
        connection.close()
    return isinstance(listing, dict) and isinstance(listing.get("data"), list)


# ---- the server -----------------------------------------------------------------------------------------


class _Place:
    """One request's place in the line."""

    def __init__(self, model: LocalModel) -> None:
        self.model = model
        self.running = False


class _Line:
    """First come, first served: `slots` at a time, all of them on the same model."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._places: list[_Place] = []
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def place(self, model: LocalModel) -> Iterator[_Place]:
        place = _Place(model)
        with self._lock:
            self._places.append(place)
        try:
            yield place
        finally:
            with self._lock:
                self._places.remove(place)

    def wait(self, place: _Place, call: Call) -> Iterator[Preparing]:
        """Until it is this place's turn; says how many are ahead whenever that changes."""
        said = 0
        while ahead := self._ahead(place):
            if ahead != said:
                said = ahead
                yield Preparing(f"Waiting for the local model ({ahead} ahead)")
            call.sleep(TICK)

    def _ahead(self, place: _Place) -> int:
        """How many go first; 0 when it is this place's turn, which it then takes."""
        with self._lock:
            before = self._places[: self._places.index(place)]
            if len(before) < self._slots and all(other.running and other.model == place.model for other in before):
                place.running = True
                return 0
            return len(before)


class _Fetching:
    """A model file on its way, on a thread of its own; given up when nobody waits for it any more."""

    def __init__(self, model: LocalModel, cache_dir: Path | None) -> None:
        self.news = Preparing(f"Fetching {model.label} ({model.size}, once)")
        self.done = threading.Event()
        self.error: Exception | None = None
        self.waiting = 0
        self._model, self._cache_dir = model, cache_dir
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="local-model-fetch", daemon=True)

    def start(self) -> _Fetching:
        self._thread.start()
        return self

    @property
    def joinable(self) -> bool:
        return not (self.done.is_set() or self._given_up.is_set())

    def leave(self) -> None:
        self.waiting -= 1
        if not self.waiting:
            self._given_up.set()

    def _run(self) -> None:
        try:
            fetch(self._model, self._cache_dir, self._tell, self._given_up.is_set)
        except (APIError, Stopped) as error:
            self.error = error
        except Exception as fault:  # noqa: BLE001 - whoever waits must hear of any fault
            self.error = LocalModelFailed(f"{type(fault).__name__}: {fault}")
        finally:
            self.done.set()

    def _tell(self, news: Preparing) -> None:
        self.news = news


class LocalServer:
    """The child process and what leads to it. Safe to use from several threads."""

    def __init__(self, cache_dir: Path | None = None, *, slots: int = SLOTS, threads: int | None = None) -> None:
        self.line = _Line(slots)
        self._cache_dir = cache_dir
        self._slots = slots
        self._threads = threads or max(1, (os.cpu_count() or 2) - 1)
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._model: LocalModel | None = None
        self._fetching: dict[str, _Fetching] = {}
        self._failed = False

    @property
    def state(self) -> ServerState:
        child = self._child
        if child and child.ready:
            return "ready"
        if (child and child.alive) or any(not job.done.is_set() for job in self._fetching.values()):
            return "starting"
        return "failed" if self._failed else "off"

    @property
    def running(self) -> LocalModel | None:
        """The model that is loaded now."""
        return self._model if self._child and self._child.ready else None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child and self._child.alive else None

    def memory(self) -> int:
        """Bytes the child occupies; 0 when there is none, or the system does not tell."""
        return self._child.memory() if self._child and self._child.alive else 0

    def ensure(self, model: LocalModel, call: Call) -> Iterator[Preparing]:
        """Everything until `model` is ready, as progress. Raises LocalModelFailed, Stopped."""
        yield from self.fetched(model, call)
        with self.line.place(model) as place:
            yield from self.line.wait(place, call)
            yield from self.started(model, call)

    def endpoint(self, model: LocalModel) -> Endpoint:
        """Where `model` answers, once it is ready."""
        child = self._child
        if not (child and child.ready and self._model == model):
            raise LocalModelFailed(title=f"{model.label} is not running.", hint="Send the message again.")
        return _endpoint(child)

    def stop(self) -> None:
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._child:
            self._child.stop()
        self._child = self._model = None

    # ---- steps, for whoever has a place in the line -----------------------------------------------------

    def fetched(self, model: LocalModel, call: Call) -> Iterator[Preparing]:
        """Until the model's file is there. Needs no place in the line."""
        call.check()
        if present(model, self._cache_dir):
            return
        job = self._job(model)
        said: Preparing | None = None
        try:
            while not job.done.is_set():
                if job.news != said:
                    said = job.news
                    yield said
                call.sleep(TICK)
        finally:
            with self._lock:
                job.leave()
        if job.error is not None:
            self._failed = True
            raise job.error

    def started(self, model: LocalModel, call: Call) -> Generator[Preparing, None, Child]:
        """Until the child is ready, which is returned; started where there is none, or another model runs."""
        call.check()
        child = self._child_for(model)
        if child.ready:
            return child
        yield Preparing(f"Starting {model.label} on this machine")
        gives_up = time.monotonic() + START_LIMIT
        while not child.settled.is_set():
            if time.monotonic() > gives_up:
                child.stop()
            call.sleep(TICK)
        if not child.ready:
            self._failed = True
            raise self._why(model, child)
        self._failed = False
        return child

    def _job(self, model: LocalModel) -> _Fetching:
        with self._lock:
            job = self._fetching.get(model.id)
            if job is None or not job.joinable:
                job = self._fetching[model.id] = _Fetching(model, self._cache_dir).start()
            job.waiting += 1
            return job

    def _child_for(self, model: LocalModel) -> Child:
        with self._lock:
            if self._child is None or not self._child.alive or self._model != model:
                self._stop()
                self._child, self._model = Child(self._config(model)), model
            return self._child

    def _config(self, model: LocalModel) -> Config:
        system = json.dumps(model.system_prompt)
        return Config(
            model=str(model_path(model, self._cache_dir)),
            alias=model.id,
            key=new_key(),
            slots=self._slots,
            n_ctx=model.n_ctx,
            threads=self._threads,
            temperature=model.sampling.temperature,
            top_k=model.sampling.top_k,
            top_p=model.sampling.top_p,
            min_p=model.sampling.min_p,
            repeat_penalty=model.sampling.repeat_penalty,
            dry_multiplier=model.sampling.dry_multiplier,
            chat_template=_CHATML.replace("SYSTEM", system) if model.system_prompt else "",
        )

    def _why(self, model: LocalModel, child: Child) -> LocalModelFailed:
        failure = child.failure()
        if local_files.discard_damaged(model, self._cache_dir):
            return LocalModelFailed(
                failure.detail,
                title="The model file on this machine was damaged, and was deleted.",
                hint="Try again: it is fetched anew.",
            )
        return failure


def _endpoint(child: Child) -> Endpoint:
    return Endpoint(f"http://127.0.0.1:{child.port}/v1", child.key, "This machine")


_server_lock = threading.Lock()
_server: LocalServer | None = None


def server() -> LocalServer:
    """This process's server. Making it starts nothing."""
    global _server
    with _server_lock:
        if _server is None:
            _server = LocalServer()
            atexit.register(_server.stop)
        return _server


# ---- answers --------------------------------------------------------------------------------------------


class LocalChat:
    """A turn.Source: the answers of the models on this machine. The request's `model` says which; the first
    of `models` answers for an id that is none of theirs."""

    def __init__(self, *models: LocalModel, server: LocalServer | None = None) -> None:
        self._models = models or MODELS
        self._server = server or globals()["server"]()

    def chat(self, request: ChatRequest, call: Call | None = None) -> Iterator[Event]:
        """Fetch, queue, start, ask: the events of one answer, with Preparing before it where it has to wait."""
        if problem := unavailable():
            why, _, hint = problem.partition(". ")
            raise LocalModelFailed(title=f"{why}.", hint=hint)
        model = next((model for model in self._models if model.id == request.model), self._models[0])
        with call or Call(DEADLINES.total) as call:
            yield from self._server.fetched(model, call)
            with self._server.line.place(model) as place:
                yield from self._server.line.wait(place, call)
                yield from self._answer(model, request, call)

    def _answer(self, model: LocalModel, request: ChatRequest, call: Call) -> Iterator[Event]:
        """One answer; a child that died before the first word of it is started again, once."""
        for last_try in (False, True):
            child = yield from self._server.started(model, call)
            answered = False
            try:
                for event in _ask(child, request, call):
                    answered = answered or not isinstance(event, ResponseStarted | Retrying)
                    yield event
                return
            except (ConnectionFailed, CutOff, NotAnAnswer) as error:
                if not child.ended(within=0.5):  # the connection breaks before the exit is seen
                    raise
                if answered:
                    raise CutOff(
                        error.detail,
                        title="The model on this machine ended in the middle of the answer.",
                        hint="What arrived is kept. Regenerate to try again: it starts anew.",
                    ) from error
                if last_try:
                    raise LocalModelFailed(error.detail, title="The model on this machine ended twice.") from error


def _ask(child: Child, request: ChatRequest, call: Call) -> Iterator[Event]:
    # A client per answer: this server fails 8 of 40 requests on a connection that carried a stream.
    client = ChatClient(_endpoint(child), DEADLINES)
    try:
        for event in client.chat(request, call):
            if isinstance(event, Retrying) and child.ended(within=0.5):
                raise ConnectionFailed(event.reason)  # nobody will be there to be asked again
            yield event
    finally:
        client.close()


# ---- the command line -----------------------------------------------------------------------------------


def main(arguments: Sequence[str], say: Callable[[str], None] = print) -> int:
    """`fetch [model id]`: the model file, fetched where it is not there yet."""
    named = {model.id: model for model in MODELS}
    match arguments:
        case ["fetch"]:
            model = SMOLLM2
        case ["fetch", name] if name in named:
            model = named[name]
        case _:
            say(f"Use: python -m backend.local fetch [{' | '.join(named)}]")
            return 2
    if problem := unavailable():
        say(problem)
        return 1
    try:
        path = fetch(model, progress=_tenths(say))
    except LocalModelFailed as error:
        say(f"{error.title} {error.hint}")
        return 1
    say(f"{model.label} is here: {path}")
    return 0


def _tenths(say: Callable[[str], None]) -> Callable[[Preparing], None]:
    """Progress as a line for every tenth, not for every block."""
    said = ""

    def tell(news: Preparing) -> None:
        nonlocal said
        line = news.text if news.fraction is None else f"{news.text}: {int(news.fraction * 10) * 10} %"
        if line != said:
            said = line
            say(line)

    return tell


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
