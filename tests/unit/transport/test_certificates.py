"""A company's own certificate authority is trusted where the environment names it, and nobody else's."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest
from asking import done, failed, run
from basics import KEY, QUICK
from fake_api import FakeAPI
from secure import Secure

from backend import errors
from backend.catalog import Catalogue
from backend.transport import certificates, public_web
from backend.transport.client import ChatClient, Endpoint

VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")

pytestmark = pytest.mark.usefixtures("no_backoff")


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def client(url: str) -> ChatClient:
    return ChatClient(Endpoint(url, KEY), QUICK)


@pytest.mark.parametrize("variable", VARIABLES)
def test_each_variable_names_an_authority_that_is_trusted(
    https: str, certificate: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    failed(run(client(https)), errors.CertificateRefused)
    monkeypatch.setenv(variable, f" {certificate} ")
    done(run(client(https)), "You said: Hi")


def test_a_folder_of_authorities_may_be_named(
    https: str, certificate: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "company.pem").write_text(certificate.read_text())
    _rehash(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    done(run(client(https)), "You said: Hi")


def _rehash(folder: Path) -> None:
    """OpenSSL finds a certificate in a folder by the hash of its name."""
    subprocess.run(["openssl", "rehash", folder], check=True, capture_output=True)


def test_the_first_variable_set_counts(https: str, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    monkeypatch.setenv("CURL_CA_BUNDLE", "")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    done(run(client(https)), "You said: Hi")


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_missing_file_is_named_by_its_variable_and_nothing_is_sent(
    api: FakeAPI, https: str, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "/nowhere/of-this-machine.pem")
    turn = run(client(https))
    failed(turn, errors.CertificateRefused)
    assert turn.error is not None
    assert variable in turn.error.hint and "of-this-machine" not in f"{turn.error.failure()}"
    assert api.requests == []


def test_a_file_without_certificates_trusts_nobody(
    https: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "empty.pem"))
    turn = run(client(https))
    assert turn.state == "failed"
    assert isinstance(turn.error, errors.CertificateRefused | errors.ConnectionFailed)


def test_the_words_name_the_way_to_trust_an_authority(https: str) -> None:
    turn = run(client(https))
    assert turn.error is not None
    assert all(name in turn.error.hint for name in VARIABLES)


def test_the_list_of_models_is_read_with_the_same_trust(
    https: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURL_CA_BUNDLE", str(certificate))
    catalogue = Catalogue(Endpoint(https, KEY), deadlines=QUICK)
    catalogue.refresh()
    assert catalogue.wait(10) and catalogue.failure is None and catalogue.listing.models


def test_a_public_page_is_read_with_the_same_trust(secure: Secure, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.CertificateRefused):
        public_web.fetch(f"https://good.com:{secure.port}/v1/models")
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.certificate))
    assert "fake/alpha" in public_web.fetch(f"https://good.com:{secure.port}/v1/models").text


def test_a_name_missing_in_the_certificate_is_refused(secure: Secure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secure.certificate))
    failed(run(client(f"https://127.0.0.1:{secure.port}/v1")), errors.CertificateRefused)


def test_the_systems_authorities_are_trusted_by_default(
    https: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def system(context: ssl.SSLContext) -> None:
        context.load_verify_locations(certificate)

    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", system)
    certificates.public_authorities.cache_clear()
    done(run(client(https)), "You said: Hi")
    public = certificates.public_authorities().cert_store_stats()["x509"]
    assert public > 100, "and those of Mozilla"
    monkeypatch.setenv("SSL_CERT_FILE", ssl.__file__)
    assert run(client(https)).state == "failed", "a file that is named is all that is trusted"
    certificates.public_authorities.cache_clear()
