"""SECURITY.md: each promise names tests that exist."""

from __future__ import annotations

import re

from basics import ROOT

WORDS = (ROOT / "SECURITY.md").read_text("utf-8")


def promises() -> list[str]:
    told = WORDS.split("## Promised")[1].split("## Not promised")[0]
    return re.findall(r"^- .+?(?=\n-|\n\n|\Z)", told, re.MULTILINE | re.DOTALL)


def test_each_promise_names_the_tests_that_hold_it() -> None:
    assert len(promises()) >= 10
    for promise in promises():
        named = re.findall(r"`([\w/]*test_\w+)`", promise)
        assert named, promise
        for name in named:
            assert (ROOT / "tests" / f"{name}.py").exists(), name


def test_the_security_page_is_short_and_linked_from_the_readme() -> None:
    assert len(WORDS.splitlines()) < 120
    assert "(SECURITY.md)" in (ROOT / "README.md").read_text("utf-8")
