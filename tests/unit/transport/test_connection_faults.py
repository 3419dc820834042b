"""What goes wrong on the way to a server is said as what it is: a proxy, a certificate, a scheme, a page."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from asking import failed, raw, run
from basics import KEY, QUICK
from fake_api import CUT, FakeAPI, Reply, error, html, reply

from backend import errors
from backend.errors import APIError, side
from backend.transport.client import ChatClient, Endpoint

pytestmark = pytest.mark.usefixtures("no_backoff")
FAR = "chat.example.com/v1"


def fault(url: str, cls: type[APIError]) -> APIError:
    return failed(run(ChatClient(Endpoint(url, KEY), QUICK)), cls)


@contextmanager
def blunt(answer: bytes) -> Iterator[tuple[int, list[object]]]:
    """The port of a server that gives the same bytes to everybody, whatever is asked, and who came."""
    came: list[object] = []

    class Blunt(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            came.append(self.request.recv(65536))
            self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Blunt) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1], came
        server.shutdown()


# ---- a proxy on the way ---------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("status", "title", "tries"),
    [
        (407, "The network on the way to the server wants a login first.", 1),
        (403, "The proxy on the way does not let requests through to this address.", 1),
        (502, "The proxy on the way could not reach the server.", 3),
        (504, "The proxy on the way could not reach the server.", 3),
    ],
)
def test_a_proxys_refusal_is_not_called_the_servers_fault(
    monkeypatch: pytest.MonkeyPatch, scheme: str, status: int, title: str, tries: int
) -> None:
    page = b"<html><title>Squid</title></html>"
    head = b"HTTP/1.1 %d Refused\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(page))
    with blunt(head + page) as (port, came):
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://name:pass-word@127.0.0.1:{port}")
        said = fault(f"{scheme}://{FAR}", errors.ConnectionFailed)
    assert (said.title, side(type(said).__name__)) == (title, "network")
    assert "PROXY" in said.hint and "pass-word" not in f"{said.failure()}"
    assert len(came) == tries


@pytest.mark.parametrize(
    ("proxy", "title"),
    [
        ("http://pro xy:abc", "What is set for a proxy is not an address."),
        ("socks5://127.0.0.1:1080", "A SOCKS proxy is set, and this app speaks only to HTTP proxies."),
    ],
)
def test_a_proxy_fault_is_no_wrong_base_url(monkeypatch: pytest.MonkeyPatch, proxy: str, title: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    assert fault(f"http://{FAR}", errors.ConnectionFailed).title == title


def test_a_servers_own_refusal_stays_its_own_behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeAPI(error(403, "This key may not.")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert fault(f"http://{FAR}", errors.Forbidden).detail == "This key may not."


# ---- https and http -------------------------------------------------------------------------------------


def test_http_where_the_address_says_https_is_told() -> None:
    with blunt(b"HTTP/1.1 400 Bad Request\r\n\r\n") as (port, _):
        said = fault(f"https://127.0.0.1:{port}/v1", errors.WrongScheme)
    assert "no https" in said.title and "Nothing was sent" in said.hint


@pytest.mark.parametrize(
    "answer",
    [
        html("400 The plain HTTP request was sent to HTTPS port", 400),
        reply("Client sent an HTTP request to an HTTPS server.\n", 400),
        raw(bytes.fromhex("15030100020246"), CUT),
    ],
    ids=["nginx", "Go", "an alert of TLS"],
)
def test_https_where_the_address_says_http_is_told(answer: Reply) -> None:
    with FakeAPI(answer) as server:
        said = fault(server.url, errors.WrongScheme)
    assert said.title == errors.WrongScheme.title and "\x15" not in said.detail
    assert len(server.requests) <= 1


# ---- certificates and pages -----------------------------------------------------------------------------


def test_a_wrong_name_and_an_unknown_issuer_are_told_apart(
    https: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    said = fault(https.replace("127.0.0.1", "localhost"), errors.CertificateRefused)
    assert said.title == "The server's certificate is for another address."


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ("https://api.example.com/v1/chat/completions", "Use the final address"),
        ("https://wifi.example/in", "sign-in"),
    ],
)
def test_a_redirect_to_a_page_is_told_from_one_to_an_api(target: str, named: str) -> None:
    with FakeAPI(reply(b"", 302, {"Location": target})) as server:
        said = fault(server.url, errors.Redirected)
    assert named in said.hint and target in said.detail


def test_a_page_in_place_of_an_answer_may_be_a_hotspots() -> None:
    with blunt(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<html><title>Welcome</title></html>") as (port, _):
        client = ChatClient(Endpoint(f"http://127.0.0.1:{port}/v1", KEY), QUICK)
        assert "hotspot" in failed(run(client), errors.NotAnAnswer).hint
        with pytest.raises(errors.NotAnAnswer, match="a web page") as checked:
            client.check()
    assert "hotspot" in checked.value.hint


@pytest.mark.parametrize(
    ("head", "kind", "detail"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\n", errors.ConnectionFailed, "Length"),
        (b"HTTP/1.1 501 Unsupported method\r\nContent-Length: 0\r\n\r\n", errors.AddressNotFound, ""),
    ],
    ids=["two lengths", "a server of files"],
)
def test_a_server_that_is_none_for_chat_is_not_said_to_be_a_wrong_key(
    head: bytes, kind: type[errors.APIError], detail: str
) -> None:
    with blunt(head) as (port, _):
        assert detail in fault(f"http://127.0.0.1:{port}", kind).detail
