"""The model on this machine: a server in a child process, started on first use, as one more Source of answers.

    for event in LocalChat(SMOLLM2).chat(request): ...

The child serves the same API on 127.0.0.1, so the answers come through the same ChatClient. There is one
child per process, hence one model at a time for all visitors: a request for another model waits until the
running ones have ended. Nothing is loaded before the first request.
"""

from backend.local.chat import LocalChat
from backend.local.files import fetch, model_path, present
from backend.local.machine import neighbours, offered_models, unavailable
from backend.local.models import MODELS, QWEN_CODER, SMOLLM2, LocalModel, custom
from backend.local.serving import LocalServer, server
from backend.local.vectors import embeddings

__all__ = [
    "MODELS",
    "QWEN_CODER",
    "SMOLLM2",
    "LocalChat",
    "LocalModel",
    "LocalServer",
    "custom",
    "embeddings",
    "fetch",
    "model_path",
    "neighbours",
    "offered_models",
    "present",
    "server",
    "unavailable",
]
