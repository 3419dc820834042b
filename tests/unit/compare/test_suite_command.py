"""`python -m backend.compare suite.yaml`: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from basics import KEY
from fake_api import FakeAPI, by_prompt, error, stream

from backend import env_file
from backend.compare import __main__ as command

SUITE = """
format: llm-playground/suite
version: 1
name: Capitals
prompt: The capital of {{country}}?
lanes: [{model: fake/alpha}, {model: fake/beta, parameters: {temperature: 0.5}}]
checks: [{check: contains, value: "{{capital}}"}]
rows:
  - variables: {country: France, capital: Paris}
  - variables: {country: Peru, capital: Lima}
"""
PROMPTFOO = """
prompts: ["The capital of {{country}}?"]
providers: ["openai:chat:fake/alpha", "exec:rm -rf /"]
tests:
  - vars: {country: France}
    assert: [{type: contains, value: Paris}, {type: javascript, value: "process.exit(1)"}]
"""


@pytest.fixture(autouse=True)
def _server(api: FakeAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMLAPI_BASE_URL", api.url)
    monkeypatch.setenv("AIMLAPI_API_KEY", KEY)
    monkeypatch.setattr(env_file, "FILE", Path("/nowhere/.env"))  # not the one of this machine
    api.play(by_prompt({"France": stream("Paris"), "Peru": stream("Lima")}))


@pytest.fixture
def suite(tmp_path: Path) -> str:
    path = tmp_path / "suite.yaml"
    path.write_text(SUITE)
    return str(path)


def test_the_command_ends_with_0_where_every_check_passes(suite: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([suite]) == 0
    printed = capsys.readouterr().out
    assert "fake/beta · temperature 0.5" in printed
    assert "4 of 4 passed." in printed


def test_the_command_ends_with_1_where_a_row_fails(
    suite: str, api: FakeAPI, capsys: pytest.CaptureFixture[str]
) -> None:
    api.play(by_prompt({"France": stream("Rome"), "Peru": error(400, f"Not with {KEY}.")}))
    assert command.main([suite]) == 1
    printed = capsys.readouterr().out
    assert 'contains "Paris": does not contain "Paris"' in printed
    assert "2 failed, 2 without an answer" in printed
    assert KEY not in printed


def test_results_are_json_on_demand_and_the_next_run_asks_only_failures(
    suite: str, api: FakeAPI, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "results.json"
    api.play(by_prompt({"France": stream("Paris"), "Peru": stream("Quito")}))
    assert command.main([suite, "--json", "--output", str(kept)]) == 1
    printed = capsys.readouterr().out
    assert json.loads(printed)["counts"] == {"waiting": 0, "passed": 2, "failed": 2, "error": 0}
    assert json.loads(kept.read_text()) == json.loads(printed)
    assert KEY not in printed
    api.play(stream("Lima"))
    api.requests.clear()
    assert command.main([suite, "--since", str(kept), "--failed"]) == 0
    assert len(api.asked) == 2
    assert "pass (was failing)" in capsys.readouterr().out


def test_a_promptfoo_file_runs_and_its_unknown_parts_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "promptfooconfig.yaml"
    path.write_text(PROMPTFOO)
    assert command.main([str(path)]) == 0
    printed = capsys.readouterr()
    assert "1 of 1 passed" in printed.out
    assert "Not imported: providers[1]" in printed.err
    assert (
        "Not imported: tests[0].assert[0]".replace("[0]", "[1]", 2).replace("tests[1]", "tests[0]") in printed.err
    )


def test_rows_may_come_from_a_table_and_a_suite_goes_to_promptfoo(
    suite: str, tmp_path: Path, api: FakeAPI, capsys: pytest.CaptureFixture[str]
) -> None:
    table, out = tmp_path / "rows.csv", tmp_path / "out.yaml"
    table.write_text("country,capital\nPeru,Lima\n")
    assert command.main([suite, "--rows", str(table)]) == 0
    assert "2 of 2 passed" in capsys.readouterr().out
    asked = len(api.asked)
    assert command.main([suite, "--export", str(out)]) == 0
    assert "openai:chat:fake/alpha" in out.read_text() and KEY not in out.read_text()
    assert len(api.asked) == asked


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "a: 1",
        "a: &a [*a]",
        SUITE.replace("contains", "haiku"),
        SUITE.replace("capital: Lima", "river: Rimac"),
    ],
)
def test_an_invalid_suite_ends_with_2_in_words_and_asks_nothing(
    text: str | None, tmp_path: Path, api: FakeAPI, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "suite.yaml"
    if text is not None:
        path.write_text(text)
    assert command.main([str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.err.strip() and not printed.out
    assert api.asked == []


def test_a_file_for_the_results_that_cannot_be_written_is_told_before_anything_is_asked(
    suite: str, api: FakeAPI, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([suite, "--output", str(tmp_path / "gone" / "results.json")]) == 2
    assert "No such file or directory" in capsys.readouterr().err
    assert not api.requests
    assert command.main([suite, "--output", "/dev/full"]) == 2, "the disk gets full while it runs"
    printed = capsys.readouterr()
    assert "4 of 4 passed." in printed.out and "No space left" in printed.err
