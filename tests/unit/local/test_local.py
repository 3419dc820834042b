"""The model on this machine: a child that ends with its parent, answers in line, faults in words."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from basics import ROOT
from local_model import LONG, ask

from backend.answer.turn import Turn
from backend.child_process import environment
from backend.errors import CutOff, LocalModelFailed
from backend.local import QWEN_CODER, SMOLLM2, LocalChat, LocalServer, child, custom, model_path
from backend.local.models import OnDisk, Web
from backend.local.waiting import Line
from backend.protocol.accumulator import Accumulator
from backend.transport.call import Call, Stopped
from backend.types import ChatRequest, Event, Finished, Message, Preparing, TextDelta, UsageReported

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")

# ---- the child, seen from the app --------------------------------------------------------------------------


def test_no_key_of_the_app_reaches_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMLAPI_API_KEY", "sk-something")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@h/d")
    assert not {"AIMLAPI_API_KEY", "DATABASE_URL"} & set(environment())


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
    found = next(words for pattern, words, _ in child._CAUSES if re.search(pattern, sign))
    assert title in found


# ---- the line ----------------------------------------------------------------------------------------------


def test_the_third_in_line_is_told_how_many_are_ahead() -> None:
    line = Line(2)
    with contextlib.ExitStack() as stack:
        first, second, third, fourth = (stack.enter_context(line.place(SMOLLM2)) for _ in range(4))
        assert list(line.wait(first, Call())) == list(line.wait(second, Call())) == []
        assert next(line.wait(third, Call())).text == "Waiting for the local model (2 ahead)"
        assert next(line.wait(fourth, Call())).text == "Waiting for the local model (3 ahead)"


def test_another_model_waits_until_the_running_one_is_free() -> None:
    line = Line(2)
    with line.place(QWEN_CODER) as other:
        with line.place(SMOLLM2) as late:
            assert list(line.wait(other, Call())) == []
            waiting = line.wait(late, Call())
            assert next(waiting).text.endswith("(1 ahead)")
        with line.place(QWEN_CODER) as same:
            assert list(line.wait(same, Call())) == []


def test_stop_works_while_waiting_in_line() -> None:
    line, call = Line(1), Call()
    with line.place(SMOLLM2) as first, line.place(SMOLLM2) as second:
        assert list(line.wait(first, Call())) == []
        threading.Timer(0.2, call.stop).start()
        with pytest.raises(Stopped):
            list(line.wait(second, call))


# ---- the real model ----------------------------------------------------------------------------------------


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


def test_a_chat_streams_tokens_and_ends_with_a_reason(chat: LocalChat, server: LocalServer) -> None:
    events = list(chat.chat(ask("What is the capital of France?", seed=1)))
    assert sum(isinstance(event, TextDelta) for event in events) > 3
    assert any(isinstance(event, Finished) for event in events)
    assert server.state == "ready" and server.running == SMOLLM2


def test_the_model_talks_sense_without_any_setting(chat: LocalChat) -> None:
    answers = []
    for seed in range(3):
        draft = Accumulator(SMOLLM2.id)
        for event in chat.chat(ask("What is the capital of France?", seed=seed)):
            draft.apply(event)
        answers.append(draft.message().content)
    assert sum("Paris" in answer for answer in answers) >= 2, answers


def test_usage_is_reported_in_a_stream_that_asks_for_it(chat: LocalChat) -> None:
    request = replace(ask("Say hello."), extra={"stream_options": {"include_usage": True}})
    events = list(chat.chat(request))
    usage = next(event.usage for event in events if isinstance(event, UsageReported))
    assert usage.prompt_tokens and usage.completion_tokens


def test_blocking_gives_a_whole_message(chat: LocalChat) -> None:
    turn = Turn(chat, ask("Say hello.", stream=False)).start().join(60)
    assert turn.state == "done" and turn.message.content and turn.message.finish_reason


def test_a_system_message_of_ones_own_replaces_the_servers(chat: LocalChat, server: LocalServer) -> None:
    def prompt_tokens(*messages: Message) -> int:
        events = chat.chat(ChatRequest(SMOLLM2.id, messages, {"max_tokens": 1}, stream=False))
        return next(event.usage.prompt_tokens or 0 for event in events if isinstance(event, UsageReported))

    user = Message("user", "Hi")
    assert prompt_tokens(user) == prompt_tokens(Message("system", SMOLLM2.system_prompt), user)
    assert prompt_tokens(Message("system", "Hi"), user) < prompt_tokens(user)


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


@posix
def test_the_key_is_on_no_command_line(server: LocalServer) -> None:
    list(server.ensure(SMOLLM2, Call()))
    process = Path(f"/proc/{server.pid}")
    if not process.exists():
        pytest.skip("no /proc here")
    key = server.endpoint(SMOLLM2).api_key.encode()
    assert key not in (process / "cmdline").read_bytes() + (process / "environ").read_bytes()


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


def test_starting_says_so(server: LocalServer, chat: LocalChat) -> None:
    server.stop()
    first = next(iter(chat.chat(ask("Hi"))))
    assert isinstance(first, Preparing) and "Starting" in first.text


@posix
def test_a_child_killed_between_two_requests_is_started_again(server: LocalServer, chat: LocalChat) -> None:
    list(server.ensure(SMOLLM2, Call()))
    killed = server.pid
    os.kill(killed or 0, signal.SIGKILL)
    turn = Turn(chat, ask("Say hello.")).start().join(60)
    assert turn.state == "done" and turn.message.content
    assert server.pid != killed


@posix
def test_a_child_killed_before_the_first_word_is_started_again(server: LocalServer, chat: LocalChat) -> None:
    list(server.ensure(SMOLLM2, Call()))
    killed = server.pid or 0
    os.kill(killed, signal.SIGSTOP)  # silent, until it dies under the request
    turn = Turn(chat, ask("Say hello.")).start()
    time.sleep(0.5)
    os.kill(killed, signal.SIGKILL)
    assert turn.join(60).state == "done" and server.pid not in (None, killed)


@posix
def test_a_child_killed_in_mid_answer_leaves_what_arrived(server: LocalServer, chat: LocalChat) -> None:
    events = chat.chat(ask("Tell me a long story about the sea.", **LONG))
    assert first_words(events)
    os.kill(server.pid or 0, signal.SIGKILL)
    with pytest.raises(CutOff, match="middle of the answer"):
        list(events)
    assert list(chat.chat(ask("Say hello.")))


@posix
def test_no_child_outlives_a_killed_parent(server: LocalServer) -> None:
    script = (
        "import time; from backend.transport.call import Call; from backend.local import *;"
        "list(server().ensure(SMOLLM2, Call())); print(server().pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    with parent, parent.stdout:
        pid = int(parent.stdout.readline())
        assert not gone(pid)
        parent.kill()
        parent.wait()
        assert until(lambda: gone(pid), 5)


def gone(pid: int) -> bool:
    """No such process, or one that has ended and waits for init to notice."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    return False


