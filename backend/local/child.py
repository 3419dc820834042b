"""The child process that runs a model, both ends: `Child` in the app, `main` in the process itself.

It is a separate process because loading holds Python's lock for seconds (the page would freeze) and because a
crash in native code must not end the app. It ends with the app (backend/child_process.py). The key comes
over stdin, never on a command line that others can read. It does NOT restart anything: serving.py and chat.py do.
"""

from __future__ import annotations

import collections
import contextlib
import os
import re
import secrets
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backend.child_process import ChildProcess, ParentProcess, environment
from backend.errors import LocalModelFailed
from backend.keys.redaction import Redactor
from backend.untrusted import integer, string


@dataclass(frozen=True)
class Config:
    """Everything the child is told, as one line of JSON. `n_ctx` is tokens per slot; `chat_template` "" = the
    file's.
    """

    model: str
    alias: str
    key: str
    slots: int
    n_ctx: int
    threads: int
    temperature: float
    top_k: int
    top_p: float
    min_p: float
    repeat_penalty: float
    dry_multiplier: float
    chat_template: str = ""


# ---- in the app -----------------------------------------------------------------------------------------


class Child:
    """A running child as its parent sees it. `settled` is set when it is ready, or has ended instead."""

    def __init__(self, config: Config) -> None:
        self.key = config.key
        self.port: int | None = None
        self.settled = threading.Event()
        self._error = ""
        self._last_lines: collections.deque[str] = collections.deque(maxlen=30)  # of its stderr
        self._process = ChildProcess(
            # By its path, not with -m: that would first import the whole package, which the child does not need.
            # -P: a library that imports `chat` or `files` must not get the ones beside this file.
            ["-P", str(Path(__file__).resolve())],
            {**environment(), "PYTHONUNBUFFERED": "1"},
            keep_stderr=True,
            background=True,  # the page has priority
        )
        with contextlib.suppress(OSError):  # it may have ended already; its exit code tells
            self._process.write(asdict(config))
        self._listener = threading.Thread(target=self._listen, name="local-model-stderr", daemon=True)
        self._listener.start()
        threading.Thread(target=self._await, name="local-model-ready", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.alive

    @property
    def ready(self) -> bool:
        return self.port is not None and self.alive

    def has_ended(self, within: float) -> bool:
        """Whether it has ended, or does within this many seconds: a broken connection is noticed before the exit
        is.
        """
        return self._process.wait(within)

    def stop(self) -> None:
        """Kill it: it has nothing to save, and while it loads it reads nothing."""
        self._process.stop()

    def memory(self) -> int:
        """Bytes of memory it uses; 0 where the system does not tell without another library."""
        with contextlib.suppress(OSError, AttributeError, ValueError, IndexError):
            pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
            return pages * os.sysconf("SC_PAGE_SIZE")
        return 0

    def failure(self) -> LocalModelFailed:
        """Why it ended, as a sentence."""
        self._listener.join(1.0)
        code = self._process.exit_code
        detail = self._error or "\n".join(self._last_lines) or f"exit code {code}"
        evidence = f"{self._error} {' '.join(self._last_lines)} exit code {code}."
        for sign, title, hint in _CAUSES:
            if re.search(sign, evidence, re.I):
                return LocalModelFailed(detail, title=title, hint=hint)
        return LocalModelFailed(detail)

    def _await(self) -> None:
        """Read the one line it writes: its port, or why there is none."""
        with self._process.stdout:
            message = self._process.read() or {}
        self.port, self._error = integer(message.get("port")), string(message.get("error"))
        if self.port is None:
            self.has_ended(within=5.0)
        self.settled.set()

    def _listen(self) -> None:
        """Keep the end of its stderr, and keep the pipe from filling up."""
        redactor = Redactor(self.key)
        with self._process.stderr as stderr:
            while line := stderr.readline(2000):
                self._last_lines.append(redactor.redact(line.decode("utf-8", "replace").rstrip()))


_CAUSES = (
    (
        r"libgomp",
        "The model on this machine needs the system library libgomp.",
        "Run `apt-get install libgomp1` (Community Cloud: libgomp1 in packages.txt), then start the app again.",
    ),
    (
        r"No module named",
        "The runtime for local models is not installed.",
        "Run `pip install -r requirements.txt`, then start the app again.",
    ),
    (
        r"DLL load failed",
        "Windows could not load the runtime for local models.",
        "Install the Microsoft Visual C++ Redistributable, then start the app again.",
    ),
    (
        r"exit code (-4|3221225501)\.",
        "This processor lacks instructions that the runtime for local models needs.",
        "Connect AI/ML API with a key, or run a server such as Ollama on this machine.",
    ),
    (
        r"exit code -9\.|out of memory|bad_alloc|failed to allocate|unable to allocate",
        "The system ended the model on this machine, probably for lack of memory.",
        "Close something, choose the smaller model, or connect AI/ML API with a key.",
    ),
    (
        r"failed to load|load model|gguf|invalid magic|RuntimeError",
        "The model file could not be read.",
        "It may be damaged, or not a GGUF file that this version understands. Fetch it again or name another one.",
    ),
)


# The default length of an answer: a tiny model that repeats itself does so until the context is full.
ANSWER_LIMIT = 768


def new_key() -> str:
    return secrets.token_urlsafe(24)


# ---- in the child ---------------------------------------------------------------------------------------


def main() -> None:
    parent = ParentProcess()
    if hasattr(os, "nice"):
        os.nice(5)
    try:
        server = serve(Config(**next(parent.messages())))
    except StopIteration:  # the app has ended
        os._exit(1)
    except (ImportError, OSError, RuntimeError, ValueError) as fault:
        parent.write({"error": f"{type(fault).__name__}: {fault}"})
        os._exit(1)
    parent.write({"port": int(server.listening_address.rsplit(":", 1)[1])})
    # Only now: on Windows a library that loads hangs while another thread reads stdin, and elsewhere loading
    # holds Python's lock, so that the end of the app would not be noticed any earlier.
    parent.wait()
    os._exit(0)


def serve(config: Config) -> Any:
    """Serve an OpenAI-compatible API on a free port of 127.0.0.1, as long as the object exists."""
    import xllamacpp  # only here: it is native code, and absent where no wheel exists

    params = xllamacpp.CommonParams()
    params.model.path = config.model
    params.model_alias = {config.alias}
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.api_keys = [config.key]
    params.n_parallel, params.n_ctx = config.slots, config.slots * config.n_ctx
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = config.threads
    params.n_predict = ANSWER_LIMIT
    params.n_gpu_layers, params.fit_params = 0, False
    params.cache_ram_mib = 0  # the default caches up to 8 GiB of old prompts
    params.ui, params.offline, params.endpoint_slots = False, True, False  # slots: prompts
    params.sampling.temp, params.sampling.penalty_repeat = config.temperature, config.repeat_penalty
    params.sampling.top_k, params.sampling.top_p = config.top_k, config.top_p
    params.sampling.min_p, params.sampling.dry_multiplier = config.min_p, config.dry_multiplier
    # The same server provides embeddings: the mean over the tokens. Answers are unaffected (measured: the same
    # log probabilities, the same speed, 2 MB of memory).
    params.embedding, params.pooling_type = True, xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    if config.chat_template:
        params.chat_template = config.chat_template
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
