"""One's own prompts in either database: kept, seen by their owner only; and what happens when it is in trouble."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from basics import ROOT
from sqlalchemy import text
from store_talks import ME, WEIRD, YOU, contents

from backend.library import saved_prompts
from backend.library.prompts import ABOUT, MOST, NAME, TEXT, Prompt, bundled
from backend.library.saved_prompts import LibraryFull, NameTaken, NoPrompt, NoSuchPrompt, SavedPrompts
from backend.store import ChangedElsewhere, Store, StoreError, Unavailable, engine, new_id, schema

TUTOR = Prompt("Tutor", "Teach {{subject}}.", "system", "It teaches.")


def names(store: Store, owner: str = ME) -> list[str]:
    return [prompt.name for prompt in SavedPrompts(store, owner).prompts()]


# ---- keeping ------------------------------------------------------------------------------------------


def test_a_prompt_comes_back_as_it_was_saved(store: Store) -> None:
    kept = SavedPrompts(store, ME).save(TUTOR)
    assert kept == replace(TUTOR, id=kept.id) and kept.id
    assert SavedPrompts(store, ME).prompts() == (kept,)
    message = SavedPrompts(store, ME).save(Prompt("Ask", "Q {{x=1}}\r\n\tend", "message"))
    assert SavedPrompts(store, ME).prompts() == (message, kept), "by name"


def test_a_changed_prompt_stays_one(store: Store) -> None:
    kept = SavedPrompts(store, ME).save(TUTOR)
    changed = SavedPrompts(store, ME).save(replace(kept, name="TUTOR", text="other", kind="message", about=""))
    assert SavedPrompts(store, ME).prompts() == (changed,)
    assert changed.id == kept.id


def test_a_change_that_did_not_see_another_one_is_refused(store: Store) -> None:
    kept = SavedPrompts(store, ME).save(TUTOR)
    changed = SavedPrompts(store, ME).save(replace(kept, text="mine"), was=kept)
    with pytest.raises(ChangedElsewhere):
        SavedPrompts(store, ME).save(replace(kept, text="yours"), was=kept)
    assert SavedPrompts(store, ME).save(changed, was=kept) == changed, "the same change twice is none"
    assert SavedPrompts(store, ME).prompts() == (changed,)


def test_a_bundled_prompt_is_kept_as_a_copy_of_ones_own(store: Store) -> None:
    kept = SavedPrompts(store, ME).save(bundled()[0])
    assert not kept.bundled and kept.id != bundled()[0].id
    assert SavedPrompts(store, ME).prompts() == (kept,)


def test_a_deleted_prompt_is_gone_and_can_be_saved_back(store: Store) -> None:
    kept = SavedPrompts(store, ME).save(TUTOR)
    SavedPrompts(store, ME).delete(kept.id)
    assert SavedPrompts(store, ME).prompts() == ()
    with pytest.raises(NoSuchPrompt):
        SavedPrompts(store, ME).delete(kept.id)
    assert SavedPrompts(store, ME).save(kept) == kept
    assert SavedPrompts(store, ME).prompts() == (kept,)


@pytest.mark.parametrize("other", ["tutor", "TUTOR", " Tutor\n", "Tut\x00or"])
def test_two_prompts_of_one_owner_have_two_names(store: Store, other: str) -> None:
    kept = SavedPrompts(store, ME).save(TUTOR)
    second = SavedPrompts(store, ME).save(Prompt("Second", "x"))
    with pytest.raises(NameTaken):
        SavedPrompts(store, ME).save(Prompt(other, "another"))
    with pytest.raises(NameTaken):
        SavedPrompts(store, ME).save(replace(second, name=other))
    assert SavedPrompts(store, ME).prompts() == (second, kept)
    assert SavedPrompts(store, YOU).save(Prompt(other, "yours")).name.strip()


def test_case_is_that_of_every_language(store: Store) -> None:
    SavedPrompts(store, ME).save(Prompt("ÉCOLE Straße", "x"))
    for same in ("école STRASSE", "e\u0301cole straße"):
        with pytest.raises(NameTaken):
            SavedPrompts(store, ME).save(Prompt(same, "y"))


@pytest.mark.parametrize("weird", WEIRD)
def test_any_text_can_be_kept(store: Store, weird: str) -> None:
    SavedPrompts(store, ME).save(Prompt("n" + weird, "t" + weird, about=weird))
    (kept,) = SavedPrompts(store, ME).prompts()
    assert kept.text.startswith("t") and "\x00" not in kept.name + kept.text + kept.about
    assert len(kept.name) <= NAME and len(kept.about) <= ABOUT
    assert "\ud83d" not in kept.text


@pytest.mark.parametrize("name", ["\u0390" * 200, "\ufdfa" * 200, "\U0001f468" * 200, "ß" * 200])
def test_the_longest_names_fit_into_the_index(store: Store, name: str) -> None:
    kept = SavedPrompts(store, "\U0001f468" * 200).save(Prompt(name, "x"))
    assert kept.name == name[:NAME]


@pytest.mark.parametrize(
    "prompt", [Prompt("", "x"), Prompt(" \n\x00", "x"), Prompt("x", ""), Prompt("x", " \x00\n")]
)
def test_a_prompt_without_name_or_text_is_refused(store: Store, prompt: Prompt) -> None:
    with pytest.raises(NoPrompt):
        SavedPrompts(store, ME).save(prompt)


def test_a_text_is_refused_rather_than_cut(store: Store) -> None:
    assert len(SavedPrompts(store, ME).save(Prompt("fits", "x" * TEXT)).text) == TEXT
    with pytest.raises(StoreError, match="100,000"):
        SavedPrompts(store, ME).save(Prompt("too long", "x" * (TEXT + 1)))


def test_a_full_library_says_so_and_keeps_its_prompts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    SavedPrompts(store, ME).add(Prompt(f"p{place}", str(place)) for place in range(MOST))
    for write in (lambda: SavedPrompts(store, ME).save(TUTOR), lambda: SavedPrompts(store, ME).add([TUTOR])):
        with pytest.raises(LibraryFull):
            write()
    assert len(names(store)) == MOST
    monkeypatch.setattr(saved_prompts, "ROOM", 10)
    with pytest.raises(LibraryFull):
        SavedPrompts(store, YOU).save(Prompt("x", "y" * 11))
    assert SavedPrompts(store, YOU).save(Prompt("x", "y" * 10))


# ---- taking in a file ---------------------------------------------------------------------------------


def test_an_import_skips_known_prompts_and_numbers_used_names(store: Store) -> None:
    SavedPrompts(store, ME).save(TUTOR)
    new = [TUTOR, Prompt("tutor", "other"), Prompt("Tutor", "third"), Prompt("New", "n"), Prompt("Newer", "n")]
    assert SavedPrompts(store, ME).add(new) == 3
    assert names(store) == ["New", "Tutor", "tutor (2)", "Tutor (3)"]
    assert SavedPrompts(store, ME).add(new) == 0, "the same file again"


def test_a_file_is_taken_in_whole_or_not_at_all(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_prompts, "ROOM", 10)
    with pytest.raises(LibraryFull):
        SavedPrompts(store, ME).add([Prompt("a", "a"), Prompt("b", "b" * 10)])
    with pytest.raises(NoPrompt):
        SavedPrompts(store, ME).add([Prompt("a", "a"), Prompt("", "b")])
    assert names(store) == []


# ---- whose it is --------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [YOU, "", "ME", "me ", "me\x00", "m%", "m_", "' OR '1'='1"])
def test_nobody_else_can_see_or_touch_a_prompt(store: Store, other: str) -> None:
    kept = SavedPrompts(store, ME).save(TUTOR)
    stranger = SavedPrompts(store, other)
    assert stranger.prompts() == ()
    for touch in (lambda: stranger.save(replace(kept, text="stolen")), lambda: stranger.delete(kept.id)):
        with pytest.raises(NoSuchPrompt):
            touch()
    assert stranger.prompts() == ()
    assert SavedPrompts(store, ME).prompts() == (kept,)


@pytest.mark.parametrize("id_", ["", "\x00", "'; DROP TABLE prompts; --", "x" * 10_000, "\ud83d"])
def test_an_id_that_is_none_is_no_prompt(store: Store, id_: str) -> None:
    SavedPrompts(store, ME).save(TUTOR)
    with pytest.raises(NoSuchPrompt):
        SavedPrompts(store, ME).delete(id_)
    assert SavedPrompts(store, ME).save(Prompt("Another", "x", id=id_)).id != id_
    assert len(names(store)) == 2


@pytest.mark.slow
def test_processes_that_save_one_name_at_once_keep_one(store: Store, url: str) -> None:
    code = (
        "import sys; from contextlib import suppress; from backend.library.prompts import Prompt\n"
        "from backend.library.saved_prompts import NameTaken, SavedPrompts\n"
        "from backend.store import Store\n"
        "saved = SavedPrompts(Store.open(sys.argv[1]), 'me')\n"
        "for place in range(20):\n"
        "    with suppress(NameTaken): saved.save(Prompt(f'p{place}', sys.argv[2]))\n"
    )
    saving = [subprocess.Popen([sys.executable, "-c", code, url, str(who)], cwd=ROOT) for who in range(3)]
    assert [process.wait(60) for process in saving] == [0, 0, 0]
    assert sorted(names(store)) == sorted(f"p{place}" for place in range(20))


# ---- versions and trouble -----------------------------------------------------------------------------


def test_a_database_older_than_prompts_is_migrated_with_its_contents(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = engine.engine(engine.address(url))
    with engine.writing(made).begin() as connection:
        schema.migrate(connection, schema.STEPS[made.dialect.name][:1])
        connection.execute(
            text(f"""
            INSERT INTO conversations (id, owner, title, created, updated, settings, view)
            VALUES ('{(id_ := new_id())}', '{ME}', 'Hi', 1, 1, '{{}}', '[]')
        """)
        )
        connection.execute(
            text("""
            INSERT INTO messages (key, conversation, node, parent, body, writer, updated)
            SELECT number * 1048576 + 1, number, 1, NULL, '{"role":"user","content":"Hi"}', '', 1 FROM conversations
        """)
        )
    made.dispose()
    store = Store.open(url, pauses=(0.05,))
    assert store.trouble == ""
    assert contents(store, id_) == ["Hi"]
    kept = SavedPrompts(store, ME).save(TUTOR)
    assert SavedPrompts(store, ME).prompts() == (kept,)
    store.close()


def test_without_a_database_there_are_no_prompts_and_saving_says_so() -> None:
    store = Store.open("nonsense")
    assert SavedPrompts(store, ME).prompts() == ()
    for write in (SavedPrompts(store, ME).save, lambda prompt: SavedPrompts(store, ME).add([prompt])):
        with pytest.raises(Unavailable, match="prompts cannot be changed"):
            write(TUTOR)
    store.close(0.1)


def test_deleted_tables_are_somebody_elses_doing_and_reach_no_visitor(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'kept.db'}", pauses=(60,))
    store._write(lambda connection: connection.execute(text("DROP TABLE prompts")))
    assert SavedPrompts(store, ME).prompts() == ()
    with suppress(StoreError):
        SavedPrompts(store, ME).save(TUTOR)
    assert store.trouble
    store.close(0.1)
