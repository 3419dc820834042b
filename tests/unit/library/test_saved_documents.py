"""Presets and tools in either database: kept, replaced by name, seen by their owner only, moved from old tables."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from threading import Thread

import pytest
from sqlalchemy import text
from store_talks import ME, WEIRD, YOU

from backend.library.prompts import MOST, NAME, TEXT, Prompt
from backend.library.saved_documents import PRESETS, SCRIPTS, SUITES, TOOLS, Document, DocumentKind, SavedDocuments
from backend.library.saved_prompts import SavedPrompts
from backend.store import Store, StoreError, Unavailable, engine, new_id, schema

both = pytest.mark.parametrize("kind", [PRESETS, TOOLS, SUITES], ids=lambda kind: kind.word)


def names(store: Store, kind: DocumentKind, owner: str = ME) -> list[str]:
    return [document.name for document in SavedDocuments(store, owner, kind).all()]


@both
def test_a_document_comes_back_and_is_deleted(store: Store, kind: DocumentKind) -> None:
    saved = SavedDocuments(store, ME, kind)
    assert not saved.save(Document("Mine", '{"a": 1}'))
    (found,) = saved.all()
    assert (found.name, found.text) == ("Mine", '{"a": 1}')
    saved.delete(found.id)
    assert saved.all() == ()
    with pytest.raises(StoreError, match=f"no such {kind.word}"):
        saved.delete(found.id)


@both
def test_the_newer_one_of_a_name_replaces_the_older(store: Store, kind: DocumentKind) -> None:
    saved = SavedDocuments(store, ME, kind)
    saved.save(Document("Mine", "one"))
    assert saved.save(Document(" Mine\n", "two"))
    assert [document.text for document in saved.all()] == ["two"]


def test_a_preset_is_one_name_in_any_case_and_a_tool_is_not(store: Store) -> None:
    for kind, count in ((PRESETS, 1), (TOOLS, 2)):
        for name in ("weather", "Weather"):
            SavedDocuments(store, ME, kind).save(Document(name, name))
        assert len(names(store, kind)) == count


def test_a_script_of_a_used_name_gets_a_number(store: Store) -> None:
    saved = SavedDocuments(store, ME, SCRIPTS)
    first, _ = saved.put(Document("Talk", "one"))
    second, replaced = saved.put(Document("talk", "two"))
    assert not replaced and names(store, SCRIPTS) == ["Talk", "talk (2)"]
    assert saved.put(Document("Talk", "changed", second))[0] == second
    assert names(store, SCRIPTS) == ["Talk", "Talk (2)"] and saved.one(first) == Document("Talk", "one", first)
    saved.delete(second)
    assert saved.put(Document("Talk", "back", second))[0] != second, "it was deleted elsewhere"


@both
def test_a_changed_document_stays_one_under_any_name(store: Store, kind: DocumentKind) -> None:
    saved = SavedDocuments(store, ME, kind)
    for name in ("a", "b"):
        saved.save(Document(name, name))
    a, _ = saved.all()
    assert not saved.save(Document("c", "changed", a.id))
    assert [(document.name, document.text) for document in saved.all()] == [("b", "b"), ("c", "changed")]
    assert saved.save(Document("b", "again", a.id))
    assert [(document.name, document.text) for document in saved.all()] == [("b", "again")]


@both
def test_presets_tools_and_prompts_of_one_name_do_not_meet(store: Store, kind: DocumentKind) -> None:
    SavedPrompts(store, ME).save(Prompt("Mine", "prompt"))
    SavedDocuments(store, ME, kind).save(Document("Mine", "document"))
    assert len(SavedPrompts(store, ME).prompts()) == 1 and names(store, kind) == ["Mine"]


@both
def test_nobody_else_can_see_or_touch_a_document(store: Store, kind: DocumentKind) -> None:
    SavedDocuments(store, ME, kind).save(Document("Mine", "x"))
    (mine,) = SavedDocuments(store, ME, kind).all()
    stranger = SavedDocuments(store, YOU, kind)
    assert stranger.all() == ()
    with pytest.raises(StoreError):
        stranger.delete(mine.id)
    stranger.save(Document("Mine", "stolen", mine.id))
    assert SavedDocuments(store, ME, kind).all() == (mine,)


@pytest.mark.parametrize("weird", WEIRD)
def test_any_text_can_be_kept(store: Store, weird: str) -> None:
    SavedDocuments(store, ME, PRESETS).save(Document("n" + weird, "t" + weird))
    (kept,) = SavedDocuments(store, ME, PRESETS).all()
    assert kept.text.startswith("t") and "\x00" not in kept.name + kept.text and len(kept.name) <= NAME
    with suppress(StoreError):
        SavedDocuments(store, ME, PRESETS).delete(weird)


@both
def test_documents_have_limits_of_size_and_number(store: Store, kind: DocumentKind) -> None:
    saved = SavedDocuments(store, ME, kind)
    for nothing in (Document(" \n", "x"), Document("x", " ")):
        with pytest.raises(StoreError, match="needs a name"):
            saved.save(nothing)
    with pytest.raises(StoreError, match=f"A {kind.word} has room for {kind.longest:,}"):
        saved.save(Document("x", "x" * (kind.longest + 1)))
    saved = SavedDocuments(store, ME, replace(kind, room=10))
    saved.save(Document("x", "x" * 10))
    with pytest.raises(StoreError, match=f"no room for more {kind.word}s"):
        saved.save(Document("y", "y"))
    assert saved.save(Document("x", "y" * 10)), "in place of the old one there is room"
    assert names(store, kind) == ["x"]
    assert (MOST, PRESETS.most, PRESETS.longest, SUITES.most) == (500, 500, TEXT, 50)


@both
def test_names_are_listed_without_texts_and_only_the_owner_reads_one(store: Store, kind: DocumentKind) -> None:
    saved = SavedDocuments(store, ME, kind)
    saved.save(Document("b", "text of b"))
    saved.save(Document("a", "text of a"))
    first, second = saved.names()
    assert [(one.name, one.text) for one in (first, second)] == [("a", ""), ("b", "")]
    assert saved.one(second.id) == Document("b", "text of b", second.id)
    assert saved.one("nonsense") is None
    assert SavedDocuments(store, YOU, kind).one(second.id) is None


@both
def test_tabs_that_save_one_name_at_once_keep_one(store: Store, kind: DocumentKind) -> None:
    saved = SavedDocuments(store, ME, kind)
    saved.save(Document("Mine", "x"))
    (mine,) = saved.all()
    tries = [Document("Mine", str(place), mine.id if place % 2 else "") for place in range(10)]
    saving = [Thread(target=saved.save, args=(document,)) for document in tries]
    for thread in saving:
        thread.start()
    for thread in saving:
        thread.join(30)
    assert names(store, kind) == ["Mine"]


@both
def test_without_a_database_there_are_none_and_saving_says_so(kind: DocumentKind) -> None:
    store = Store.open("nonsense")
    saved = SavedDocuments(store, ME, kind)
    assert saved.all() == ()
    with pytest.raises(Unavailable, match=f"Saved {kind.word}s cannot be changed"):
        saved.save(Document("x", "y"))
    store.close(0.1)


def test_documents_kept_as_prompts_by_older_versions_are_moved_once(url: str) -> None:
    """Up to schema version 3, presets and tools were prompts of an owner with "/presets" or "/tools" behind."""
    old = engine.engine(engine.address(url))
    row = text("""
        INSERT INTO prompts (id, owner, folded, name, kind, text, about, created, updated)
        VALUES (:id, :owner, :folded, :name, 'system', :text, '', 1, 2)
    """)
    rows = [
        ("me", "Tutor"),
        ("me/presets", "Warm"),
        ("me/tools", "Weather"),
        ("you/presets", "Warm"),
        ("mypresets", "Not one"),
        ("me/PRESETS", "Nor this"),
        ("", "Of nobody"),
        ("/presets", "Nobody's"),
    ]
    with engine.writing(old).begin() as connection:
        schema.migrate(connection, schema.STEPS[old.dialect.name][:3])
        for owner, name in rows:
            values = {"owner": owner, "folded": name.casefold(), "name": name, "text": f"{owner} {name}"}
            connection.execute(row, {"id": new_id(), **values})
    old.dispose()
    for _ in range(2):
        store = Store.open(url, pauses=(0.05,))
        assert store.trouble == ""
        assert names(store, PRESETS) == names(store, PRESETS, YOU) == ["Warm"]
        assert names(store, TOOLS) == ["Weather"] and names(store, TOOLS, YOU) == []
        assert names(store, PRESETS, "") == ["Nobody's"]
        for owner, name in (
            ("me", "Tutor"),
            ("mypresets", "Not one"),
            ("me/PRESETS", "Nor this"),
            ("", "Of nobody"),
        ):
            assert [prompt.name for prompt in SavedPrompts(store, owner).prompts()] == [name]
        for gone in ("me/presets", "me/tools", "you/presets"):
            assert SavedPrompts(store, gone).prompts() == ()
        assert SavedDocuments(store, ME, TOOLS).save(Document("Weather", "newer"))
        store.close()
