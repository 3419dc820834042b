"""What can run on this machine: is there a runtime, how much memory is free, which other model servers are here.

It does NOT load the runtime: whether a model starts is known only when it is started (serving.py).
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import http.client
import importlib.util
import json
import os
import platform
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from backend.local.models import MODELS, SMOLLM2, LocalModel
from backend.local.serving import server
from backend.transport.client import Endpoint

NEIGHBOURS = (("Ollama", 11434), ("llama-server", 8080), ("LM Studio", 1234))


# ---- the runtime ----------------------------------------------------------------------------------------


def unavailable() -> str | None:
    """Why no model can run on this machine, and what to do; None if one can, as far as can be told without
    loading.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        return f"No model can run on this machine yet: {_runtime_missing()}"
    if sys.platform == "linux" and not _libgomp():
        return (
            "The model on this machine needs the system library libgomp. Run `apt-get install libgomp1` "
            "(Community Cloud: put libgomp1 into packages.txt), then start the app again."
        )
    return None


def _runtime_missing() -> str:
    machine, libc = platform.machine().lower(), platform.libc_ver()[0]
    built = {
        "linux": machine in ("x86_64", "aarch64") and libc == "glibc",
        "darwin": True,
        "win32": machine == "amd64",
    }
    if built.get(sys.platform):
        return "its runtime is not installed. Run `pip install -r requirements.txt`, then start the app again."
    return (
        f"its runtime is not built for {platform.system()} on {platform.machine()}. "
        "Connect AI/ML API with a key, or start Ollama, llama-server or LM Studio: they are found by themselves."
    )


@functools.cache
def _libgomp() -> bool:
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        return False
    return True


# ---- the memory -----------------------------------------------------------------------------------------


def offered_models(free_memory: int | None = None) -> tuple[LocalModel, ...]:
    """The models that fit into the free memory; the smallest is always included.

    The memory of a running child counts as free: it would be stopped before another model is loaded.
    """
    if free_memory is None:
        free_memory = available_memory() + server().memory()
    return tuple(model for model in MODELS if model is SMOLLM2 or model.memory <= free_memory)


def available_memory(root: Path = Path("/")) -> int:
    """Free bytes: the smaller of the system's and the container's limit.

    Where the system does not tell (macOS, Windows): half of the installed memory.
    """
    figures = [figure for figure in (_meminfo(root), *_cgroups(root)) if figure is not None]
    return max(0, min(figures)) if figures else _built_in() // 2


def _meminfo(root: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in (root / "proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


def _cgroups(root: Path) -> Iterator[int]:
    """Limit minus use, for version 2 and version 1. "max" is no limit; cached files are reclaimable."""
    for folder, limit, used in (
        ("sys/fs/cgroup", "memory.max", "memory.current"),
        ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        with contextlib.suppress(OSError, ValueError):
            place = root / folder
            yield int((place / limit).read_text()) - int((place / used).read_text()) + _file_cache(place)


def _file_cache(place: Path) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in (place / "memory.stat").read_text().splitlines():
            if line.startswith("inactive_file "):
                return int(line.split()[1])
    return 0


def _built_in() -> int:
    """Bytes of installed memory; 0 if that is unknown too."""
    if sys.platform == "win32":
        kilobytes = ctypes.c_ulonglong()
        ctypes.windll.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes))
        return kilobytes.value * 1024
    with contextlib.suppress(ValueError, OSError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return 0


# ---- the neighbours -------------------------------------------------------------------------------------


def neighbours(timeout: float = 0.3, ports: Sequence[tuple[str, int]] = NEIGHBOURS) -> list[Endpoint]:
    """Other model servers that answer on this machine, in the order of `ports`. All are asked at once; one that
    has not answered after `timeout` seconds counts as absent.
    """
    servers: dict[int, Endpoint] = {}

    def ask(name: str, port: int) -> None:
        if _lists_models(port, timeout):
            servers[port] = Endpoint(f"http://127.0.0.1:{port}/v1", name=name)

    asking = [threading.Thread(target=ask, args=pair, name="neighbour", daemon=True) for pair in ports]
    for thread in asking:
        thread.start()
    ends = time.monotonic() + timeout
    for thread in asking:
        thread.join(max(0.0, ends - time.monotonic()))
    return [servers[port] for _, port in ports if port in servers]


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
