"""The route for the files of results: one file for one tab, by pieces, and never as a page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from studio import files

from backend.studio.shelf import KeptFile, Shelf
from components.studio import route


@pytest.fixture
def kept(tmp_path: Path) -> KeptFile:
    with Shelf(tmp_path, "anna").new() as file:
        file.write(files()["clip.mp4"])
        return file.keep()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(route, "_serving", [])
    with TestClient(Starlette(routes=route.routes()), headers={"sec-fetch-site": "same-origin"}) as client:
        yield client


def test_a_file_comes_as_an_attachment_in_which_nothing_runs(browser: TestClient, kept: KeptFile) -> None:
    id_ = route.links.make(kept, 'a "clip"\r\nX: y.mp4', lambda: True)
    found = browser.get(f"/results?id={id_}")
    assert (found.status_code, found.content) == (200, files()["clip.mp4"])
    assert found.headers["content-disposition"].startswith("attachment;") and "x" not in found.headers
    assert found.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in found.headers["content-security-policy"]
    assert found.headers["content-type"] == "video/mp4"


def test_a_player_may_ask_for_a_part(browser: TestClient, kept: KeptFile) -> None:
    id_ = route.links.make(kept, "clip.mp4", lambda: True)
    part = browser.get(f"/results?id={id_}", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, files()["clip.mp4"][10:20])
    assert browser.get(f"/results?id={id_}", headers={"Range": "bytes=999999-"}).status_code == 416


def test_a_link_dies_with_its_tab_and_no_other_leads_to_the_file(browser: TestClient, kept: KeptFile) -> None:
    tab = [True]
    id_ = route.links.make(kept, "clip.mp4", lambda: tab[0])
    for other in ("", kept.id, kept.path.name, "../../etc/passwd", id_[:-1], str(kept.path)):
        assert browser.get("/results", params={"id": other}).status_code == 404
    tab[0] = False
    assert browser.get(f"/results?id={id_}").status_code == 404


def test_a_growing_sound_is_read_as_it_comes_and_found_when_whole(browser: TestClient, tmp_path: Path) -> None:
    shelf, sound, mark = Shelf(tmp_path, "anna"), files()["tone.wav"], "a" * 32
    assert shelf.growing(mark) is None and shelf.growing("../" + mark) is None
    with shelf.new(id_=mark) as growing:
        growing.write(sound[:600])
        begun = shelf.growing(mark)
        assert begun and begun.type.show == "audio"
        id_ = route.links.make(begun, "a.wav", lambda: True)

        def rest() -> None:
            growing.write(sound[600:])
            growing.keep()

        later = threading.Timer(0.3, rest)
        later.start()
        found = browser.get(f"/results?id={id_}")
        later.join()
    assert found.content == sound and found.headers["content-disposition"] == "attachment"
    assert found.headers["x-content-type-options"] == "nosniff"
    again = browser.get(f"/results?id={id_}", headers={"Range": "bytes=0-9"})
    assert (again.status_code, again.content) == (206, sound[:10]), "one can go back and forth in it now"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "http://[evil"},
        {"origin": "null"},
    ],
)
def test_another_site_gets_no_result(browser: TestClient, kept: KeptFile, headers: dict[str, str]) -> None:
    id_ = route.links.make(kept, "clip.mp4", lambda: True)
    assert browser.get(f"/results?id={id_}", headers=headers).status_code == 403
    assert browser.post(f"/results?id={id_}").status_code == 405
