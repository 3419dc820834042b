"""What can run on this machine, seen from outside: the runtime, the memory, the neighbours."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from basics import ROOT, ask

from backend import local
from backend.errors import LocalModelFailed
from backend.local import QWEN_CODER, SMOLLM2, LocalChat, LocalServer, machine


def test_importing_loads_nothing_and_starts_nothing() -> None:
    script = (
        "import sys, backend.local as local; local.unavailable(); local.offered_models();"
        "print('xllamacpp' in sys.modules, local.server().state)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["False", "off"]


def test_a_machine_without_the_runtime_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(machine.platform, "machine", lambda: "riscv64")
    monkeypatch.setattr(sys, "platform", "linux")
    assert "not built for" in str(local.unavailable()) and "Ollama" in str(local.unavailable())
    with pytest.raises(LocalModelFailed, match="not built for") as failure:
        list(LocalChat(server=LocalServer()).chat(ask("Hello")))
    assert "key" in failure.value.hint
    monkeypatch.setattr(machine.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(machine.platform, "libc_ver", lambda: ("glibc", "2.36"))
    assert "pip install" in str(local.unavailable())


def test_a_missing_system_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(machine, "_libgomp", lambda: False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert "apt-get install libgomp1" in str(local.unavailable())


def test_little_memory_offers_only_the_small_model() -> None:
    assert local.offered_models(1_000_000_000) == (SMOLLM2,)
    assert local.offered_models(4_000_000_000) == (SMOLLM2, QWEN_CODER)
    assert local.offered_models(0) == (SMOLLM2,)


def write(root: Path, **texts: str) -> Path:
    for name, text in texts.items():
        file = root / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def test_memory_is_what_the_container_leaves(tmp_path: Path) -> None:
    root = write(tmp_path, proc__meminfo="MemTotal: 9 kB\nMemAvailable:    4000000 kB\n")
    assert machine.available_memory(root) == 4_000_000 * 1024
    write(root, sys__fs__cgroup__memory_dot_max="1000000\n", sys__fs__cgroup__memory_dot_current="400000\n")
    assert machine.available_memory(root) == 600_000
    write(root, sys__fs__cgroup__memory_dot_stat="anon 1\ninactive_file 100000\n")
    assert machine.available_memory(root) == 700_000
    write(root, sys__fs__cgroup__memory_dot_max="max\n")
    assert machine.available_memory(root) == 4_000_000 * 1024


def test_memory_in_an_older_container(tmp_path: Path) -> None:
    folder = tmp_path / "sys/fs/cgroup/memory"
    folder.mkdir(parents=True)
    (folder / "memory.limit_in_bytes").write_text("5000")
    (folder / "memory.usage_in_bytes").write_text("2000")
    assert machine.available_memory(tmp_path) == 3000


# ---- neighbours --------------------------------------------------------------------------------------------


@contextlib.contextmanager
def neighbour(reply: bytes, wait: float = 0.0) -> Iterator[int]:
    """A server that answers every GET like this; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(wait)
            self.send_response(200)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    try:
        yield http.server_port
    finally:
        http.shutdown()
        http.server_close()


def test_neighbours_that_list_models_are_found_and_others_are_not() -> None:
    listing = json.dumps({"object": "list", "data": [{"id": "llama3"}]}).encode()
    with neighbour(listing) as ollama, neighbour(b"<html>") as page, neighbour(b'{"data": null}') as empty:
        ports = (("Ollama", ollama), ("llama-server", page), ("LM Studio", empty), ("nobody", 9))
        found = local.neighbours(3.0, ports)
    assert [(item.name, item.base_url) for item in found] == [("Ollama", f"http://127.0.0.1:{ollama}/v1")]


def test_a_silent_neighbour_is_not_waited_for() -> None:
    with neighbour(b'{"data": []}', wait=3.0) as port:
        began = time.monotonic()
        assert local.neighbours(0.3, (("slow", port),)) == []
        assert time.monotonic() - began < 2
