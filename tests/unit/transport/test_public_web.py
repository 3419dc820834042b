"""Addresses from strangers: the public internet by https, and nothing else, whatever a name says it is."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from basics import KEY, QUICK, ask, recorded_cases
from fake_api import FakeAPI
from hypothesis import given
from hypothesis import strategies as st
from secure import PUBLIC, Secure, resolve, trust
from streamlit.testing.v1 import AppTest
from visiting import Open, say, well

from backend import catalog, errors
from backend.transport import public_web
from backend.transport.client import ChatClient, Endpoint
from backend.transport.public_web import Blocked, check, fetch, is_public, problem


def blocked(url: str) -> bool:
    try:
        check(url, resolve)
    except Blocked:
        return True
    return False


# ---- which addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", recorded_cases("url_gate.jsonl"))
def test_the_recorded_cases(case: dict[str, str]) -> None:
    assert blocked(case["url"]) == (case["want"] == "block")
    over_tls = case["url"].replace("http://", "https://")
    assert blocked(over_tls) == (case["want"] == "block"), "not for its scheme alone"


@pytest.mark.parametrize(
    "url",
    [
        "http://good.com/v1",
        "HTTPS://good.com/v1",
        "https://good.com:22/v1",
        "https://good.com:0/v1",
        "https://good.com:65536/v1",
        "https://good.com:x/v1",
        "https://good.com\\@inside.com/v1",
        "https://me@good.com/v1",
        "https://good.com/v1?key=1",
        "https://good.com/v1#x",
        "https://good.com /v1",
        "https://good.com/v1\n",
        "https://gооd.com/v1",  # Cyrillic
        "https://good.com./v1",
        "https://.good.com/v1",
        "https:/good.com/v1",
        "https:good.com/v1",
        "https://",
        "https:///v1",
        "https://good/v1",
        "https://[good.com]/v1",
        "https://[v1.good.com]/v1",  # an address of a version that nobody has (RFC 3986)
        "https://[::1]/v1",
        "https://[fe80::1%25eth0]/v1",
        "https://::1/v1",
        "https://127.1/v1",
        "https://1.1.1.1.1/v1",
        "https://0x7f.0.0.0x1/v1",
        "https://localhost/v1",
        "https://printer.local/v1",
        "https://metadata.google.internal/v1",
        "https://a.test/v1",
        "https://" + "a." * 200 + "com/v1",
        "https://inside.com/v1",
        "https://both.com/v1",
        "https://mapped.com/v1",
        "https://nothing.com/v1",
        "https://many.com/v1",
        "https://odd.com/v1",
        "https://unknown.com/v1",
        "",
    ],
)
def test_addresses_not_plainly_public_are_blocked(url: str) -> None:
    assert blocked(url)


@pytest.mark.parametrize(
    "url",
    ["https://good.com", "https://good.com/v1/", "https://good.com:8443/v1", f"https://{PUBLIC}/v1",
     "https://[2606:2800:220:1:248:1893:25c8:1946]/v1"],
)  # fmt: skip
def test_the_public_internet_is_open(url: str) -> None:
    assert not blocked(url) and problem(url) == ""


@pytest.mark.parametrize(
    "inside",
    ["127.0.0.1", "10.0.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.100.100.200", "0.0.0.0",
     "168.63.129.16", "192.0.0.8", "198.19.0.1", "224.0.0.251", "255.255.255.255", "192.88.99.1", "203.0.113.5"],
)  # fmt: skip
def test_an_inner_address_is_inner_in_every_wrapping(inside: str) -> None:
    four = ipaddress.IPv4Address(inside)
    number = int(four)
    wrapped = [
        four,
        ipaddress.IPv6Address(number),  # ::a.b.c.d
        ipaddress.IPv6Address((0xFFFF << 32) | number),  # IPv4-mapped
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80)),  # 6to4
        ipaddress.IPv6Address((0x64FF9B << 96) | number),  # NAT64
        ipaddress.IPv6Address((0x20010000 << 96) | (number << 64)),  # Teredo, the server
        ipaddress.IPv6Address((0x20010000 << 96) | (0x01010101 << 64) | (number ^ 0xFFFFFFFF)),  # and the client
        ipaddress.IPv6Address((0xFFFF << 48) | number),  # SIIT (RFC 2765)
        ipaddress.IPv6Address((0x64FF9B0001 << 88) | number),  # NAT64 of a network's own
        *(ipaddress.IPv6Address((0x26064700 << 96) | (isatap << 32) | number) for isatap in (0x5EFE, 0x2005EFE)),
    ]
    assert not any(is_public(address) for address in wrapped)


@pytest.mark.parametrize("inside", ["::", "::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
                                    "2001:db8::1", "64:ff9b:1::1", "100::1", "fe80::1%lo", "3fff::1",
                                    "4000::1", "6000::1", "8000::1", "e000::1", "1::1", "100:0:0:1::1", "5f00::1",
                                    "::ffff:0:101:101", "::101:101", "::ffff:0:7f00:1", "64:ff9b::a00:1",
                                    "64:ff9b:0:0:1::101:101", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1",
                                    "2001:30::1", "2001:1::1", "2002:a00:1::1", "2606:4700::1%eth0",
                                    "::ffff:169.254.169.254", "::ffff:1.1.1.1%lo"])  # fmt: skip
def test_an_inner_address_of_version_6_is_inner(inside: str) -> None:
    assert not is_public(ipaddress.ip_address(inside))


@pytest.mark.parametrize("outside", [PUBLIC, "1.1.1.1", "2606:4700::1111", "64:ff9b::5db8:d822", "::ffff:1.1.1.1",
                                     "2a00:1450:4001:80b::200e", "2400:cb00:2048::1", "2c0f:fb50:4002::",
                                     "2001:200::1", "2001:4860:4860::8888",
                                     "2606:4700:0:0:0:5efe:101:101"])  # fmt: skip
def test_a_public_address_is_public(outside: str) -> None:
    assert is_public(ipaddress.ip_address(outside))


@given(st.text(max_size=60) | st.from_regex(r"https?://[\w.@:\[\]/\\%-]{0,40}", fullmatch=True))
def test_no_text_is_taken_for_an_address_by_accident(text: str) -> None:
    with pytest.raises(Blocked):
        check(text, lambda host, port: ["10.0.0.1"])


# ---- dialling ---------------------------------------------------------------------------------------------


def trusting(endpoint: Endpoint, secure: Secure) -> ChatClient:
    client = ChatClient(endpoint, QUICK)
    client._session.verify = str(secure.certificate)
    return client


def at(secure: Secure, host: str = "good.com") -> Endpoint:
    return Endpoint(f"https://{host}:{secure.port}/v1", public_only=True)


def test_the_address_that_was_checked_is_dialled_under_its_name(secure: Secure, api: FakeAPI) -> None:
    message = trusting(at(secure), secure).complete(ask("Hi", stream=False))
    assert message.content == "You said: Hi"
    assert secure.names == ["good.com"], "the name for the certificate"
    assert api.asked[0].headers["host"] == f"good.com:{secure.port}"
    assert secure.lookups == ["good.com"], "looked up once"  # type: ignore[attr-defined]


def test_a_stream_comes_through_and_connections_are_kept(secure: Secure, api: FakeAPI) -> None:
    client = trusting(at(secure), secure)
    for _ in range(2):
        assert client.complete(ask("Hi")).content == "You said: Hi"
    assert secure.names == ["good.com"]


def test_a_name_that_moves_inside_after_the_check_is_not_dialled(
    secure: Secure, api: FakeAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([[PUBLIC], ["10.0.0.1"]])
    monkeypatch.setattr(public_web, "_resolve", lambda host, port: next(answers))
    endpoint = at(secure)
    assert check(endpoint.base_url) == [PUBLIC]
    with pytest.raises(Blocked):
        trusting(endpoint, secure).complete(ask())
    assert not secure.names and not api.requests


def test_a_certificate_for_another_name_is_refused(
    secure: Secure, api: FakeAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_web, "_resolve", lambda host, port: ["127.0.0.1"])
    with pytest.raises(errors.CertificateRefused):
        trusting(at(secure, "other.com"), secure).complete(ask())
    assert not api.requests


def test_a_proxy_of_the_environment_is_not_asked(
    secure: Secure, api: FakeAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert trusting(at(secure), secure).complete(ask("Hi", stream=False)).content == "You said: Hi"


def test_a_redirect_is_not_followed(secure: Secure, api: FakeAPI) -> None:
    api.play(_redirect("http://169.254.169.254/latest"))
    with pytest.raises(errors.Redirected):
        trusting(at(secure), secure).complete(ask())
    assert len(api.requests) == 1


def _redirect(location: str) -> Any:
    from fake_api import reply

    return reply("", 302, {"Location": location})


@pytest.mark.parametrize("base", ["http://127.0.0.1:9/v1", "https://127.0.0.1/v1", "https://inside.com/v1"])
def test_a_client_for_strangers_reaches_nothing_inside(
    base: str, api: FakeAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_web, "_resolve", resolve)
    client = ChatClient(Endpoint(api.url if "9" in base else base, public_only=True), QUICK)
    for call in (lambda: client.complete(ask()), lambda: client.get("models"), client.check):
        with pytest.raises(Blocked):
            call()
    assert not api.requests


def test_a_list_of_models_goes_through_the_gate_too(api: FakeAPI) -> None:
    found = catalog.catalogue(Endpoint(api.url, public_only=True))
    metrics = catalog.metrics(Endpoint(api.url, public_only=True))
    found.listing, metrics.speeds  # noqa: B018
    assert found.wait(10) and metrics.wait(10)
    assert found.failure is not None and found.failure.kind == "Blocked"
    assert not api.requests
    open_ = catalog.catalogue(Endpoint(api.url))
    _ = open_.listing
    assert open_.wait(10) and open_.failure is None, "an owner's server is asked as ever"


# ---- reading a page -----------------------------------------------------------------------------------------


def page(
    monkeypatch: pytest.MonkeyPatch, secure: Secure, path: str = "/page?q=1#x", **caps: float
) -> public_web.Page:
    trust(monkeypatch, secure)
    return fetch(f"https://good.com:{secure.port}{path}", **caps)  # type: ignore[arg-type]


def test_a_page_is_read_as_text(secure: Secure, api: FakeAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    found = page(monkeypatch, secure, "/v1/models")
    assert '"fake/alpha"' in found.text and found.media_type == "application/json"


def test_a_page_that_is_too_large_is_refused(secure: Secure, api: FakeAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.AnswerTooLarge):
        page(monkeypatch, secure, "/v1/models", limit=20)


def test_a_page_inside_is_not_read(api: FakeAPI) -> None:
    for url in (api.url, "https://127.0.0.1/", "file:///etc/passwd", "ftp://good.com/", "https://localhost/"):
        with pytest.raises((Blocked, errors.BadInput)):
            fetch(url)
    assert not api.requests


# ---- in the app ---------------------------------------------------------------------------------------------


def typed(at: AppTest, address: str) -> AppTest:
    well(at.sidebar.selectbox(key="connection").set_value("other").run())
    return well(at.sidebar.text_input(key="base_url_typed").set_value(address).run())


@pytest.mark.parametrize("switch", ["0", "1"])
@pytest.mark.usefixtures("folds_open")
def test_guests_type_an_address_only_where_the_owner_lets_them(visit: Open, api: FakeAPI, switch: str) -> None:
    at = visit(AIMLAPI_BASE_URL=api.url, PLAYGROUND_SHARED="1", PLAYGROUND_GUEST_ADDRESSES=switch)
    assert ("Another server" in at.sidebar.selectbox(key="connection").options) is (switch == "1")


@pytest.mark.slow
@pytest.mark.usefixtures("folds_open")
def test_a_guests_address_goes_through_the_gate(visit: Open, api: FakeAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_web, "_resolve", resolve)
    with FakeAPI() as inside:
        at = visit(
            AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, PLAYGROUND_SHARED="1", PLAYGROUND_GUEST_ADDRESSES="1"
        )
        session = at.session_state["session"]
        for address in (inside.url, "https://127.0.0.1/v1", "https://localhost/v1", "https://good.com/v1?key=1"):
            at = typed(at, address)
            assert at.sidebar.error and session.connections.base_url == "", address
        at = typed(at, "https://inside.com/v1")
        assert not at.sidebar.error
        assert session.connections.base_url == "https://inside.com/v1", "its name is looked up later"
        well(at.sidebar.button(key="test").click().run())
        assert "not open here" in at.sidebar.error[0].value
        say(at, "Hi")
        assert "not open here" in at.error[0].value
        assert not inside.requests and not api.asked


@pytest.mark.usefixtures("folds_open")
def test_an_owners_own_app_asks_any_address_as_ever(visit: Open, api: FakeAPI) -> None:
    at = typed(visit(), api.url)
    well(at.sidebar.button(key="test").click().run())
    assert not at.sidebar.error and "Connected" in at.sidebar.success[0].value
