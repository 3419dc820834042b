"""What the client sends and tells: the key, the request, the events of an answer, other pages of a server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from asking import done, failed, run
from basics import KEY, QUICK, ask
from fake_api import USAGE, FakeAPI, Reply, Request, chunk, completion, error, events, reply, stream

from backend import errors
from backend.transport.client import ChatClient, Endpoint
from backend.types import ChunkReceived, ResponseStarted

pytestmark = pytest.mark.usefixtures("no_backoff")


# ---- the key --------------------------------------------------------------------------------------------


def test_the_key_is_sent_to_its_server_and_printed_nowhere(api: FakeAPI, client: ChatClient) -> None:
    done(run(client), "You said: Hi")
    assert api.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(client.endpoint)
    assert KEY not in api.asked[0].raw.decode()
    assert KEY not in api.asked[0].path


def test_without_a_key_no_authorization_is_sent(api: FakeAPI) -> None:
    done(run(ChatClient(Endpoint(api.url), QUICK)), "You said: Hi")
    assert "authorization" not in api.asked[0].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_the_key_stays(api: FakeAPI, client: ChatClient, status: int) -> None:
    with FakeAPI() as other:
        api.play(reply(b"", status, {"Location": f"{other.url}/chat/completions"}))
        failed(run(client), errors.Redirected)
        assert len(api.asked) == 1
        assert other.requests == []
        assert other.connections == 0


def test_a_netrc_entry_does_not_replace_the_key(
    api: FakeAPI, client: ChatClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\ndefault login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    done(run(client), "You said: Hi")
    assert api.asked[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_name_and_password_in_the_address_do_not_replace_the_key(api: FakeAPI) -> None:
    endpoint = Endpoint(api.url.replace("http://", "http://someone:else@"), KEY)
    run(ChatClient(endpoint, QUICK))
    assert all(request.headers.get("authorization") == f"Bearer {KEY}" for request in api.asked)


def test_a_server_on_this_machine_is_asked_without_the_proxy(
    api: FakeAPI, client: ChatClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeAPI() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.origin)
        done(run(client), "You said: Hi")
        assert proxy.connections == 0


def test_a_proxy_of_the_environment_is_used_for_other_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeAPI() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.origin)
        done(run(ChatClient(Endpoint("http://chat.example.invalid/v1", KEY), QUICK)), "You said: Hi")
        assert proxy.asked[0].path == "http://chat.example.invalid/v1/chat/completions"


def test_a_cookie_of_one_answer_is_not_sent_with_the_next(api: FakeAPI, client: ChatClient) -> None:
    api.play(completion("Hello", headers={"Set-Cookie": "session=somebody; Path=/"}))
    run(client)
    run(client)
    assert "cookie" not in api.asked[1].headers


# ---- what is sent ---------------------------------------------------------------------------------------


def test_the_request_is_what_the_api_asks_for(api: FakeAPI, client: ChatClient) -> None:
    run(client, parameters={"temperature": 0.5, "top_p": None}, extra={"top_k": 3})
    (request,) = api.asked
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept"] == "text/event-stream"
    assert request.headers["accept-encoding"] == "identity"
    assert request.body == {
        "model": "fake/alpha",
        "messages": [{"role": "user", "content": "Hi"}],
        "temperature": 0.5,
        "top_k": 3,
        "stream": True,
    }


def test_every_request_has_an_id_that_the_api_accepts(api: FakeAPI, client: ChatClient) -> None:
    run(client)
    run(client)
    ids = [request.headers["x-client-request-id"] for request in api.asked]
    assert len(set(ids)) == 2
    assert all(re.fullmatch(r"[A-Za-z0-9._:-]{1,128}", made) for made in ids)


@pytest.mark.parametrize("slash", ["", "/", "//"])
def test_a_slash_at_the_end_of_the_base_url_changes_nothing(api: FakeAPI, slash: str) -> None:
    done(run(ChatClient(Endpoint(api.url + slash, KEY), QUICK)), "You said: Hi")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_json_lacks_is_refused_before_sending(api: FakeAPI, client: ChatClient, value: float) -> None:
    failed(run(client, parameters={"temperature": value}), errors.BadInput)
    assert api.requests == []


def test_any_text_reaches_the_server_as_it_was_and_half_a_character_is_no_trouble(client: ChatClient) -> None:
    done(run(client, prompt="Grüße 😀 \u2028 \"'\\"), "You said: Grüße 😀 \u2028 \"'\\")
    done(run(client, prompt="a\ud83d"), "You said: a\ufffd")


# ---- what is told ---------------------------------------------------------------------------------------


def test_the_events_come_in_their_order(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("Hello", usage=USAGE))
    kinds = [type(event).__name__ for event in client.chat(ask())]
    assert kinds[:2] == ["ResponseStarted", "ChunkReceived"]
    assert [kind for kind in kinds if kind not in ("ChunkReceived", "ResponseStarted")] == [
        "TextDelta",
        "Finished",
        "UsageReported",
    ]


def test_every_chunk_is_kept_as_it_came(api: FakeAPI, client: ChatClient) -> None:
    api.play(events('{"choices": [{"delta": {"content":   "Hi"}}]}', "{broken", "[DONE]"))
    kept = [event.raw for event in client.chat(ask()) if isinstance(event, ChunkReceived)]
    assert kept == ['{"choices": [{"delta": {"content":   "Hi"}}]}', "{broken"]


def test_the_cost_is_read_from_the_head_or_from_a_chunk(api: FakeAPI, client: ChatClient) -> None:
    api.play(
        [
            completion("Hello", headers={"x-aimlapi-usd-spent": "0.25"}),
            events(chunk({"content": "Hello"}, "stop"), {"meta": {"usage": {"usd_spent": 0.5}}}, "[DONE]"),
            completion("Hello", headers={"x-aimlapi-usd-spent": "a lot"}),
        ]
    )
    assert [run(client).message.cost for _ in range(3)] == [0.25, 0.5, None]


def test_the_head_of_the_reply_is_told_first(api: FakeAPI, client: ChatClient) -> None:
    api.play(completion("Hello", headers={"X-Inference-Id": "inf-1"}))
    turn = run(client)
    head = turn.events[0].event
    assert isinstance(head, ResponseStarted)
    assert (head.status, head.request_id) == (200, "inf-1")
    assert turn.message.request_id == "inf-1"


# ---- looking around -------------------------------------------------------------------------------------


def test_the_models_of_a_server_are_listed(api: FakeAPI, client: ChatClient) -> None:
    listing = client.get("models")
    assert isinstance(listing, dict)
    models = listing["data"]
    assert isinstance(models, list)
    assert models[0] == {"id": "fake/alpha", "object": "model"}
    assert client.check() == "Connected: 3 models."


class Unlisted(FakeAPI):
    """A server that chats and has no list of models, as Cloudflare's and Perplexity's."""

    absent = 404

    def _reply_to(self, request: Request) -> Reply:
        return error(self.absent) if request.path.endswith("/models") else super()._reply_to(request)


@pytest.mark.parametrize("absent", [404, 405, 501])
@pytest.mark.parametrize(
    "refused", [error(400), error(422), error(404, "The model `` does not exist"), completion("")]
)
def test_a_server_without_a_list_of_models_works_where_it_hears_of_chat(absent: int, refused: Reply) -> None:
    with Unlisted(refused) as api:
        api.absent = absent
        assert ChatClient(Endpoint(api.url, KEY), QUICK).check().startswith("Connected. This server has no list")
        assert api.asked[0].body == {}


@pytest.mark.parametrize(
    ("refused", "said"), [(error(401), errors.KeyRefused), (error(404), errors.AddressNotFound)]
)
def test_a_server_without_models_fails_where_it_knows_no_key_or_no_chat(
    refused: Reply, said: type[errors.APIError]
) -> None:
    with Unlisted(refused) as api, pytest.raises(said):
        ChatClient(Endpoint(api.url, KEY), QUICK).check()


def test_a_full_url_is_asked_only_on_the_keys_own_server(api: FakeAPI, client: ChatClient) -> None:
    assert client.get(f"{api.origin}/v2/billing") == {"current_balance": 12.34}
    with FakeAPI() as other:
        for url in (f"{other.origin}/v2/billing", f"{api.origin}.evil.invalid/", f"{api.origin}@evil.invalid/"):
            with pytest.raises(ValueError, match="own server"):
                client.get(url)
        assert other.connections == 0


def test_a_get_that_fails_raises_the_same_errors(api: FakeAPI, client: ChatClient) -> None:
    with pytest.raises(errors.AddressNotFound):
        client.get("nowhere")


def test_an_endpoint_knows_its_origin_and_its_kind() -> None:
    assert Endpoint("https://api.aimlapi.com/v1").origin == "https://api.aimlapi.com"
    assert Endpoint("https://api.aimlapi.com/v1").is_aimlapi
    assert not Endpoint("https://api.aimlapi.com.evil.example/v1").is_aimlapi
    assert not Endpoint("https://notaimlapi.com/v1").is_aimlapi
    assert Endpoint("http://localhost:8080/v1").is_loopback
    assert Endpoint("http://[::1]:8080/v1").is_loopback
    assert not Endpoint("http://127.0.0.1.evil.example/v1").is_loopback
