"""`python -m backend.formats.imports FILE`: the command on the server, with its words and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from basics import ROOT

from backend.conversation.tree import Conversation
from backend.formats import archive
from backend.formats.archive import Record
from backend.formats.imports.__main__ import main
from backend.store import Store
from backend.types import Message

NAMES = {"own.json": "Written here", "requests.jsonl": "A request"}


def files(folder: Path) -> list[str]:
    """An export of this playground, and requests in lines."""
    conversation = Conversation()
    conversation.graft([Message("user", NAMES["own.json"]), Message("assistant", "Yes.")], None)
    (folder / "own.json").write_text(archive.export(Record(conversation, NAMES["own.json"])))
    request = {"model": "m", "messages": [{"role": "user", "content": NAMES["requests.jsonl"]}]}
    (folder / "requests.jsonl").write_text(json.dumps(request))
    return [str(folder / name) for name in NAMES]


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("PLAYGROUND_SHARED", "")
    return url


def kept(url: str, owner: str = "local") -> list[str]:
    store = Store.open(url)
    try:
        return sorted(summary.title for summary in store.conversations(owner))
    finally:
        store.close()


@pytest.mark.slow
def test_the_command_takes_files_of_several_kinds_in(tmp_path: Path, url: str) -> None:
    command = [sys.executable, "-m", "backend.formats.imports", *files(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "2 conversations imported for 'local', 0 were here already.\n"
    assert kept(url) == sorted(NAMES.values())


def test_a_second_import_adds_nothing_unless_told_to(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = files(tmp_path)
    assert main(names) == main(names) == 0
    assert "0 conversations imported for 'local', 2 were here already." in capsys.readouterr().out
    assert len(kept(url)) == 2
    assert main([*names, "--again"]) == 0
    assert len(kept(url)) == 4


def test_a_bad_file_is_named_and_the_others_are_imported(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.json").write_text('{"messages": [{"role": "us')
    assert main([str(tmp_path / "bad.json"), *files(tmp_path)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "2 conversations imported for 'local', 0 were here already."
    assert said[1].startswith("Not imported: bad.json") and "cut off" in said[1]
    assert kept(url) == sorted(NAMES.values())


def test_a_wrong_call_is_refused_before_anything_is_read(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = files(tmp_path)
    assert main([*names, "nowhere.json"]) == 2
    assert capsys.readouterr().err == "There is no file nowhere.json.\n"
    monkeypatch.setenv("PLAYGROUND_SHARED", "1")
    assert main(names) == 2
    assert "say with --owner" in capsys.readouterr().err
    assert main([*names, "--owner", "ann"]) == 0
    assert kept(url) == [] and len(kept(url, "ann")) == 2


def test_an_unusable_database_is_reported(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("a file where a folder belongs")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'file' / 'kept.db'}")
    assert main(files(tmp_path)) == 1
    assert capsys.readouterr().err.strip()
