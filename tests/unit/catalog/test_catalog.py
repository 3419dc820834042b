"""The picker is never empty, never waits, and survives whatever a server calls a list of models."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from basics import QUICK, ROOT
from catalog_models import RETIRED
from fake_api import FakeAPI, Reply, Request, html, reply

from backend.catalog import ID_LIMIT, Listing, ModelInfo, able, bundled, find, snapshot
from backend.catalog.server_list import bare
from backend.errors import APIError, NotAnAnswer
from backend.settings import DEFAULT_MODEL
from backend.text import clean
from backend.transport.client import ChatClient, Endpoint


class Lister(FakeAPI):
    """A server whose GET /models says anything."""

    listing: Reply = reply({"data": []})

    def _reply_to(self, request: Request) -> Reply:
        return self.listing if request.path.endswith("/models") else super()._reply_to(request)


def listed(client: ChatClient) -> tuple[str, ...]:
    """The ids that a server's bare list comes to."""
    return tuple(model.id for model in bare(client.get("models")))


def of(listing: Any) -> tuple[str, ...]:
    """The ids in a reply: a Reply as it is, anything else as JSON."""
    with Lister() as server:
        server.listing = listing if isinstance(listing, Reply) else reply(listing)
        client = ChatClient(Endpoint(server.url), QUICK)
        try:
            return listed(client)
        finally:
            client.close()


# ---- the bundled list -----------------------------------------------------------------------------------


def test_the_projects_own_model_comes_first() -> None:
    assert bundled()[0].id == DEFAULT_MODEL
    assert not bundled()[0].retired


def test_the_bundled_list_is_not_empty() -> None:
    assert sum(not model.retired for model in bundled()) > 100
    assert len({model.developer for model in bundled()}) > 10


def test_ids_are_unique_in_any_case_and_no_alias_is_the_id_of_another_model() -> None:
    ids = {model.id.lower(): model for model in bundled()}
    assert len(ids) == len(bundled()) and bundled() is bundled(), "read once"
    for model in bundled():
        for alias in model.aliases:
            assert ids.get(alias.lower(), model) is model, alias


def test_every_model_has_a_printable_id_and_sound_numbers() -> None:
    for model in snapshot().known:
        assert model.id == clean(model.id).strip() and model.id.isprintable()
        assert 0 < len(model.id) <= ID_LIMIT
        assert model.context_length is None or (type(model.context_length) is int and model.context_length > 255)
        assert all(low < high for low, high in model.limits.values()), model.id


def test_some_models_are_marked_as_retired() -> None:
    assert RETIRED
    assert find("google/gemini-2.0-flash").retired


SOURCE = json.loads((ROOT / "scripts" / "models_source.json").read_text("utf-8"))


def test_the_bundled_list_is_what_its_script_makes() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/models.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "up to date\n"), done.stderr


def test_every_name_the_project_began_with_finds_a_model_on_offer() -> None:
    names = {name for row in SOURCE for name in row.get("began_with", ())}
    assert len(names) > 70
    for name in names:
        assert find(name) in bundled(), name


def test_the_first_models_of_the_project_come_right_after_the_default() -> None:
    names = [name for model in bundled()[1:3] for name in model.names]
    assert names[:3] == ["google/gemini-2.0-flash", "gemini-2.0-flash", "google/gemini-2.0-flash-exp"]


def test_every_current_chat_model_is_on_offer() -> None:
    current = [
        row["id"] for row in SOURCE if row["status"] == "current" and row["endpoint"].endswith("completions")
    ]
    assert len(current) > 200
    offered = {name for model in bundled() for name in model.names}
    assert set(current) <= offered


def test_a_model_that_answers_on_another_endpoint_is_offered_with_it() -> None:
    other = {model.id for model in snapshot().known if model.answers_on == "responses"}
    assert len(other) == 10 and {"openai/o3-pro", "openai/gpt-5-1-codex", "openai/gpt-5-5-pro"} <= other
    assert {model.id for model in bundled()} & other == other - {"openai/gpt-5-pro"}, "that one is in no list"


def test_a_model_in_no_list_is_known_and_not_offered() -> None:
    unlisted = [model for model in snapshot().known if model.unlisted]
    assert unlisted
    assert not set(unlisted) & set(bundled())
    assert all(find(model.id).parameters for model in unlisted)


# ---- what a model takes ---------------------------------------------------------------------------------


def test_a_model_of_its_own_schema_takes_what_the_schema_lists() -> None:
    flash = find("google/gemini-2.5-flash")
    assert (flash.takes("image"), flash.takes("audio"), flash.takes("file")) == (True, False, False)
    assert find("google/gemini-3-5-flash").takes("audio")
    assert find("gpt-4o-mini").takes("file")


def test_a_generic_schema_promises_nothing() -> None:
    generic = ModelInfo("a", generic=True, parts=frozenset({"image_url"}), parameters=frozenset({"tools"}))
    assert generic.takes("image") is None
    assert generic.can("tools") is None
    hinted = ModelInfo("a", generic=True, parts=frozenset(), capabilities=frozenset({"vision", "tools"}))
    assert hinted.takes("image")
    assert hinted.can("tools")
    assert hinted.can("vision")
    assert hinted.takes("audio") is None


def test_nothing_is_known_of_an_unknown_model() -> None:
    unknown = ModelInfo("acme/rocket-1")
    assert unknown.takes("image") is unknown.takes("audio") is unknown.takes("file") is None
    assert unknown.can("tools") is unknown.lists("top_k") is unknown.limit("top_p") is None
    assert unknown.roles is None


