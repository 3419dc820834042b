"""requirements.lock holds exact versions that satisfy requirements.txt; an audit passes only what was looked up."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from basics import ROOT
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

sys.path.insert(0, str(ROOT / "scripts"))

import lock

LINUX = {"sys_platform": "linux", "platform_machine": "x86_64", "platform_system": "Linux", "os_name": "posix"}
each_python = pytest.mark.parametrize("python", lock.PYTHONS)


def environment(python: str) -> dict[str, str]:
    told = {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    return {**default_environment(), **LINUX, **told}


def lines() -> list[str]:
    """The requirements of the lock file, each with its checksums on one line."""
    text = lock.LOCK.read_text("utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def locked(python: str) -> dict[str, str]:
    found = [Requirement(line.partition(" --hash")[0]) for line in lines()]
    here = [need for need in found if need.marker is None or need.marker.evaluate(environment(python))]
    versions = {canonicalize_name(need.name): str(need.specifier).removeprefix("==") for need in here}
    assert len(versions) == len(here), "every package once"
    return versions


def wanted(python: str) -> list[Requirement]:
    text = lock.WANTED.read_text("utf-8").splitlines()
    found = [Requirement(line) for line in text if line.strip() and not line.startswith("#")]
    return [need for need in found if need.marker is None or need.marker.evaluate(environment(python))]


@each_python
def test_every_requirement_is_locked_within_its_bounds(python: str) -> None:
    versions, needs = locked(python), wanted(python)
    assert len(needs) > 10
    for need in needs:
        version = versions.get(canonicalize_name(need.name))
        assert version and need.specifier.contains(version), f"{need} is locked as {version}: make lock"


def test_every_version_is_exact_and_has_its_checksum() -> None:
    exact = re.compile(r"[a-z0-9-]+==[\w.]+( ; [^#@]+?)?(\s+--hash=sha256:[0-9a-f]{64})+")
    assert [line for line in lines() if not exact.fullmatch(line)] == []


def test_the_lock_names_no_server() -> None:
    assert not re.search(r"https?:|index|@", lock.LOCK.read_text("utf-8"))


# ---- how it is made -------------------------------------------------------------------------------------


def pinned(name: str, version: str = "1.0", checksum: str = "aa", *requires: str) -> lock.Pinned:
    return lock.Pinned(name, version, checksum, requires)


def test_versions_that_differ_between_pythons_stand_apart() -> None:
    found = {python: {"same": pinned("same", "1.0", python)} for python in lock.PYTHONS}
    found["3.11"]["odd"] = pinned("odd", "1.9", "aa")
    found["3.12"]["odd"] = found["3.13"]["odd"] = pinned("odd", "2.0", "bb")
    assert lock.text(found).removeprefix(lock.HEADER).splitlines() == [
        'odd==1.9 ; python_version == "3.11" \\',
        "    --hash=sha256:aa",
        'odd==2.0 ; python_version == "3.12" or python_version == "3.13" \\',
        "    --hash=sha256:bb",
        "same==1.0 \\",
        "    --hash=sha256:3.11 \\",
        "    --hash=sha256:3.12 \\",
        "    --hash=sha256:3.13",
    ]


def test_a_requirement_of_another_python_alone_is_noticed() -> None:
    needs = ('backport; python_version >= "3.13"', 'extra-one; extra == "x"', "there")
    found = {"one": pinned("one", "1", "a", *needs), "there": pinned("there")}
    assert lock.conditional_packages(found, "3.12") == set()
    assert lock.conditional_packages(found, "3.13") == {"backport"}


# ---- the audit ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', 0, "nothing known against them"),
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1"}]}]}', 1, "a 1: CVE-1"),
        ('{"dependencies": [{"name": "a", "skip_reason": "not found"}]}', 2, "1 of 1 packages were not found"),
        (
            '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1"}]}, {"name": "b", '
            '"skip_reason": "not found"}]}',
            1,
            "a 1: CVE-1",
        ),
        ('{"dependencies": []}', 2, "Not audited"),
        ("no route to host", 2, "Not audited"),
        ("", 2, "Not audited"),
    ],
)
def test_an_audit_says_in_one_line_what_it_found_and_never_passes_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: str, status: int, words: str
) -> None:
    tool = tmp_path / "pip-audit"
    tool.write_text(f"#!{sys.executable}\nprint({answer!r})\n")
    tool.chmod(0o755)
    try:
        lock.audit(str(tool))
        left = 0
    except SystemExit as end:
        left = int(end.code or 0)
    assert left == status
    assert words in "".join(capsys.readouterr())
