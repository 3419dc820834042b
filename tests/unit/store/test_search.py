"""What a search finds, the same in either database; and the index of older databases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from basics import ROOT
from sqlalchemy import Connection, text
from store_talks import ME, contents, say, titles_found
from stores import without_later_tables

from backend.store import Store, engine, fulltext, reindex, schema
from backend.store.fulltext import phrases

FOUND = [
    ("strasse", "Die Straße"), ("STRASSE", "Die Straße"), ("straße", "Die STRASSE"),
    ("елка", "Ёлка"), ("ёлка", "елка"), ("cafe", "Café"), ("café", "CAFE"), ("ete", "e\u0301te\u0301"),
    ("lodz", "Łódź"), ("oresund", "Øresund"), ("smorrebrod", "smørrebrød"), ("ＡＢＣ", "abc"), ("カナ", "ｶﾅ"),
    ("file", "the ﬁle"), ("istanbul", "İstanbul"), ("isparta", "ISPARTA"), ("isparta", "ısparta"), ("Ι", "ι"),
    ("ΣΟΦΟΣ", "σοφος"), ("محمد", "مُحَمَّد"), ("كتاب", "كتـــاب"), ("שלום", "שָׁלוֹם"),
    ("हिन्दी", "मैं हिन्दी बोलता हूँ"),
    ("script", "JavaScript"), ("avascr", "JavaScript"), ("ation", "nationalism"),
    ("relations rna", "international relations"), ("特别", "我们特别喜欢"), ("特", "我们特别喜欢"),
    ("特别市", "首尔特别市"), ("특별시", "서울특별시에서"),
    ("시", "서울특별시에서"), ("ดี", "สวัสดีครับ"), ("สวัส", "สวัสดีครับ"),
    ("京都", "東京都"), ("ユーザ", "スーパーユーザー"),
    ("go", "golang"), ("iPhone手机", "我的iPhone手机壳"), ("r", "R and S"), ("👍 yes", "yes"), ("x²", "x2"),
]  # fmt: skip
MISSED = [
    ("go", "ergo ago"), ("r", "read more"), ("都京", "東京都"), ("か", "がっこう"), ("abd", "abc bcd"),
    ('"script"', "JavaScript"), ("quickfox", "quick fox"), ("특시", "특별시"), ("ab", "a b"), ("\u0301", "été"),
]  # fmt: skip


@pytest.mark.parametrize("query, content", FOUND, ids=lambda text: ascii(text)[:30])
def test_a_spelling_finds_the_others_and_a_part_finds_the_whole(query: str, content: str) -> None:
    text_ = fulltext.folded(content)
    assert all(phrase.pattern in text_ for phrase in phrases(query)) and phrases(query)
    assert all(phrase.grams for phrase in phrases(query)), "it is looked up, not looked for everywhere"


@pytest.mark.parametrize("query, content", MISSED, ids=lambda text: ascii(text)[:30])
def test_a_missing_word_is_not_found(query: str, content: str) -> None:
    assert not phrases(query) or not all(phrase.pattern in fulltext.folded(content) for phrase in phrases(query))


def test_both_databases_find_the_same(store: Store) -> None:
    for number, (_, content) in enumerate([*FOUND, *MISSED]):
        say(store, f"{number}: {content}")
    for query in dict.fromkeys(query for query, _ in [*FOUND, *MISSED]):
        expected = [
            f"{number}: {content}"
            for number, (_, content) in enumerate([*FOUND, *MISSED])
            if phrases(query)
            and all(phrase.pattern in fulltext.folded(f"{number}: {content}") for phrase in phrases(query))
        ]
        assert titles_found(store, query) == expected[::-1], query


@pytest.mark.parametrize(
    "content, query, marked",
    [
        ("In der STRASSE und der Straße", "strasse", ["STRASSE", "Straße"]),
        ("l'été, l\u2019e\u0301te\u0301!", "ete", ["été", "e\u0301te\u0301"]),
        ("서울특별시에서", "특별시", ["특별시"]),
        ("TypeScript and JavaScript", "script", ["Script", "Script"]),
        ("one two three", '"two three" one', ["one", "two three"]),
        ("مُحَمَّد قال", "محمد", ["مُحَمَّد"]),
        ("word " * 2000 + "needle in the hay", "needle", ["needle"]),
        ("特别 " * 3000 + "needle", "needle", ["needle"]),
    ],
)
def test_the_snippet_shows_the_hit_in_its_own_spelling(
    store: Store, content: str, query: str, marked: list[str]
) -> None:
    say(store, "Title", content, "Something else")
    (summary,) = store.conversations(ME, query)
    assert [summary.snippet[begin:end] for begin, end in summary.marks] == marked


def test_a_text_that_is_made_of_hits_is_looked_at_as_often_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each hit of it was looked up in thousands of characters: four seconds for one line of the list."""
    looked: list[int] = []
    monkeypatch.setattr(fulltext, "folded", lambda text: looked.append(len(text)) or f" {' '.join(text.split())} ")
    shown = fulltext.excerpt("a " * 10_000, [fulltext.Phrase(" a ")])
    assert shown.marks[:2] == ((0, 1), (2, 3)) and len(shown.line) < 200
    assert sum(looked) < 300_000  # characters; it was 30,000,000


