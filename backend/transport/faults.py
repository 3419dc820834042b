"""Classifies network errors: of the server, of its certificate, of its scheme, or of a proxy on the way."""

from __future__ import annotations

import http.client
import re

import requests
import urllib3

from backend import errors
from backend.keys.redaction import NO_KEY, Redactor
from backend.transport import certificates

_NO_TLS = (
    "WRONG_VERSION_NUMBER",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
    "UNKNOWN_PROTOCOL",
    "HTTP_REQUEST",
)
_TLS_ALERT = "\x15\x03"  # RFC 8446, 5.1: how an https server answers http
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")  # http.client
_PROXY = (
    "It comes from the network's side: this app asks by way of a proxy (HTTP_PROXY, HTTPS_PROXY or the settings of "
    "the system). Check its address and that it runs, or name the server in NO_PROXY and start this app again."
)
NO_PROXY_ADDRESS = "What is set for a proxy is not an address."
# OpenSSL's certificate errors: title and hint in place of those of the class.
_CERTIFICATES = {
    "has expired": (
        "The server's certificate has expired.",
        "Nothing was sent. Whoever runs the server has to renew it. Or the date of this computer is wrong.",
    ),
    "not yet valid": (
        "The server's certificate is not valid yet.",
        "Nothing was sent. Most likely the date of this computer is wrong: correct it, then try again.",
    ),
    "not valid for": (
        "The server's certificate is for another address.",
        "Nothing was sent. Check the address under Connection. A hotspot that wants a sign-in does this too.",
    ),
}


def api_error(fault: Exception, redactor: Redactor = NO_KEY) -> errors.APIError | None:
    """The error for a network exception; None for a defect of this program."""
    words, whole = _words(fault), str(fault)
    text = redactor.redact(words)  # without controls, of which an alert of TLS is made
    match fault:
        case requests.exceptions.SSLError():
            return of_tls(whole, text)
        case requests.exceptions.ProxyError():
            tunnel = _TUNNEL.search(whole)
            return of_proxy(int(tunnel[1]) if tunnel else None, text)
        case requests.exceptions.InvalidProxyURL():
            return of_proxy(None, title=NO_PROXY_ADDRESS)
        case requests.exceptions.InvalidSchema() if "SOCKS" in whole:
            hint = "Set HTTPS_PROXY to an HTTP proxy, or name the server in NO_PROXY, and start this app again."
            return of_proxy(
                None, title="A SOCKS proxy is set, and this app speaks only to HTTP proxies.", hint=hint
            )
        # A read can time out during the TLS or proxy handshake; later our own deadlines are shorter.
        case requests.exceptions.ConnectTimeout() | requests.exceptions.ReadTimeout():
            return errors.ConnectionFailed(text, title="The server did not take the connection in time.")
        case (
            requests.exceptions.InvalidURL()
            | requests.exceptions.InvalidSchema()
            | requests.exceptions.MissingSchema()
            | urllib3.exceptions.LocationParseError()
        ):
            return errors.BadInput(
                title="The base URL is not an address.", hint="It looks like https://api.example.com/v1."
            )
        case OSError() if "CA certificate bundle" in text:  # requests looks before it connects
            name = certificates.variable()
            return errors.CertificateRefused(
                title="The file of trusted certificates is not there.",
                hint=f"Nothing was sent. {name} names it in the environment of this app: correct or remove it.",
            )
        case requests.exceptions.InvalidHeader() if isinstance(fault.args[0], Exception):  # one of the reply
            return errors.ConnectionFailed(text, title="The connection broke before an answer came.")
        case requests.exceptions.InvalidHeader():
            return errors.BadInput(title="The API key contains characters that no key has.")
        case requests.exceptions.ConnectionError() if words.startswith(_TLS_ALERT):
            return errors.WrongScheme()
        case requests.exceptions.ConnectionError():
            return _of_connection(text, whole)
        case urllib3.exceptions.DecodeError() | requests.exceptions.ContentDecodingError():
            return errors.NotAnAnswer(
                text,
                title="The server's answer could not be unpacked.",
                hint="It is not compressed in the way it says. Try again, or another server.",
            )
        case requests.RequestException() | urllib3.exceptions.HTTPError() | http.client.HTTPException() | OSError():
            return errors.CutOff(text)
    return None


def of_proxy(status: int | None, detail: str = "", *, title: str = "", hint: str = "") -> errors.APIError:
    """The error of a proxy that replied with a status, or (None) could not be reached."""
    if status == 407:
        return errors.from_response(407, detail, {})
    if status == 403:
        title = "The proxy on the way does not let requests through to this address."
    elif status:
        title = "The proxy on the way could not reach the server."
    return errors.ConnectionFailed(
        detail,
        title=title or "The proxy could not be reached.",
        hint=hint or _PROXY,
        status=status,
        retryable=status is not None and status >= 500,
    )


def of_tls(whole: str, text: str = "") -> errors.APIError:
    """The error of a failed TLS handshake: `whole` is OpenSSL's message, `text` the part to show."""
    if "certificate" in whole.lower():
        title, hint = next((words for mark, words in _CERTIFICATES.items() if mark in whole), ("", ""))
        return errors.CertificateRefused(text, title=title, hint=hint)
    if any(mark in whole for mark in _NO_TLS):
        title, hint = errors.WrongScheme.PLAIN
        return errors.WrongScheme(title=title, hint=hint)  # its words are OpenSSL's, not the server's
    return errors.ConnectionFailed(text)


def _of_connection(text: str, whole: str) -> errors.APIError:
    if "NameResolutionError" in whole or "getaddrinfo" in whole:
        return errors.ConnectionFailed(text, title="The server's name could not be found.")
    if "Connection refused" in whole:
        return errors.ConnectionFailed(
            text,
            title="Nothing answers at the server's address.",
            hint="Start its program, or check the address under Connection, then try again.",
        )
    if "NewConnectionError" in whole or "refused" in whole:
        return errors.ConnectionFailed(text)
    return errors.ConnectionFailed(text, title="The connection broke before an answer came.")


def _words(fault: BaseException) -> str:
    """The message of the innermost of nested exceptions: the outer ones contain Python's repr of it."""
    for _ in range(10):
        inside = [fault.__cause__, getattr(fault, "reason", None), *fault.args]
        inner = next((item for item in inside if isinstance(item, BaseException)), None)
        if inner is None or not any(letter.isalpha() for letter in str(inner)[2:]):
            break
        fault = inner
    first = fault.args[0] if fault.args else ""
    return first.strip() if isinstance(first, str) and first else str(fault)
