"""Which certificate authorities are trusted: those of a file that the environment names, else Mozilla's (certifi)
and those of this system.

    REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE     a file, or a folder of files; the first that is set counts

A file that is named is all that is trusted, as it is to requests, curl and OpenSSL: a company's bundle holds the
public ones as well. The system's own are those of Linux and of Windows, which Python reads by itself. It does NOT
read the Keychain of macOS: a package that takes over how every connection is verified is much for that, and a
variable does it.
"""

from __future__ import annotations

import os
import ssl
from functools import cache

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util.ssl_ import create_urllib3_context

VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def variable() -> str:
    """The variable of the environment that counts, "" for none."""
    return next((name for name in VARIABLES if os.environ.get(name, "").strip()), "")


def bundle() -> str:
    """The file or folder of certificates that the environment names, "" for none. It need not be there."""
    return os.environ.get(variable(), "").strip()


@cache
def public_authorities() -> ssl.SSLContext:
    """What connections are verified by where no file is named. One for all of them: reading some 300 certificates
    takes 70 ms."""
    context = create_urllib3_context()
    context.load_default_certs()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context
