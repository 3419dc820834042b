"""A backup in parts comes in again, byte for byte; an import takes what it can, and nothing twice."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from import_files import BRANCHED, TALK, chat, chatgpt, own, turns, webui

from backend.backups import parts as splitting
from backend.backups.import_job import LISTED, ImportJob
from backend.backups.parts import packed, parts
from backend.conversation.tree import Conversation, Node
from backend.formats import archive
from backend.formats.archive import Record
from backend.store import Store, Unavailable, complete_read
from backend.types import Media, Message

PDF = "data:application/pdf;base64," + "JVBERi0x" * 500


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'kept.db'}")
    yield opened
    opened.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'other.db'}")
    yield opened
    opened.close()


def talk(place: int, *media: Media) -> Record:
    """A conversation with a branch, a tag and settings."""
    messages = [
        Message("user", f"Question {place}", media=media),
        Message("assistant", "A"),
        Message("assistant", "B"),
    ]
    nodes = [Node(at, None if at == 1 else 1, message) for at, message in enumerate(messages, 1)]
    settings = {"model": "m", "system_prompt": "Be brief.", "parameters": {"temperature": 0.5}}
    return Record(
        Conversation.of(nodes, {1: 2}), f"Title {place}", settings, ("a",), 1000.0 + place, 2000.0, place == 3
    )


def take(store: Store, *files: bytes, owner: str = "me", **options: Any) -> ImportJob:
    named = [(f"{place}.zip", io.BytesIO(data), len(data)) for place, data in enumerate(files, 1)]
    taking = ImportJob(store, owner, named, **options)
    taking.start()
    assert taking.wait(600)
    return taking


def everything(store: Store) -> list[str]:
    summaries = [one for page in range(20) for one in store.conversations("me", limit=1000, offset=1000 * page)]
    records = (store.load("me", summary.id) for summary in summaries)
    return sorted(archive.export(record) for record in records if record)


def zips(store: Store) -> list[bytes]:
    return [packed(store, "me", part) for part in parts(store, "me")]


def test_a_backup_is_restored_byte_for_byte_in_any_order(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splitting, "PART", 10_000)
    for place in range(9):
        store.take("me", talk(place, Media("file", PDF, "words", "a.pdf")))
    files = zips(store)
    assert len(files) > 3
    taking = take(other, *reversed(files))
    assert (taking.came, taking.known, taking.refused, taking.notes) == (9, 0, [], [])
    assert everything(other) == everything(store)
    assert zips(other) == files


def test_parts_are_named_so_that_they_belong_together(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in range(12):
        store.take("me", talk(place))
    (one,) = parts(store, "me")
    assert one.name.startswith("conversations-20") and "part" not in one.name and len(one.ids) == 12
    monkeypatch.setattr(splitting, "PART", 1)
    names = [part.name for part in parts(store, "me")]
    assert [name.partition("-part-")[2] for name in names[:2]] == ["01-of-12.zip", "02-of-12.zip"]
    assert names == sorted(names)
    assert [len(part.ids) for part in parts(store, "me", "Question 7")] == [1]


def test_a_conversation_that_exists_is_not_imported_twice_unless_wanted(store: Store, other: Store) -> None:
    for place in range(3):
        store.take("me", talk(place))
    (file,) = zips(store)
    for here in (store, other, other):
        taking = take(here, file)
        assert taking.came + taking.known == 3 and taking.first
    assert len(everything(store)) == len(everything(other)) == 3
    assert take(other, file, again=True).came == 3
    assert len(everything(other)) == 6


@pytest.mark.parametrize("file", [json.dumps(chatgpt(BRANCHED, "a3")), json.dumps([webui()]), json.dumps(TALK)])
def test_files_of_others_are_recognised_by_what_is_in_them(store: Store, file: str) -> None:
    assert take(store, file.encode()).came == 1
    again = take(store, file.encode())
    assert (again.came, again.known) == (0, 1)
    assert take(store, file.encode(), owner="somebody else").came == 1


def test_a_conversation_that_went_on_is_known_and_one_that_lost_something_comes_in_beside_it(store: Store) -> None:
    id_, _ = store.take("me", talk(1))
    (file,) = zips(store)
    store.save("me", id_, Node(9, 3, Message("user", "And then?")))
    assert take(store, file).known == 1
    (longer,) = zips(store)
    store.purge("me", id_)
    assert take(store, file).came == 1 and take(store, longer).came == 1
    assert len(everything(store)) == 2


def test_the_id_of_another_owner_or_of_a_deleted_conversation_is_never_taken(store: Store) -> None:
    id_, _ = store.take("me", talk(1))
    (file,) = zips(store)
    assert take(store, file, owner="somebody else").came == 1
    loaded = store.load("me", id_)
    assert loaded is not None and len(loaded.conversation) == 3
    store.delete("me", id_)
    assert take(store, file).came == 1
    store.restore("me", id_)
    assert len(everything(store)) == 2


def test_an_import_that_was_stopped_goes_on_where_it_was(store: Store) -> None:
    data = json.dumps([{"messages": chat(("user", f"{place}"))} for place in range(50)]).encode()
    taking = ImportJob(store, "me", [("a.json", io.BytesIO(data), len(data))])
    taking.run(lambda: taking.stop() if taking.came == 20 else None)
    assert taking.came == 20 and taking.stopped
    again = take(store, data)
    assert (again.came, again.known) == (30, 20)


def test_failed_imports_are_listed_with_their_file_up_to_a_limit(store: Store) -> None:
    good, bad = json.dumps({"messages": TALK}), '{"a": NaN}'
    taking = take(
        store, good.encode(), "\n".join([good, *[bad] * 500, good]).encode(), "\n".join([good, bad]).encode()
    )
    assert (taking.came, taking.known, taking.refused_count) == (1, 3, 501)
    assert len(taking.refused) == LISTED
    assert taking.refused[0].where == "2.zip, Line 2" and "NaN" in taking.refused[0].why
    assert taking.share == 1.0


def test_notes_say_which_conversation_lost_what(store: Store) -> None:
    file = {"title": "T", "messages": [{"role": "king", "content": "x"}]}
    taking = take(store, json.dumps(file).encode())
    ((title, note),) = taking.notes
    assert title == "T" and "king" in note
    assert take(store, json.dumps(file).encode()).notes == []


@pytest.mark.parametrize("count", [101, pytest.param(1_001, marks=pytest.mark.long)])
@pytest.mark.slow
def test_many_conversations_and_a_large_attachment_come_in_again(store: Store, other: Store, count: int) -> None:
    """1,001, and 11 MB in one, were exported and refused again; so were 10,001 messages (test_imports_limits)."""
    pdf = own(messages=[{"id": 1, "role": "user", "media": [{"kind": "file", "url": PDF[:28] + "A" * 11_000_000}]}])
    lines = [{"messages": chat(("user", f"Line {place}"))} for place in range(count)]
    assert take(store, json.dumps([*lines, pdf]).encode()).came == count + 1
    taking = take(other, *zips(store))
    assert (taking.came, taking.refused) == (count + 1, [])
    assert everything(other) == everything(store)


def test_a_zip_of_a_part_holds_a_file_for_each_conversation(store: Store) -> None:
    for place in range(3):
        store.take("me", talk(place))
    (file,) = zips(store)
    with zipfile.ZipFile(io.BytesIO(file)) as opened:
        assert sorted(opened.namelist()) == ["Title-0.json", "Title-1.json", "Title-2.json"]


def test_when_the_database_is_away_the_import_says_so_and_ends(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}")  # a folder is no database
    taking = take(store, json.dumps(TALK).encode())
    assert taking.trouble and taking.came == 0
    store.close()


def test_a_backup_that_the_database_does_not_give_whole_is_none(tmp_path: Path) -> None:
    file = tmp_path / "kept.db"
    store = Store.open(f"sqlite:///{file}", pauses=(60.0,))
    for place in range(3):
        store.take("me", talk(place))
    (part,) = complete_read(store, lambda: parts(store, "me"))
    assert complete_read(store, lambda: packed(store, "me", part))
    file.rename(tmp_path / "away")
    file.mkdir()
    with pytest.raises(Unavailable, match="cannot be read"):
        complete_read(store, lambda: packed(store, "me", part))
    with pytest.raises(Unavailable):
        complete_read(store, lambda: parts(store, "me"))
    store.close(0.1)


def test_imported_conversations_equal_the_exported_ones(store: Store) -> None:
    taking = take(store, json.dumps(TALK).encode())
    record = store.load("me", taking.first)
    assert record is not None and turns(record) == [("user", "Hi"), ("assistant", "Hello.")]


class _Dying(io.BytesIO):
    """A file on a disk that dies in the middle of it."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 2_000:
            raise OSError(5, "Input/output error")
        return super().read(min(size or -1, 512))


def test_a_file_that_cannot_be_read_to_its_end_is_told_and_what_came_in_before_stays(store: Store) -> None:
    file = json.dumps([{"messages": chat(("user", f"Question {at}"))} for at in range(60)]).encode()
    taking = ImportJob(store, "me", [("chats.json", _Dying(file), len(file))])
    taking.run()
    assert "input/output error" in taking.trouble and taking.came
    assert len(store.conversations("me", limit=100)) == taking.came < 60
