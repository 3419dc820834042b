"""Here `server` and `chat` are those of the real model on this machine."""

from local_model import chat, runtime, server  # noqa: F401  (fixtures)
