"""A login service on this machine, as OpenID Connect has it: discovery, consent, a code for a signed token.

It knows one client, whose requests it checks as a real one does: secret, redirect address, PKCE. `claims` are what
it says about whoever logs in next.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "playground", "of-this-test-only"


class LoginService:
    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.refused: list[str] = []
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.get(self)

            def do_POST(self) -> None:
                service.token(self)

            def log_message(self, *_: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def get(self, request: BaseHTTPRequestHandler) -> None:
        path, asked = urlsplit(request.path).path, parse_qs(urlsplit(request.path).query)
        if path == "/.well-known/openid-configuration":
            _reply(request, self._discovery())
        elif path == "/jwks":
            _reply(request, {"keys": [self.key.as_dict(private=False)]})
        elif path == "/authorize":
            self._authorize(request, {name: values[0] for name, values in asked.items()})
        else:
            _reply(request, {"error": "not_found"}, 404)

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def _authorize(self, request: BaseHTTPRequestHandler, asked: dict[str, str]) -> None:
        """Consent is given at once: the visitor comes back with a code."""
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        answer = urlencode({"code": code, "state": asked["state"]})
        request.send_response(302)
        request.send_header("Location", f"{asked['redirect_uri']}?{answer}")
        request.end_headers()

    def token(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"])).decode()
        given = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self.codes.pop(given.get("code", ""), None)
        if problem := self._problem(request, given, asked):
            self.refused.append(problem)
            _reply(request, {"error": "invalid_grant", "error_description": problem}, 400)
            return
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 600, "nonce": (asked or {}).get("nonce")}
        token = jwt.encode({"alg": "RS256", "kid": "1"}, {**claims, **self.claims}, self.key)
        _reply(request, {"access_token": "a", "token_type": "Bearer", "expires_in": 600, "id_token": token})

    def _problem(self, request: BaseHTTPRequestHandler, given: dict[str, str], asked: dict[str, str] | None) -> str:
        basic = f"Basic {base64.b64encode(f'{CLIENT}:{SECRET}'.encode()).decode()}"
        if request.headers.get("Authorization") != basic and given.get("client_secret") != SECRET:
            return "wrong client secret"
        if asked is None or asked["client_id"] != CLIENT or given.get("redirect_uri") != asked["redirect_uri"]:
            return "wrong code or redirect address"
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return "" if asked.get("code_challenge", challenge) == challenge else "wrong code verifier"


def _reply(request: BaseHTTPRequestHandler, body: object, status: int = 200) -> None:
    data = json.dumps(body).encode()
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(data)))
    request.end_headers()
    request.wfile.write(data)
