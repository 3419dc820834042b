"""A PostgreSQL of our own for the tests: a throwaway cluster from the system's binaries, on loopback.

And what is promised in either database: a test that takes `url` or `store` runs in SQLite and in PostgreSQL.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL
from stores import ready

from backend.store import Store


def binaries() -> Path | None:
    """The folder with initdb and pg_ctl; Debian keeps one per version, out of the PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which("initdb")
    return Path(found).parent if found else None


class Cluster:
    """A server that can be stopped, killed and started again on the same port."""

    def __init__(self, folder: Path, bin_: Path) -> None:
        self._folder, self._bin = folder, bin_
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._data = folder / "data"
        self._run(
            "initdb", "-D", str(self._data), "-U", "tester", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-N"
        )
        self._databases = 0
        self._migrated = ""  # the name of a database with every migration, once one is asked for

    def _run(self, name: str, *arguments: str, check: bool = True) -> None:
        command = [str(self._bin / name), *arguments]
        if os.geteuid() == 0:  # initdb refuses to be root
            command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False, timeout=120)
        assert not check or done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync=off -c unix_socket_directories={self._folder}"
        )
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop(self, how: str = "fast") -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", how, "stop", check=False)

    def url(self, database: str = "postgres") -> str:
        return f"postgres://tester@127.0.0.1:{self.port}/{database}"

    def new_database(self, *, migrated: bool = False) -> str:
        """The URL of an empty database, on request one that has every migration: a copy of one made before."""
        if migrated and not self._migrated:
            self._migrated = self._create("template1")
            Store.open(self.url(self._migrated)).close()
        return self.url(self._create(self._migrated if migrated else "template1"))

    def _create(self, template: str) -> str:
        import psycopg

        self._databases += 1
        name = f"test{self._databases}_{time.time_ns()}"
        with psycopg.connect(f"{self.url()}", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A started cluster; the test is skipped where there is no PostgreSQL, and fails on CI."""
    found = binaries()
    if found is None:
        message = "no PostgreSQL here. On Debian: apt-get install postgresql"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(message)
        pytest.skip(message)
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
    cluster = Cluster(folder, found)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One for all tests of a worker: whoever stops it starts it again."""
    with running_cluster() as started:
        yield started


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, of either kind; for a test that takes `store`, with its tables."""
    migrated = "store" in request.fixturenames
    if request.param == "postgresql":
        started: Cluster = request.getfixturevalue("cluster")
        return started.new_database(migrated=migrated)
    if migrated:
        ready(tmp_path / "kept.db")
    return URL.create("sqlite", database=str(tmp_path / "kept.db")).render_as_string()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store.open(url, pauses=(0.05,))
    assert opened.trouble == ""
    yield opened
    opened.close()
