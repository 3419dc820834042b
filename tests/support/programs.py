"""Programs that are run, each in a process of its own, for the tests of snippets."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from backend.snippets import LANGUAGES
from backend.types import Tool

SECRET = "sk-test-4711"
PROGRAMS = {"curl": "bash", "requests": sys.executable, "openai": sys.executable, "fetch": "node"}
WEATHER = Tool("weather", "The weather in a city", {"type": "object", "properties": {"city": {"type": "string"}}})
each = pytest.mark.parametrize("name", LANGUAGES)


# Imports once, then forks for each program: the openai SDK alone takes most of a second to import. And a program
# that has come to its end, with its handlers run and its output written, leaves at once: taking hundreds of modules
# apart would cost 0.8 s of a processor for each.
FORKS = """
import atexit, contextlib, gc, json, os, runpy, sys
import requests
with contextlib.suppress(ImportError):
    from openai import OpenAI
    OpenAI(api_key="none", base_url="http://localhost").chat.completions  # what it imports at first use
with contextlib.suppress(ImportError):
    from anthropic import Anthropic
    Anthropic(api_key="none", base_url="http://localhost").messages

def run(path):
    try:
        runpy.run_path(path, run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0

gc.freeze()  # what is here now is no child's to look through
for line in sys.stdin:
    job = json.loads(line)
    if not (child := os.fork()):
        os.environ.update(job["env"])
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        status = run(job["path"])
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass(frozen=True)
class Ran:
    exit: int
    out: str
    err: str


class Machine:
    """Runs programs, each in a process of its own, with nothing in the environment but what is given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONIOENCODING": "utf-8"}
        self._forks: subprocess.Popen[str] | None = None

    def close(self) -> None:
        if self._forks:
            self._forks.communicate()

    def command(self, name: str, source: str) -> list[str]:
        require_program(name)
        path = self.folder / f"snippet.{LANGUAGES[name].extension}"
        path.write_bytes(source.encode())
        return [PROGRAMS[name], str(path)]

    def run(self, name: str, source: str, **env: str) -> Ran:
        command = self.command(name, source)
        if name in ("requests", "openai"):
            return self._fork(command[1], env)
        done = subprocess.run(command, env={**self.environment, **env}, cwd=self.folder, capture_output=True)
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def _fork(self, path: str, env: dict[str, str]) -> Ran:
        if not self._forks:
            self._forks = subprocess.Popen(
                [sys.executable, "-c", FORKS],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        out, err = self.folder / "out", self.folder / "err"
        assert self._forks.stdin and self._forks.stdout
        print(
            json.dumps({"path": path, "env": env, "out": str(out), "err": str(err)}),
            file=self._forks.stdin,
            flush=True,
        )
        return Ran(int(self._forks.stdout.readline()), out.read_text("utf-8"), err.read_text("utf-8"))


def run_loop(code: str, folder: Path, answers: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """An exported loop of tools, run in this folder with a key and what is typed meanwhile."""
    file = folder / "loop.py"
    file.write_text(code, "utf-8")
    return subprocess.run(
        [sys.executable, str(file)],
        input=answers,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env={"API_KEY": SECRET, "PYTHONIOENCODING": "utf-8", **environment},
    )


def require_program(name: str) -> None:
    """Skips a test where its program is not installed; in CI that is a failure."""
    for program in (PROGRAMS[name], name if name == "curl" else PROGRAMS[name]):
        missing(shutil.which(program), program)
    if name == "openai":
        missing(importlib.util.find_spec(name), name)


def missing(found: object, name: str) -> None:
    if not found:
        assert os.environ.get("CI") != "true", f"CI must have {name}"
        pytest.skip(f"{name} is not installed")


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    made = Machine(tmp_path_factory.mktemp("snippets"))
    yield made
    made.close()
