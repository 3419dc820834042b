"""The model server of this process: downloads the file, starts the child, runs one model at a time.

    for news in server().ensure(SMOLLM2, call): ...

It does NOT ask the model anything (chat.py) and starts nothing by itself: each step is a request of a caller.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Literal

from backend.errors import APIError, LocalModelFailed
from backend.local.child import Child, Config, new_key
from backend.local.files import discard_damaged, fetch, model_path, present
from backend.local.models import LocalModel
from backend.local.waiting import TICK, Line
from backend.shutdown import at_shutdown
from backend.transport.call import Call, Stopped
from backend.transport.client import Endpoint
from backend.types import Preparing

ServerState = Literal["off", "starting", "ready", "failed"]
SLOTS = 2  # answers at the same time
START_LIMIT = 120.0  # seconds; a large file on a slow disk is not an error
# ChatML, as both models were trained; the default system message is this app's.
_CHATML = (
    "{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\n' + SYSTEM + '<|im_end|>\\n' }}{% endif %}"
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


class _Fetching:
    """The download of a model file, on its own thread; aborted when no request waits for it any more."""

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
        except Exception as fault:  # noqa: BLE001 - those who wait must hear of any fault
            self.error = LocalModelFailed(f"{type(fault).__name__}: {fault}")
        finally:
            self.done.set()

    def _tell(self, news: Preparing) -> None:
        self.news = news


class LocalServer:
    """The child process and the steps that lead to it. Thread-safe."""

    def __init__(self, cache_dir: Path | None = None, *, slots: int = SLOTS, threads: int | None = None) -> None:
        self.line = Line(slots)
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
        """The loaded model."""
        return self._model if self._child and self._child.ready else None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child and self._child.alive else None

    def memory(self) -> int:
        """Bytes the child uses; 0 if there is none, or the system does not tell."""
        return self._child.memory() if self._child and self._child.alive else 0

    def ensure(self, model: LocalModel, call: Call) -> Iterator[Preparing]:
        """Everything until `model` is ready, as progress events. Raises LocalModelFailed, Stopped."""
        yield from self.fetched(model, call)
        with self.line.place(model) as place:
            yield from self.line.wait(place, call)
            yield from self.start_child(model, call)

    def endpoint(self, model: LocalModel) -> Endpoint:
        """The endpoint of `model`, once it is ready."""
        child = self._child
        if not (child and child.ready and self._model == model):
            raise LocalModelFailed(title=f"{model.label} is not running.", hint="Send the message again.")
        return endpoint_of(child)

    def stop(self) -> None:
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._child:
            self._child.stop()
        self._child = self._model = None

    # ---- steps, for a request that has a place in the queue ---------------------------------------------

    def fetched(self, model: LocalModel, call: Call) -> Iterator[Preparing]:
        """Progress until the model's file exists. Needs no place in the queue."""
        call.check()
        if present(model, self._cache_dir):
            return
        job = self._job(model)
        last: Preparing | None = None
        try:
            while not job.done.is_set():
                if job.news != last:
                    last = job.news
                    yield last
                call.sleep(TICK)
        finally:
            with self._lock:
                job.leave()
        if job.error is not None:
            self._failed = True
            raise job.error

    def start_child(self, model: LocalModel, call: Call) -> Generator[Preparing, None, Child]:
        """Progress until the child is ready, which is returned; it is started if there is none, or another model
        runs.
        """
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
        if discard_damaged(model, self._cache_dir):
            return LocalModelFailed(
                failure.detail,
                title="The model file on this machine was damaged, and was deleted.",
                hint="Try again: it is fetched anew.",
            )
        return failure


def endpoint_of(child: Child) -> Endpoint:
    return Endpoint(f"http://127.0.0.1:{child.port}/v1", child.key, "This machine")


_server_lock = threading.Lock()
_server: LocalServer | None = None


def server() -> LocalServer:
    """This process's server. Creating it starts nothing."""
    global _server
    with _server_lock:
        if _server is None:
            _server = LocalServer()
            at_shutdown(_server.stop)
        return _server
