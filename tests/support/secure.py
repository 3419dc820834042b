"""A server with a certificate, at names that only these tests can resolve; and clients that trust it.

`https://good.com:<secure.port>` is at 127.0.0.1, behind it the scripted server of tests/support/fake_api.py.
"""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_api import FakeAPI

from backend.transport import public_web

PUBLIC = "93.184.216.34"
NAMES = {
    "api.aimlapi.com": [PUBLIC],
    "good.com": [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946"],
    "inside.com": ["10.0.0.7"],
    "both.com": [PUBLIC, "127.0.0.1"],
    "mapped.com": ["::ffff:10.0.0.1"],
    "192.168.1.250.nip.io": ["192.168.1.250"],
    "nothing.com": [],
    "many.com": [PUBLIC.replace("34", str(last)) for last in range(99)],
    "odd.com": ["not an address"],
}


def resolve(host: str, port: int) -> list[str]:
    if host == PUBLIC or ":" in host:
        return [host]
    if host not in NAMES:
        raise socket.gaierror(-2, "Name or service not known")
    return NAMES[host]


class Secure:
    """A server with a certificate for `good.com`, in front of a scripted one. `names`: those it was called by."""

    def __init__(self, folder: Path, behind: FakeAPI) -> None:
        self.behind = behind
        self.names: list[str] = []
        self.certificate = folder / "certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", folder / "key.pem", "-out", self.certificate, "-days", "2", "-subj", "/CN=good.com",
             "-addext", "subjectAltName=DNS:good.com"],
            check=True, capture_output=True,
        )  # fmt: skip
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate, folder / "key.pem")
        self._context.sni_callback = lambda _, name, __: self.names.append(name)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            secure = self._context.wrap_socket(plain, server_side=True)
        except OSError:
            return
        inner = socket.create_connection(("127.0.0.1", int(self.behind.url.split(":")[2].partition("/")[0])))
        for source, target in ((secure, inner), (inner, secure)):
            threading.Thread(target=_pump, args=(source, target), daemon=True).start()

    def close(self) -> None:
        self._listener.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        end.close()


@pytest.fixture
def secure(tmp_path: Path, api: FakeAPI, monkeypatch: pytest.MonkeyPatch) -> Iterator[Secure]:
    """`https://good.com:<port>` is at 127.0.0.1, which counts as public here and only here."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here, which makes the certificate")
    found = Secure(tmp_path, api)
    lookups: list[str] = []

    def resolved(host: str, port: int) -> list[str]:
        lookups.append(host)
        return ["127.0.0.1"] if host == "good.com" else resolve(host, port)

    monkeypatch.setattr(public_web, "_resolve", resolved)
    monkeypatch.setattr(public_web, "is_public", lambda found: str(found) in ("127.0.0.1", PUBLIC))
    found.lookups = lookups  # type: ignore[attr-defined]
    yield found
    found.close()


def trust(monkeypatch: pytest.MonkeyPatch, secure: Secure) -> None:
    """Every session made from here on believes the certificate of `secure`."""
    original = public_web.requests.Session.__init__

    def trusting_session(self: Any) -> None:
        original(self)
        self.verify = str(secure.certificate)

    monkeypatch.setattr(public_web.requests.Session, "__init__", trusting_session)
