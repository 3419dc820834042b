"""The files in deploy/ fit each other and the app: what the image holds is enough to run, and ports are told alike.

No image is built here. The app runs from a folder with the very files that the Dockerfile copies.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from contextlib import closing
from fnmatch import fnmatch
from pathlib import Path

import browser
import pytest
from basics import KEY
from browser import ROOT, App
from fake_api import USAGE, FakeAPI, stream
from wire import Wire, sent_text

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
COMPOSE = (ROOT / "deploy" / "compose.yaml").read_text("utf-8")
NGINX = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")


def copied() -> list[tuple[str, str]]:
    """What the Dockerfile takes from the project: (source, target)."""
    found = re.findall(r"(?m)^COPY (?!--from)(\S+) (\S+)$", DOCKERFILE)
    assert len(found) >= 6
    return found


def let_in(path: str) -> bool:
    """What Docker makes of .dockerignore: the last line that fits a path, or a folder above it, decides."""
    inside = True
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.lstrip("!")
        if not pattern or pattern.startswith("#"):
            continue
        places = [path, *(str(parent) for parent in Path(path).parents if str(parent) != ".")]
        deep = pattern.removeprefix("**/")
        if any(
            fnmatch(place, pattern) or (deep != pattern and fnmatch(Path(place).name, deep)) for place in places
        ):
            inside = line.startswith("!")
    return inside


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of the image; apps are started from it."""
    for source, target in copied():
        if source == "requirements.lock":
            continue
        place = tmp_path / target / (Path(source).name if target.endswith("/") else "")
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, place)
    monkeypatch.setattr(browser, "ROOT", tmp_path)
    return tmp_path


def test_the_app_runs_from_the_files_of_the_image_alone(image: Path, api: FakeAPI) -> None:
    api.play(stream("From the image.", usage=USAGE))
    with closing(App(f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{api.url}"\n')) as app:
        visitor = Wire(app)
        assert b"What would you like to ask?" in visitor.seen
        assert b"From the image." in visitor.run(**{visitor.widget("composer"): sent_text("Hello")})
        for page in ("Tools", "Compare", "Models", "History"):
            assert b"Traceback" not in Wire(app).run(page)


def test_every_copied_file_is_in_the_build_context_and_no_secret_is() -> None:
    for source, _ in copied():
        assert (ROOT / source).exists() and let_in(source), source
    assert let_in("backend/store/rows.py") and let_in("components/style.css")
    for outside in (".env", ".streamlit/secrets.toml", "deploy/.env", "playground.db", ".git/config", "tests/a.py"):
        assert not let_in(outside), outside
    assert not let_in("backend/__pycache__/a.pyc")


def test_the_image_installs_what_is_locked_and_runs_as_nobody_in_particular() -> None:
    assert "--require-hashes -r /tmp/requirements.lock" in DOCKERFILE
    last = DOCKERFILE.rpartition("FROM ")[2]
    assert re.search(r"(?m)^USER (\d+)$", last) and "USER 0" not in last
    assert not re.search(r"(?i)(api_key|password|secret)\s*=", DOCKERFILE)
    python = re.search(r"FROM python:(3\.\d+)-slim", DOCKERFILE)
    assert python and python[1] in ("3.11", "3.12", "3.13"), "a Python that requirements.lock is made for"


def test_the_health_check_tells_a_running_app_from_none(api: FakeAPI) -> None:
    found = re.search(r'HEALTHCHECK .*CMD \["python", "-c", "(.*)"\]', DOCKERFILE)
    assert found

    def healthy(port: str, **more: str) -> bool:
        environment = {"STREAMLIT_SERVER_PORT": port, **more}
        command = [sys.executable, "-c", found[1]]
        return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0

    with closing(App(f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{api.url}"\n')) as app:
        port = app.url.rpartition(":")[2]
        assert healthy(port) and healthy("1", PORT=port)
        assert not healthy(port, STREAMLIT_SERVER_BASE_URL_PATH="/below")  # where it would answer then
    assert not healthy(port)


def test_the_image_listens_where_its_host_says(tmp_path: Path) -> None:
    found = re.search(r"(?m)^CMD (\[.*\])$", DOCKERFILE)
    assert found
    program = tmp_path / "streamlit"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)

    def told(**environment: str) -> str:
        environment |= {"PATH": f"{tmp_path}:/usr/bin:/bin", "STREAMLIT_SERVER_PORT": "8501"}
        return subprocess.run(
            json.loads(found[1]), env=environment, capture_output=True, text=True, check=True
        ).stdout

    assert told() == told(PORT="") == "run app.py --server.port 8501\n"
    assert told(PORT="10000") == "run app.py --server.port 10000\n"


def test_ports_and_names_are_the_same_in_compose_and_nginx() -> None:
    replicas = re.findall(r'(?m)^  (app-\d):\n.*\n    environment: .*STREAMLIT_SERVER_PORT: "(\d+)"', COMPOSE)
    assert len(replicas) == 2
    assert set(re.findall(r"server (app-\d):(\d+)", NGINX)) == set(replicas)
    assert re.findall(r"~:(\d+)\$", NGINX) == [port for _, port in replicas]
    fixed = dict(re.findall(r"(app-\d):(172[\d.]+)", COMPOSE))
    for name, _ in replicas:
        block = COMPOSE.partition(f"\n  {name}:\n")[2]
        assert re.search(r"ipv4_address: ([\d.]+)", block)[1] == fixed[name]  # type: ignore[index]
    assert re.search(r"listen (\d+);", NGINX)[1] == re.search(r'ports: \["\d+:(\d+)"\]', COMPOSE)[1]  # type: ignore[index]


def test_settings_that_replicas_share_are_written_once() -> None:
    assert COMPOSE.count("STREAMLIT_SERVER_COOKIE_SECRET:") == COMPOSE.count("DATABASE_URL:") == 1
    assert COMPOSE.count("<<: *environment") == COMPOSE.count("<<: *app") == 2
