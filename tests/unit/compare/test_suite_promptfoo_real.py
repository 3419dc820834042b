"""The real promptfoo takes what is exported, and says the same about ten rows (`make long`; needs npm and node)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from basics import KEY, ROOT
from fake_api import USAGE, FakeAPI, Reply, Request, completion, stream, tool_stream

from backend.answer.cost import Price
from backend.compare.lane_settings import Overrides
from backend.compare.suite import job
from backend.compare.suite.check import Check
from backend.compare.suite.headless import asking_lanes, grading_lane, run
from backend.compare.suite.promptfoo import reading, writing
from backend.compare.suite.suite import Row, Suite, plan
from backend.transport.client import ChatClient, Endpoint
from backend.types import Tool

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]
HERE = ROOT / "tests" / "node"
WEATHER = Tool(
    "weather",
    "The weather of a city.",
    {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
)
PRICE = Price(0.15, 0.6)  # of gpt-4o-mini, as promptfoo knows it
OBJECT = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
CALL = ("1", "weather", '{"city": "Lima"}')
# What is asked, what is answered, and the checks of that row; each row has some that pass and some that fail.
ROWS: tuple[tuple[str, str | tuple[str, str, str], tuple[Check, ...]], ...] = (
    (
        "contains",
        "It is Paris.",
        (Check("contains", "Paris"), Check("contains", "paris"), Check("contains", "{{ask}}", negated=True)),
    ),
    ("cases", "PARIS", (Check("contains", "paris", ignore_case=True), Check("contains", "rome", ignore_case=True))),
    ("equals", "Paris", (Check("equals", "Paris"), Check("equals", "Paris."), Check("equals", "x", negated=True))),
    (
        "regex",
        "In 1789\nit began",
        (Check("regex", r"\b\d{4}\b"), Check("regex", r"^it"), Check("regex", r"^\d+$", negated=True)),
    ),
    (
        "json",
        '{"n": 1}',
        (Check("json"), Check("json", OBJECT), Check("json", {"type": "array"}), Check("json", negated=True)),
    ),
    ("no json", "{n: 1}", (Check("json"), Check("json", OBJECT), Check("json", negated=True))),
    (
        "limits",
        "Hello there",
        (Check("max_length", 11), Check("max_length", 10), Check("max_cost", 1), Check("max_cost", 0.0000001)),
    ),
    (
        "similar",
        "kitten",
        (Check("similar", "sitting", edits=3), Check("similar", "sitting", edits=2), Check("max_seconds", 60)),
    ),
    ("calls", CALL, (Check("calls"), Check("calls", tool="weather"), Check("calls", tool="time"))),
    (
        "marks",
        "{{ 1 }} {% x %}",
        (Check("equals", "{{ 1 }} {% x %}"), Check("graded", "It is good."), Check("graded", "It is bad.")),
    ),
)
SUITE = Suite(
    "Ten rows",
    'Answer "{{ask}}" {% not a tag %} {{ 1 + 1 }}',
    tuple(Row({"ask": ask}, checks) for ask, _, checks in ROWS),
    (Check("contains", "zebra {{ask}}", negated=True),),
    (Overrides(model="gpt-4o-mini", system_prompt="About {{ask}}: 'x'\n- y: z"),),
    (WEATHER,),
)


def script(request: Request) -> Reply:
    """The answer of the row that is asked for, streamed or whole; a grade for the grader."""
    answer: Any = "Hello"
    if "You grade" in request.prompt:
        answer = json.dumps({"pass": "It is good." in request.prompt, "reason": "So it is.", "score": 1})
    else:
        answer = next(given for ask, given, _ in ROWS if f'Answer "{ask}"' in request.prompt)
    calls = () if isinstance(answer, str) else (answer,)
    if request.body.get("stream"):
        return tool_stream(*calls, usage=USAGE) if calls else stream(answer, usage=USAGE)
    return completion(None if calls else answer, calls)


@pytest.fixture(scope="module")
def promptfoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the locked promptfoo, outside of the tree; no install script of a package runs."""
    if not shutil.which("npm"):
        pytest.skip("npm is not here")
    folder = tmp_path_factory.mktemp("promptfoo")
    for name in ("package.json", "package-lock.json", ".npmrc", "evaluate.mjs"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(command, cwd=folder, check=True, timeout=900)
    yield folder
    shutil.rmtree(folder / "node_modules", ignore_errors=True)


def theirs(folder: Path, text: str) -> list[dict[str, Any]]:
    (folder / "config.yaml").write_text(text, "utf-8")
    quiet = {
        "PROMPTFOO_DISABLE_TELEMETRY": "1",
        "PROMPTFOO_DISABLE_UPDATE": "1",
        "PROMPTFOO_CONFIG_DIR": str(folder),
    }
    environment = {**os.environ, **quiet, "AIMLAPI_API_KEY": KEY, "PROMPTFOO_DISABLE_REMOTE_GENERATION": "1"}
    done = subprocess.run(
        ["node", "evaluate.mjs", "config.yaml"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return sorted(told, key=lambda result: result["row"])


def test_promptfoo_takes_what_is_exported_and_says_the_same_about_ten_rows(promptfoo: Path, api: FakeAPI) -> None:
    api.play(script)
    client = ChatClient(Endpoint(api.url, KEY))
    made = plan(SUITE)
    lanes = tuple(replace(lane, price=PRICE) for lane in asking_lanes(SUITE, client, "gpt-4o-mini"))
    grader = grading_lane(made.grading, client, "gpt-4o-mini")
    results, _ = run(job.draft(SUITE, made, lanes, grader), lanes, grader, client)
    ours_sent = {request.prompt: request.body["messages"] for request in api.asked}
    api.requests.clear()
    text, left_out = writing.config_file(SUITE, "gpt-4o-mini", api.url)
    assert left_out == ()
    told = theirs(promptfoo, text)
    assert len(told) == len(ROWS) == 10
    for place, (key, name) in enumerate(results.rows):
        cell = results.cell(key, 0)
        assert [verdict.passed for verdict in cell.verdicts] == told[place]["checks"], (name, told[place]["why"])
        assert (cell.state == "passed") == told[place]["passed"]
    assert any(cell.state == "failed" for cell in results.cells.values())
    assert {request.prompt: request.body["messages"] for request in api.asked} == ours_sent
    assert reading.read(text)[0].rows == SUITE.rows
