"""The id that was chosen is the id that is sent: the server's list first, then the documents, then as typed."""

from __future__ import annotations

from typing import Any

import pytest
from live_lists import everything, row

from backend.catalog import Listing, ModelInfo, snapshot
from backend.catalog.merging import merged
from backend.catalog.server_list import bare, rich


def live(*rows: dict[str, Any], without: str = "") -> Listing:
    """The list of a server that has all models alive, and `rows`, but not `without`."""
    return merged(snapshot(), rich([given for given in everything(*rows)["data"] if given["id"] != without]))


# The provider's own documented entry of GET /v1/models.
DOCUMENTED = live(row("openai/gpt-4o", "gpt-4o"), without="gpt-4o-2024-08-06")
RENAMED = live(row("openai/gpt-4o"), without="gpt-4o-2024-08-06")


@pytest.mark.parametrize(
    ("listing", "typed", "sent"),
    [
        # The server's own list has it: its id, as it spells it.
        (DOCUMENTED, "gpt-4o", "openai/gpt-4o"),
        (DOCUMENTED, "GPT-4o", "openai/gpt-4o"),
        (DOCUMENTED, "openai/gpt-4o", "openai/gpt-4o"),
        (DOCUMENTED, "OpenAI/GPT-4O", "openai/gpt-4o"),
        (RENAMED, "gpt-4o", "openai/gpt-4o"),
        # The list has the model under another id only: never by itself.
        (DOCUMENTED, "gpt-4o-2024-08-06", "gpt-4o-2024-08-06"),
        (live(row("gemini-2.0-flash")), "google/gemini-2.0-flash", "google/gemini-2.0-flash"),
        (live(row("gemini-2.0-flash")), "gemini-2.0-flash", "gemini-2.0-flash"),
        # Retired: as typed, also under the bare names of the documents.
        *[
            (listing, name, name)
            for listing in (snapshot(), live())
            for name in (
                "gemini-2.0-flash",
                "google/gemini-2.0-flash",
                "gemini-2.0-flash-exp",
                "google/gemini-2.0-flash-exp",
                "claude-3-5-haiku-latest",
            )
        ],
        # Only the documents are known yet: their aliases are taken by the server as they are.
        (snapshot(), "gpt-4o", "gpt-4o"),
        (snapshot(), "openai/gpt-4o", "openai/gpt-4o"),
        (snapshot(), "claude-sonnet-4-5", "claude-sonnet-4-5"),
        (snapshot(), "GOOGLE/Gemini-2.5-Flash", "google/gemini-2.5-flash"),
        # A name that menus and people write is no id.
        (snapshot(), "Claude 3 Haiku", "anthropic/claude-3-haiku"),
        (live(), "claude 3.5 haiku", "claude-3-5-haiku-20241022"),
        (snapshot(), "magnum-v4", "anthracite-org/magnum-v4-72b"),
        # Nobody knows it.
        (live(), "acme/none", "acme/none"),
        (live(), "My Model", "My Model"),
        (Listing(), "gpt-4o", "gpt-4o"),
        # A server of one's own: its ids, letter by letter, and no cleverness.
        (Listing(bare(["llama3:8b", "Llama3"])), "llama3", "Llama3"),
        (Listing(bare(["Foo", "foo"])), "foo", "foo"),
        (Listing(bare(["Foo", "foo"])), "Foo", "Foo"),
        (Listing(bare([{"id": "llama3:8b", "name": "llama3"}])), "llama3", "llama3"),
        (Listing(bare([{"id": "a", "name": "My Model"}])), "my model", "a"),
        (Listing(bare([{"id": "a", "name": "My Model"}, {"id": "b", "name": "My Model"}])), "My Model", "My Model"),
    ],
)
def test_each_typed_name_asks_for_the_expected_id(listing: Listing, typed: str, sent: str) -> None:
    assert listing.resolve(typed) == sent


@pytest.mark.parametrize("listing", [snapshot(), live(), DOCUMENTED, RENAMED])
def test_no_name_becomes_an_id_that_the_list_does_not_have(listing: Listing) -> None:
    ids = {model.id for model in listing.known if model.listed_as or listing is snapshot()}
    for model in listing.known:
        for name in (*model.names, *model.documented_as):
            sent = listing.resolve(name)
            assert sent in ids or sent == name or " " in name, name


@pytest.mark.parametrize("listing", [live(), DOCUMENTED, RENAMED])
def test_every_model_on_offer_is_asked_for_by_the_id_of_the_list(listing: Listing) -> None:
    for model in listing.models:
        assert listing.resolve(model.id) == model.id
        assert model.retired or model.id in model.listed_as


def test_a_model_under_a_new_id_keeps_what_the_documents_know() -> None:
    model = DOCUMENTED.find("gpt-4o")
    assert (model.id, model.former_id) == ("openai/gpt-4o", "gpt-4o-2024-08-06")
    assert model.parameters == snapshot().find("gpt-4o").parameters
    assert DOCUMENTED.find(model.former_id) is model


def test_every_retired_model_has_a_successor_to_offer() -> None:
    for listing in (snapshot(), live()):
        for model in listing.known:
            if model.retired:
                other = listing.successor(model)
                assert other is not None, model.id
                assert not other.retired


def test_a_lost_developers_model_is_followed_by_one_of_its_family() -> None:
    other = snapshot().successor(snapshot().find("neversleep/llama-3.1-lumimaid-70b"))
    assert other is not None
    assert other.short_name.lower().startswith(("llama", "meta-llama"))


def test_an_unknown_model_has_no_successor() -> None:
    assert snapshot().successor(ModelInfo("acme/none")) is None
