"""What deploy/nginx.conf promises, with simple servers behind it: who is served by whom, what is added, what is let
through. The app itself behind it: tests/deploy/test_replicas.py."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
import streamlit
from nginx import SHIPPED, Nginx, add_certificate, binary, complaint, configuration, free_port

STREAM = "/_stcore/stream"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Replica:
    """A server that answers with its name, counts what it was sent, and can go away and come back."""

    def __init__(self, name: str) -> None:
        self.name, self.port = name, free_port()
        self.seen: list[BaseHTTPRequestHandler] = []
        self.read = threading.Event()
        self.start()

    def start(self) -> None:
        replica = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                replica.seen.append(self)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(replica.name.encode())
                if self.path == "/slow":
                    self.wfile.flush()
                    replica.read.wait(30)
                    self.wfile.write(b", at last")

            def do_PUT(self) -> None:
                size = 0
                if "chunked" in self.headers.get("Transfer-Encoding", ""):
                    while length := int(self.rfile.readline() or b"0", 16):
                        size += len(self.rfile.read(length))
                        self.rfile.readline()
                else:
                    size = len(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(str(size).encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def replicas() -> Iterator[tuple[Replica, Replica]]:
    with closing(Replica("first")) as first, closing(Replica("second")) as second:
        yield first, second


@pytest.fixture
def front(replicas: tuple[Replica, Replica]) -> Iterator[Nginx]:
    with Nginx(replicas[0].port, replicas[1].port) as started:
        yield started


def get(front: Nginx, path: str = "/", replica: str = "") -> requests.Response:
    cookies = {"playground_replica": replica} if replica else {}
    return requests.get(f"{front.url}{path}", cookies=cookies, timeout=30)


@pytest.mark.parametrize(("ci", "outcome"), [("true", "Failed"), ("", "Skipped")])
def test_tests_without_nginx_fail_under_ci(monkeypatch: pytest.MonkeyPatch, ci: str, outcome: str) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(BaseException, match="apt-get install nginx") as raised:
        binary()
    assert type(raised.value).__name__ == outcome


# ---- who is served by whom ------------------------------------------------------------------------------


@pytest.mark.parametrize(("cookie", "name"), [("1", "first"), ("2", "second")])
def test_a_visitor_stays_with_the_replica_of_the_cookie(front: Nginx, cookie: str, name: str) -> None:
    assert {get(front, path, cookie).text for path in ("/", STREAM, "/media/x", "/History") * 4} == {name}


def test_the_cookie_comes_with_the_websocket_and_names_who_has_answered(front: Nginx) -> None:
    for _ in range(6):
        came = get(front, STREAM)
        assert came.cookies["playground_replica"] == {"first": "1", "second": "2"}[came.text]
        assert "HttpOnly" in came.headers["Set-Cookie"] and "SameSite=Lax" in came.headers["Set-Cookie"]
    assert "Set-Cookie" not in get(front, "/").headers
    assert "Set-Cookie" not in get(front, "/static/js/index.js").headers


def test_new_visitors_are_spread_over_both(front: Nginx) -> None:
    assert {get(front).text for _ in range(20)} == {"first", "second"}


def test_a_cookie_that_names_nobody_is_as_good_as_none(front: Nginx) -> None:
    assert get(front, STREAM, "3; evil").text in ("first", "second")


def test_when_a_replica_is_down_the_other_keeps_visitors(replicas: tuple[Replica, Replica], front: Nginx) -> None:
    replicas[0].close()
    moved = get(front, STREAM, "1")
    assert (moved.text, moved.cookies["playground_replica"]) == ("second", "2")
    assert {get(front, "/", "").text for _ in range(6)} == {"second"}
    again = [get(front, STREAM, "1") for _ in range(4)]  # it is known to be down, and not even tried
    assert {(came.text, came.cookies["playground_replica"]) for came in again} == {("second", "2")}
    replicas[0].start()
    assert {get(front, STREAM, "2").text for _ in range(4)} == {"second"}, "what the tab has said is there"


def test_with_both_down_nginx_says_so_and_recovers(replicas: tuple[Replica, Replica], front: Nginx) -> None:
    for replica in replicas:
        replica.close()
    assert get(front, "/", "1").status_code == 502
    for replica in replicas:
        replica.start()
    assert any(get(front).status_code == 200 for _ in range(3))


# ---- what is passed on ----------------------------------------------------------------------------------


def test_words_are_passed_on_as_they_come(replicas: tuple[Replica, Replica], front: Nginx) -> None:
    with requests.get(f"{front.url}/slow", cookies={"playground_replica": "1"}, stream=True, timeout=30) as answer:
        assert answer.raw.read(5) == b"first"
        replicas[0].read.set()
        assert answer.raw.read() == b", at last"


def test_a_file_of_20_mb_goes_through_and_a_larger_one_does_not(front: Nginx) -> None:
    fits = requests.put(f"{front.url}/x", data=b"x" * (20 * 1024**2 + 4096), timeout=60)
    assert (fits.status_code, fits.text) == (200, str(20 * 1024**2 + 4096))
    assert requests.put(f"{front.url}/x", data=b"x" * (22 * 1024**2), timeout=60).status_code == 413


def test_the_app_learns_the_address_the_visitor_typed(replicas: tuple[Replica, Replica], front: Nginx) -> None:
    """With its port: Streamlit takes a websocket only from a page of the same host and port."""
    for path in ("/", STREAM):
        requests.get(f"{front.url}{path}", cookies={"playground_replica": "1"},
                     headers={"X-Forwarded-For": "6.6.6.6", "Upgrade": "websocket"}, timeout=30)  # fmt: skip
        headers = replicas[0].seen[-1].headers
        assert headers["Host"] == f"127.0.0.1:{front.port}"
        assert headers["X-Forwarded-For"] == "127.0.0.1", "what a visitor claims is not passed on"
        assert headers.get("Upgrade") == ("websocket" if path == STREAM else None)


def test_a_websocket_may_be_silent_for_longer_than_the_app_is() -> None:
    from streamlit.web.server.starlette.starlette_server import _get_websocket_settings

    location = SHIPPED.read_text("utf-8").partition(f"location = {STREAM}")[2].partition("}")[0]
    assert re.findall(r"proxy_(\w+)_timeout 1h;", location) == ["read", "send"]
    assert max(_get_websocket_settings()) < 3600


def test_the_figures_of_the_server_are_not_for_visitors(replicas: tuple[Replica, Replica], front: Nginx) -> None:
    assert get(front, "/_stcore/metrics").status_code == 404
    assert not replicas[0].seen and not replicas[1].seen


# ---- what is added --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/static/js/index.js", "/media/x", "/_stcore/health", "/_stcore/metrics"])
def test_the_policy_and_the_other_headers_are_everywhere(front: Nginx, path: str) -> None:
    headers = get(front, path).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy["script-src"]
    allowed = {"'self'", "'none'", "'unsafe-inline'", "data:", "blob:"}
    foreign = {word for words in policy.values() for word in words.split()} - allowed
    assert all(word.startswith("'sha256-") for word in foreign), "no other address"
    assert "microphone=(self)" in headers["Permissions-Policy"] and "camera=(self)" in headers["Permissions-Policy"]
    assert headers["Server"] == "nginx", "and not which"


def test_an_error_page_of_nginx_has_the_headers_too(replicas: tuple[Replica, Replica], front: Nginx) -> None:
    for replica in replicas:
        replica.close()
    headers = get(front).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    for replica in replicas:
        replica.start()  # to be closed in its turn


def test_the_policy_knows_the_script_in_the_page_of_this_streamlit() -> None:
    page = Path(streamlit.__file__).with_name("static") / "index.html"
    scripts = re.findall(r"<script>(.*?)</script>", page.read_text("utf-8"), re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert re.findall(r"'sha256-([^']+)'", SHIPPED.read_text("utf-8")) == hashes


def test_the_log_does_not_tell_what_links_hold(front: Nginx) -> None:
    get(front, "/History?s=secret-words&c=conversation-id")
    log = front.logged("GET /History ")
    assert "secret-words" not in log and "conversation-id" not in log


def test_the_example_for_a_certificate_is_one_that_nginx_takes(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here, which makes the certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem", "-days", "2", "-subj", "/CN=x"],
        check=True, capture_output=True,
    )  # fmt: skip
    plain = configuration(free_port(), (free_port(), free_port()), str(tmp_path))
    assert complaint(plain, tmp_path) == ""
    with_certificate = add_certificate(plain, free_port(), str(tmp_path))
    assert " ssl;" in with_certificate and "#tls " not in with_certificate
    assert complaint(with_certificate, tmp_path) == ""
    assert "emerg" in complaint(plain.replace("listen", "listne"), tmp_path)
