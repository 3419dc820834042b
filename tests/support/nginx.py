"""deploy/nginx.conf as it is shipped, run for a test: only addresses, ports and the folder for its files differ."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from basics import ROOT

SHIPPED = ROOT / "deploy" / "nginx.conf"


def binary() -> str:
    """nginx; where there is none the test is skipped, and under CI it fails."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
    if not found:
        message = "no nginx here. On Debian: apt-get install nginx"
        (pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip)(message)
    return str(found)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def configuration(port: int, replicas: tuple[int, int], folder: str) -> str:
    """The shipped file, for replicas at ports of this machine. Fails when it has changed its places."""
    text = SHIPPED.read_text("utf-8")
    first, second = map(str, replicas)
    for shipped, here, times in (
        ("listen 8080;", f"listen 127.0.0.1:{port};", 1),
        ("app-1:8501", f"127.0.0.1:{first}", 3),
        ("app-2:8502", f"127.0.0.1:{second}", 3),
        ("~:8501$", f"~:{first}$", 1),
        ("~:8502$", f"~:{second}$", 1),
        (" /tmp/", f" {folder}/", 6),
        ("worker_processes auto;", "worker_processes 2;", 1),
    ):
        assert text.count(shipped) == times, f"deploy/nginx.conf: {shipped}"
        text = text.replace(shipped, here)
    return text


def add_certificate(text: str, port: int, folder: str) -> str:
    """The same with its example for a certificate switched on."""
    text = re.sub(r"(?m)^(\s*)#tls ", r"\1", text)
    return text.replace("listen 8443 ssl;", f"listen 127.0.0.1:{port} ssl;").replace(
        "/etc/nginx/tls/", f"{folder}/"
    )


class Nginx:
    """nginx in front of two ports of this machine: `with Nginx(one, two) as front: front.url`."""

    def __init__(self, first: int, second: int) -> None:
        self._binary = binary()
        self._folder = tempfile.mkdtemp(prefix="nginx")
        Path(self._folder).chmod(0o755)  # as root it works under another user's name
        self.replicas = (first, second)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._file, self._log = Path(self._folder, "nginx.conf"), Path(self._folder, "log.txt")
        self._file.write_text(configuration(self.port, self.replicas, self._folder))
        self._process = subprocess.Popen(
            [self._binary, "-p", self._folder, "-c", str(self._file), "-e", "stderr", "-g", "daemon off;"],
            stdout=self._log.open("wb"),
            stderr=subprocess.STDOUT,
        )
        self._wait()

    def _wait(self) -> None:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError(f"nginx did not start:\n{self.log()}")

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def logged(self, text: str) -> str:
        """The log with this text in it: nginx writes it after the answer has gone."""
        for _ in range(100):
            if text in (log := self.log()):
                return log
            time.sleep(0.1)
        raise AssertionError(f"{text} is not in the log:\n{self.log()}")

    def __enter__(self) -> Nginx:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._process.terminate()  # quick, and its workers with it
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def complaint(text: str, folder: Path) -> str:
    """What nginx has against a configuration, "" when nothing."""
    file = folder / "nginx.conf"
    file.write_text(text)
    done = subprocess.run(
        [binary(), "-t", "-q", "-p", str(folder), "-c", str(file), "-e", "stderr"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if done.returncode == 0 else done.stdout + done.stderr
