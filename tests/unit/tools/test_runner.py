"""Tools run in processes of their own: whatever a tool does, the call ends, in words, and the app goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from basics import ROOT

from backend.tools.calls import RESULT_LIMIT, CallOutcome
from backend.tools.runner import AT_ONCE, IDLE, ToolRunner
from backend.types import ToolCall

linux = pytest.mark.skipif(sys.platform != "linux", reason="signals, limits and /proc")


def call(name: str, **arguments: object) -> ToolCall:
    return ToolCall("call_1", name, json.dumps(arguments))


def alive(pid: int) -> bool:
    """Is there such a process, and has it not ended?"""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):  # the second: it ended while it was read
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def gone(pid: int) -> bool:
    ends = time.monotonic() + 30
    while alive(pid) and time.monotonic() < ends:
        time.sleep(0.02)
    return not alive(pid)


def test_the_tools_on_offer_run_in_a_process_of_their_own() -> None:
    made = ToolRunner()
    try:
        found = made.run(call("calculator", expression="6 * 7"))
        assert (found.content, found.ok, found.cut) == ('{"result": 42}', True, None)
        assert found.seconds > 0
    finally:
        made.close()


@pytest.mark.parametrize("name", ["loop", "hold"])
def test_a_tool_that_hangs_is_ended_and_the_next_call_runs(bad: ToolRunner, name: str) -> None:
    found = bad.run(call(name), seconds=0.3)
    assert found == CallOutcome("Error: the tool did not answer within 0.3 seconds and was ended.", False, 0.3)
    assert bad.run(call("shout")).content == "honest"


def test_a_tool_can_be_stopped_and_its_process_is_gone(bad: ToolRunner) -> None:
    first = int(bad.run(call("doze", seconds=0)).content)
    running = bad.start(call("loop"))
    assert running.wait(0.3) is None
    running.stop()
    assert running.outcome is not None
    assert running.outcome.content == "Error: the user stopped the tool before it had answered."
    assert gone(first)


def test_stop_before_the_process_is_there_leaves_no_result() -> None:
    made = ToolRunner("bad_tools")
    running = made.start(call("shout"))
    running.stop()
    found = running.wait(30)
    assert found is not None
    assert "stopped" in found.content
    made.close()


def test_a_call_that_has_ended_cannot_be_stopped_any_more(bad: ToolRunner) -> None:
    running = bad.start(call("shout"))
    assert running.wait(60) == running.outcome
    running.stop()
    assert running.outcome is not None
    assert running.outcome.content == "honest"


def test_printed_text_is_not_taken_for_the_answer(bad: ToolRunner) -> None:
    assert [bad.run(call("shout")).content for _ in range(3)] == ["honest"] * 3


@linux
def test_a_tool_cannot_eat_the_machines_memory(bad: ToolRunner) -> None:
    assert bad.run(call("devour")).content.startswith("Error: MemoryError")


@linux
def test_a_tool_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMLAPI_API_KEY", "sk-something")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@h/d")
    made = ToolRunner("bad_tools")
    assert set(json.loads(made.run(call("environment")).content)) <= {"PYTHONPATH", "LC_ALL", "LC_CTYPE"}
    made.close()


def test_a_result_without_end_is_cut_and_says_so(bad: ToolRunner) -> None:
    found = bad.run(call("grow"))
    assert (found.ok, found.cut) == (True, 20)
    assert found.content.endswith("[cut at 20 kB]")
    assert len(found.content.encode()) <= RESULT_LIMIT + 20
    assert "\x00" not in found.content


def test_calls_run_side_by_side(bad: ToolRunner) -> None:
    asleep = [bad.start(call("doze", seconds=1)) for _ in range(3)]
    pids = {found.content for running in asleep if (found := running.wait(60))}
    assert len(pids) == 3


def test_a_process_is_kept_for_the_next_call(bad: ToolRunner) -> None:
    assert bad.run(call("doze", seconds=0)).content == bad.run(call("doze", seconds=0)).content


@pytest.mark.slow
def test_no_more_processes_are_kept_than_a_few() -> None:
    made = ToolRunner("bad_tools")
    running = [made.start(call("doze", seconds=0.5)) for _ in range(AT_ONCE)]
    pids = [int(found.content) for one in running if (found := one.wait(60))]
    assert len(set(pids)) > IDLE
    ends = time.monotonic() + 30
    while sum(map(alive, set(pids))) > IDLE and time.monotonic() < ends:
        time.sleep(0.05)
    assert sum(map(alive, set(pids))) <= IDLE
    made.close()
    assert all(map(gone, set(pids)))


@linux
def test_a_kept_process_that_died_is_replaced(bad: ToolRunner) -> None:
    pid = int(bad.run(call("doze", seconds=0)).content)
    os.kill(pid, signal.SIGKILL)
    assert bad.run(call("shout")).content == "honest"


@pytest.mark.parametrize("arguments", ["", "{", "[]", '{"seconds": "long"}', "\ud83d", "\n", "x\ny"])
def test_arguments_of_any_kind_come_back_as_words(bad: ToolRunner, arguments: str) -> None:
    assert bad.run(ToolCall("c", "doze", arguments)).content.startswith("Error: the arguments ")


def test_more_calls_than_places_wait_for_one_or_are_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = ToolRunner("bad_tools", seconds=0.5)
    made._places = threading.BoundedSemaphore(1)
    first = made.start(call("doze", seconds=5), seconds=20)
    while first._child is None and not first.ended:
        time.sleep(0.01)
    assert made.run(call("shout")).content == "Error: too many tools are running here; call again in a moment."
    first.stop()
    assert made.run(call("shout"), seconds=20).ok
    made.close()


def test_a_module_that_cannot_be_loaded_is_said() -> None:
    assert ToolRunner("no_such_module").run(call("shout")).content == "Error: the tool's process did not start."


def test_a_system_that_starts_no_process_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert "Resource temporarily unavailable" in ToolRunner().run(call("calculator")).content


@pytest.mark.slow
@linux
@pytest.mark.parametrize("name", ["doze", "loop"])
def test_no_process_outlives_the_app_even_when_it_is_killed(name: str) -> None:
    code = f"""
import sys, time
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests" / "support")!r}]
from backend.types import ToolCall
from backend.tools.runner import ToolRunner
made = ToolRunner("bad_tools")
print(made.run(ToolCall("a", "doze", '{{"seconds": 0}}')).content, flush=True)
if {name!r} == "loop":
    made.start(ToolCall("a", "loop", "{{}}"), seconds=1)
time.sleep(60)
"""
    app = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert app.stdout is not None
    pid = int(app.stdout.readline())
    assert alive(pid)
    time.sleep(0.3)
    app.kill()
    app.wait()
    app.stdout.close()
    assert gone(pid)


@pytest.mark.slow
def test_all_share_one_runner_that_starts_nothing_by_itself() -> None:
    code = (
        "from backend.tools.runner import tool_runner; print(tool_runner() is tool_runner(), tool_runner()._idle)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True []"
