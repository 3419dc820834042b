"""A child process that reads and writes lines of JSON: the parent's end of it, and the child's own in Python.

    child = ChildProcess(["-m", "backend.tools.runner"], environment())     # in the parent
    child.write({"question": 1})
    child.read()                            # waits for a line; None when the child has ended instead

    parent = ParentProcess()                # in the child, once, before anything is printed
    for message in parent.messages():
        parent.write({"answer": message["question"]})

The child ignores Ctrl+C, which is meant for the parent, and ends with its parent, even if that is killed: its stdin
closes then, and `messages` ends. It does NOT confine what the child does, and no read has a deadline: `kill` from
another thread ends it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from io import BufferedReader
from pathlib import Path
from typing import IO, Any

from backend.types import JSON

ROOT = Path(__file__).resolve().parents[1]
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL|DATABASE_URL", re.I)
# What a third-party program needs to find its home, language and network, and nothing of ours.
_FOREIGN = frozenset(
    """
    PATH HOME USER LOGNAME SHELL TERM LANG LC_ALL LC_CTYPE TZ TMPDIR TEMP TMP
    APPDATA COMSPEC HOMEDRIVE HOMEPATH LOCALAPPDATA PATHEXT PROCESSOR_ARCHITECTURE PROGRAMDATA PROGRAMFILES
    SYSTEMDRIVE SYSTEMROOT USERNAME USERPROFILE WINDIR
    HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE NODE_EXTRA_CA_CERTS
    XDG_CACHE_HOME XDG_DATA_HOME XDG_CONFIG_HOME XDG_RUNTIME_DIR
    """.split()  # noqa: SIM905 - a list of forty strings reads worse
)


def environment() -> dict[str, str]:
    """This process's environment without its secrets, for a child that imports `backend`."""
    kept = {name: value for name, value in os.environ.items() if not _SECRET.search(name)}
    return {**kept, "PYTHONPATH": str(ROOT)}


def foreign_environment() -> dict[str, str]:
    """The small part of this process's environment that a third-party program gets: no key is in it."""
    # The address of a proxy may contain a password: such a proxy is not passed on.
    kept = {name: value for name, value in os.environ.items() if name.upper() in _FOREIGN}
    return {name: value for name, value in kept.items() if not ("PROXY" in name.upper() and "@" in value)}


class ChildProcess:
    """A running child, seen from its parent. `stderr` is a pipe only with `keep_stderr`.

    With `background` the child runs at low priority on Windows; elsewhere it calls os.nice itself.
    With `program` it runs that program, in a process group of its own: whatever it starts ends with it. Raises
    OSError if there is no such program, ValueError for a NUL in its arguments.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        keep_stderr: bool = False,
        background: bool = False,
        program: str = "",
        folder: Path = ROOT,
    ) -> None:
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows only, as is the next one
        if background:
            flags |= getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
        self._leads_group = bool(program)
        self._process = subprocess.Popen(  # noqa: S603 - of this program, or a command that a visitor has started
            [program or sys.executable, *arguments],
            cwd=folder,
            start_new_session=self._leads_group,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if keep_stderr else subprocess.DEVNULL,
            creationflags=flags,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while it runs."""
        return self._process.poll()

    @property
    def alive(self) -> bool:
        return self.exit_code is None

    @property
    def stdout(self) -> IO[bytes]:
        return _pipe(self._process.stdout)

    @property
    def stderr(self) -> BufferedReader:
        pipe = _pipe(self._process.stderr)
        if not isinstance(pipe, BufferedReader):
            raise ValueError("not a buffered pipe")
        return pipe

    def write(self, message: Mapping[str, object]) -> None:
        """Send one line of JSON. Raises OSError when the child has ended."""
        stdin = _pipe(self._process.stdin)
        stdin.write(json.dumps(message).encode() + b"\n")
        stdin.flush()

    def read(self, limit: int = 65_536) -> dict[str, JSON] | None:
        """The next line of JSON, at most `limit` bytes; None if the child has ended or wrote no JSON object."""
        with contextlib.suppress(ValueError):
            message = json.loads(self.stdout.readline(limit))
            return message if isinstance(message, dict) else None
        return None

    def close_input(self) -> None:
        """Close the child's stdin: nothing more will be written."""
        with contextlib.suppress(OSError):
            _pipe(self._process.stdin).close()

    def wait(self, seconds: float) -> bool:
        """Wait at most this many seconds; whether the child has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return not self.alive

    def kill(self) -> None:
        """Kill it at once, with its whole process group if it leads one. A thread that reads from it sees the
        end.
        """
        if self._leads_group:
            _kill_group(self._process.pid)
        self._process.kill()

    def stop(self) -> None:
        """Kill it and wait for its exit. Its output is left to the threads that read it."""
        self.kill()
        self._process.wait()
        self.close_input()

    def close(self) -> None:
        """`stop`, and close the output too: only on the thread that reads it."""
        self.stop()
        with contextlib.suppress(OSError):
            self.stdout.close()


class ParentProcess:
    """The parent, seen from its child. Redirects the child's own stdout to stderr, so that prints of Python or
    native code do not mix with the lines that the parent reads.
    """

    def __init__(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._stdout = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)

    def messages(self) -> Iterator[dict[str, Any]]:
        """The messages of the parent, line by line, until it is gone. They are the app's own: not checked."""
        while line := sys.stdin.readline():
            yield json.loads(line)

    def write(self, message: Mapping[str, object]) -> None:
        """Send one line of JSON."""
        print(json.dumps(message), file=self._stdout, flush=True)

    def wait(self) -> None:
        """Wait until the parent is gone."""
        sys.stdin.read()


def limit_memory(size: int) -> None:
    """Limit the address space of this process, a child, to this many bytes: it fails before it exhausts the
    machine. Windows has no such limit and macOS refuses it; there only the time limit applies.
    """
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _kill_group(leader: int) -> None:
    if sys.platform == "win32":
        command = ["taskkill", "/T", "/F", "/PID", str(leader)]
        subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - a program of the system
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)


def group_memory(leader: int) -> int:
    """Bytes of memory used by a process group; 0 where the system does not tell (anywhere but Linux)."""
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
            pages += int(fields[21]) if int(fields[2]) == leader else 0
    return pages * os.sysconf("SC_PAGE_SIZE") if pages else 0


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("not a pipe")
    return stream