def test_the_message_that_holds_the_most_of_it_is_the_hit(store: Store) -> None:
    id_, conversation = say(store, "apples", "pears", "apples and pears", "bananas")
    (summary,) = store.conversations(ME, "apples pears")
    assert (summary.snippet, summary.hit) == ("apples and pears", conversation.path()[2].id)
    store.rename(ME, id_, "Zebra")
    (summary,) = store.conversations(ME, "zebra")
    assert (summary.snippet, summary.hit, summary.marks) == ("bananas", None, ())


def test_no_message_is_so_long_that_it_is_not_written(store: Store) -> None:
    say(store, "long", "".join(map(chr, range(0x4E00, 0x9FFF))) * 6 + "needle")
    assert store.trouble == ""
    assert titles_found(store, "乱乲") == ["long"]


# ---- older databases ----------------------------------------------------------------------------------------

OLD_INDEX = {
    "sqlite": "INSERT INTO documents (rowid, text) VALUES (:key, :spaced)",
    "postgresql": """INSERT INTO documents (key, conversation, text, words)
        VALUES (:key, :key >> 20, :spaced, to_tsvector('simple', :spaced))""",
}
ALTERED = {
    "sqlite": ["DROP TABLE documents", schema.STEPS["sqlite"][0][-1]],
    "postgresql": ["DROP TABLE documents", *schema.STEPS["postgresql"][0][-3:]],
}


def as_before(connection: Connection) -> None:
    """The database as it was with the index by whole words."""
    name = connection.dialect.name
    rows = connection.execute(text("SELECT rowid AS key, text FROM documents" if name == "sqlite" else
                                   "SELECT key, text FROM documents")).all()  # fmt: skip
    for statement in ALTERED[name]:
        connection.execute(text(str(statement)))
    for row in rows:
        spaced = "".join(f" {c} " if "\u4e00" <= c <= "\u9fff" else c for c in row.text)
        values = {"key": row.key, "text": row.text, "spaced": spaced}
        given = {name_: value for name_, value in values.items() if f":{name_}" in OLD_INDEX[name]}
        connection.execute(text(OLD_INDEX[name]), given)
    without_later_tables(connection, version_before(name) + 1)
    connection.execute(text("UPDATE playground_schema SET version = :version"), {"version": version_before(name)})


def version_before(dialect: str) -> int:
    """The number of steps before the one that makes the index by pieces."""
    return next(place for place, step in enumerate(schema.STEPS[dialect]) if reindex.fill in step)


def an_old_database(url: str) -> list[str]:
    store = Store.open(url)
    ids = [say(store, f"Straße {number}", "JavaScript in 東京都 and 東 京")[0] for number in range(7)]
    store._write(as_before)
    store.close()
    return ids


def test_an_older_database_is_searched_by_parts_of_words_too(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.store.reindex._BATCH", 3)
    ids = an_old_database(url)
    store = Store.open(url)
    assert store.trouble == ""
    assert len(titles_found(store, "script strasse")) == len(titles_found(store, "京都")) == 7
    assert store.conversations(ME, "京都")[0].snippet == "JavaScript in 東京都 and 東 京"
    assert contents(store, ids[0]) == ["Straße 0", "JavaScript in 東京都 and 東 京"]
    store.purge(ME, ids[0])
    assert len(titles_found(store, "script")) == 6
    store.close()


KILLED = """
import os, sys
from backend.store import engine, reindex, search
reindex._BATCH = 4
whole, calls = search.values, []
def values(*arguments):
    calls.append(arguments)
    if len(calls) > 6: os.kill(os.getpid(), 9)
    return whole(*arguments)
search.values = values
engine.open_engine(engine.address(sys.argv[1]))
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_a_process_that_is_killed_while_it_indexes_loses_nothing(url: str) -> None:
    ids = an_old_database(url)
    done = subprocess.run([sys.executable, "-c", KILLED, url], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    with engine.engine(engine.address(url)).connect() as connection:
        assert schema.version(connection) == version_before(connection.dialect.name)
    store = Store.open(url)
    assert len(titles_found(store, "script strasse")) == 7
    assert [contents(store, id_)[0] for id_ in ids] == [f"Straße {number}" for number in range(7)]
    store.close()