def test_an_ability_missing_in_the_servers_own_list_is_denied() -> None:
    told = ModelInfo(
        "a", capabilities=frozenset({"streaming"}), inputs=frozenset({"text"}), confirmed=True, generic=True
    )
    assert told.takes("image") is told.takes("audio") is told.takes("file") is told.can("tools") is False
    assert told.can("reasoning") is None, "the list has no word for it"
    assert ModelInfo("a", inputs=frozenset({"text", "image"})).takes("image")


def test_a_schema_says_what_may_be_sent() -> None:
    flash = find("google/gemini-2.5-flash")
    assert flash.lists("temperature")
    assert flash.lists("top_k") is False
    assert flash.limit("top_p") == (0.01, 1)
    assert flash.limit("top_k") is None
    assert flash.roles is not None and "system" in flash.roles and "developer" not in flash.roles


def test_claude_takes_attachments_and_no_system_messages() -> None:
    claude = find("anthropic/claude-opus-4-5")
    assert claude.takes("image")
    assert claude.takes("file")
    assert claude.roles is not None and "system" not in claude.roles


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("image", "google/gemini-2.5-flash"),
        ("audio", "google/gemini-3-1-flash-lite"),
        ("file", "google/gemini-3-1-flash-lite"),
    ],
)
def test_there_is_a_model_for_every_kind_of_attachment(kind: Any, expected: str) -> None:
    found = able(kind)
    assert found is not None
    assert found.id == expected
    assert found.takes(kind)
    assert not found.retired


def test_a_model_with_a_schema_of_its_own_is_offered_before_a_better_known_one() -> None:
    parts = frozenset({"image_url"})
    generic = ModelInfo("g", developer="Google", generic=True, inputs=frozenset({"image"}))
    own, known = ModelInfo("a", developer="Acme", parts=parts), ModelInfo("o", developer="OpenAI", parts=parts)
    gone = ModelInfo("x", developer="Google", parts=parts, retired=True)
    assert Listing((gone, generic, own, known)).able("image") == known
    assert Listing((gone, generic, own)).able("image") == own
    assert Listing((gone, generic)).able("image") == generic
    assert Listing((gone,)).able("image") is None


# ---- what a server lists --------------------------------------------------------------------------------


def test_a_server_is_asked_for_its_models(client: ChatClient, api: FakeAPI) -> None:
    assert listed(client) == ("fake/alpha", "fake/beta", "google/gemini-2.5-flash")
    assert api.requests[0].path == "/v1/models"


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"data": [{"id": "b"}, {"id": "a"}, {"id": "c"}]}, ("b", "a", "c")),  # in the server's order
        ([{"id": "a"}, {"id": "b"}], ("a", "b")),
        ({"data": ["a", "b"]}, ("a", "b")),
        (["a", "b"], ("a", "b")),
        ({"object": "list", "data": {"id": "a", "object": "model"}}, ("a",)),
        ({"data": {"0": {"id": "a"}, "1": {"id": "b"}}}, ("a", "b")),
        ({"data": {"a": {"id": "a"}, "b": {"name": "B"}, "c": {}, "d": None, "7": {}}}, ("a", "b", "c")),
        ({"data": [{"id": "a"}, {"id": "b"}, {"id": "a"}, {"id": " a "}]}, ("a", "b")),  # each once
        *((none, ()) for none in (None, 5, {}, [])),
        *(({"data": none}, ()) for none in (None, {}, "a", 5)),
    ],
)
def test_a_list_is_read_in_whatever_shape_it_comes(body: Any, ids: tuple[str, ...]) -> None:
    assert of(body) == ids


@pytest.mark.parametrize(
    "row", [None, 5, True, {}, [], ["a"], {"id": None}, {"id": 5}, {"id": ["a"]}, {"name": "a"}]
)
def test_a_row_that_is_none_hides_no_other(row: Any) -> None:
    assert of({"data": [{"id": "a"}, row, {"id": "b"}]}) == ("a", "b")


@pytest.mark.parametrize(
    "none",
    ["", " ", "\n", "\x00", "\x1b\x07", "\t\r\n", "a\nb", "a\r\nb", "a\u2028b", "a\u202eb", "a\tb", "a\u200bb"],
    ids=ascii,
)
def test_an_id_is_one_line_that_can_be_read(none: str) -> None:
    assert of({"data": [{"id": none}, {"id": "a"}]}) == ("a",)


def test_an_id_is_text_without_control_characters_and_half_characters() -> None:
    assert of({"data": [{"id": "a\x00b\x1b[31m"}]}) == ("ab[31m",)
    assert of(reply('{"data": [{"id": "a\\ud83d"}]}')) == ("a\ufffd",)
    hostile = '<img src="https://evil.example/x.png">'
    assert of({"data": [{"id": hostile}]}) == (hostile,)


def test_an_id_of_a_million_characters_is_cut() -> None:
    (found,) = of({"data": [{"id": "x" * 1_000_000}]})
    assert len(found) == ID_LIMIT


NO_ANSWERS = [html("Welcome"), reply("not json"), reply("")]
REFUSED = [reply("[" * 100_000), *(reply({"error": {"message": "No."}}, status) for status in (401, 403, 404, 500))]


@pytest.mark.parametrize(
    ("listing", "error"), [*((one, NotAnAnswer) for one in NO_ANSWERS), *((one, APIError) for one in REFUSED)]
)
def test_a_page_or_a_refusal_in_place_of_a_list_is_an_error(listing: Reply, error: type[APIError]) -> None:
    with pytest.raises(error):
        of(listing)