def test_a_third_chat_waits_and_says_so(chat: LocalChat) -> None:
    story = ask("Tell me a long story about the sea.", **LONG)
    first, second, third = chat.chat(story), chat.chat(story), chat.chat(ask("Say hello."))
    assert first_words(first) and first_words(second)
    assert next(iter(third)) == Preparing("Waiting for the local model (2 ahead)")
    first.close()  # type: ignore[attr-defined]
    assert any(isinstance(event, Finished) for event in third)
    second.close()  # type: ignore[attr-defined]


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


def test_stop_works_while_the_model_starts(server: LocalServer, chat: LocalChat) -> None:
    server.stop()
    turn = Turn(chat, ask("Say hello.")).start()
    until(lambda: turn.notice is not None)
    turn.stop()
    assert turn.state == "stopped"
    assert Turn(chat, ask("Say hello.")).start().join(60).state == "done"


def test_another_model_takes_the_place_of_the_first(server: LocalServer) -> None:
    list(server.ensure(SMOLLM2, Call()))
    before, other = server.pid, replace(SMOLLM2, id="other", source=OnDisk(model_path(SMOLLM2)))
    events = list(LocalChat(other, server=server).chat(ask("Say hello.")))
    assert any(isinstance(event, Finished) for event in events)
    assert server.running == other and server.pid != before and until(lambda: gone(before or 0))


@pytest.mark.parametrize("content", [b"", b"GGUF" + b"\x00" * 64, b"<html>no</html>"], ids=["empty", "cut", "page"])
def test_a_corrupt_file_is_a_readable_failure(runtime: None, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "broken.gguf"
    file.write_bytes(content)
    server = LocalServer()
    with pytest.raises(LocalModelFailed, match="model file could not be read") as failure:
        list(server.ensure(custom(file), Call()))
    assert server.state == "failed"
    assert "Traceback" not in failure.value.detail + failure.value.hint


def test_a_file_that_rotted_in_the_cache_is_removed(runtime: None, tmp_path: Path) -> None:
    model = replace(SMOLLM2, id="tiny", source=Web("http://127.0.0.1:9/x"), bytes=1000, sha256="0" * 64)
    path = model_path(model, tmp_path)
    path.write_bytes(b"x" * model.bytes)
    with pytest.raises(LocalModelFailed, match="damaged"):
        list(LocalServer(tmp_path).ensure(model, Call()))
    assert not path.exists()
