"""The trusted certificate authorities: those in a file named in the environment, otherwise Mozilla's (certifi)
plus those of this system.

    REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE     a file, or a folder of files; the first that is set counts

A named file replaces all others, as in requests, curl and OpenSSL: a company's bundle contains the
public ones as well. The system's own are those of Linux and Windows, which Python reads by itself. It does NOT
read the Keychain of macOS: that would take a package that replaces the verification of every connection, and a
variable is sufficient.
"""

from __future__ import annotations

import os
import ssl
from functools import cache

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util.ssl_ import create_urllib3_context

VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def variable() -> str:
    """The environment variable that counts, "" for none."""
    return next((name for name in VARIABLES if os.environ.get(name, "").strip()), "")


def bundle() -> str:
    """The file or folder of certificates named in the environment, "" for none. It need not exist."""
    return os.environ.get(variable(), "").strip()


@cache
def public_authorities() -> ssl.SSLContext:
    """The default context for verification. One for all connections: reading about 300 certificates takes 70 ms."""
    context = create_urllib3_context()
    context.load_default_certs()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context
