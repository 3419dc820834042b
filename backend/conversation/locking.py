"""Mutual exclusion: a chat is used by its page, and by the threads of answers that end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar


class Locked(Protocol):
    """An object with a reentrant lock."""

    lock: threading.RLock


Self = TypeVar("Self", bound=Locked)
P = ParamSpec("P")
Given = TypeVar("Given")


def synchronized(method: Callable[Concatenate[Self, P], Given]) -> Callable[Concatenate[Self, P], Given]:
    """Decorate a method to hold the object's lock while it runs."""

    @wraps(method)
    def held(self: Self, /, *args: P.args, **kwargs: P.kwargs) -> Given:
        with self.lock:
            return method(self, *args, **kwargs)

    return held
