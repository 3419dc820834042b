"""The stage where nothing can be reached: an app and a browser in a network namespace that has a loopback only."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from basics import ROOT

ALONE = ("unshare", "--map-root-user", "--net")


@pytest.mark.long
def test_a_script_of_ten_steps_plays_to_its_end_where_neither_app_nor_browser_reaches_anything() -> None:
    try:
        subprocess.run([*ALONE, "true"], check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError) as refused:
        pytest.skip(f"a network namespace of one's own is not permitted here: {refused}")
    support = ROOT / "tests" / "support"
    ran = subprocess.run(
        [*ALONE, sys.executable, str(support / "offline_stage.py")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{support}"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "10 steps with 4 recordings to their end" in ran.stdout
