"""The store with 10,000 conversations of 50 messages: `python -m bench.store`; needs about two minutes.

python -m bench.store             an SQLite file in a temporary folder
python -m bench.store postgres    a throwaway PostgreSQL from the system's binaries
"""

from __future__ import annotations

import itertools
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from sqlalchemy import Connection, text  # noqa: E402

from backend.conversation.tree import Conversation, Node  # noqa: E402
from backend.formats.archive import dump  # noqa: E402
from backend.store import Store, edits, new_id, rows, search  # noqa: E402
from backend.store.search import keys  # noqa: E402
from backend.types import Message  # noqa: E402

CONVERSATIONS, MESSAGES, WORDS = 10_000, 50, 60
ME = "bench"


def row(name: str, value: str) -> None:
    print(f"{name:<68} {value:>18}", flush=True)


def median(work: Callable[[], object], times: int = 5) -> str:
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return f"{sorted(seconds)[times // 2] * 1000:.1f} ms"


class Writer:
    """Prose of invented words, with word frequencies by Zipf's law."""

    def __init__(self) -> None:
        self.random = random.Random(1)
        letters = "abcdefghijklmnopqrstuvwxyz"
        self.words = ["".join(self.random.choices(letters, k=self.random.randint(2, 9))) for _ in range(20_000)]
        self.weights = list(itertools.accumulate(1 / place for place in range(1, 20_001)))

    def prose(self, count: int = WORDS) -> str:
        return " ".join(self.random.choices(self.words, cum_weights=self.weights, k=count))


def fill(connection: Connection, writer: Writer, count: int = 100) -> None:
    """Insert many conversations at once, bypassing the store's own way, which takes one message at a time."""
    insert = text("INSERT INTO messages VALUES (:key, :n, :node, :parent, :body, '', :now)")
    dialect = connection.dialect.name
    index = search.INDEX[dialect]
    for _ in range(count):
        id_, conversation, now = new_id(), Conversation(), time.time()
        first = conversation.add(Message("user", writer.prose()), None)
        rows.save(connection, ME, id_, rows.Change((conversation[first],)))
        edits.tag(connection, ME, id_, ["even"], None)
        number = rows.number(connection, ME, id_)
        values = []
        for place in range(2, MESSAGES + 1):
            message = Message("user" if place % 2 else "assistant", writer.prose())
            said = {
                **search.values(dialect, number, keys(number)[0] + place, message.content),
                "body": dump(message),
            }
            more = {
                "n": number,
                "node": first + place - 1,
                "parent": first + place - 2,
            }
            values.append({**said, **more, "now": now})
        connection.execute(insert, values)
        connection.execute(index, [{key: one[key] for key in index.compile().params} for one in values])


def measure(url: str) -> None:
    store = Store.open(url)
    assert not store.trouble, store.trouble
    writer = Writer()
    began = time.perf_counter()
    for _ in range(CONVERSATIONS // 100):
        store._write(lambda connection: fill(connection, writer))
    row(f"{CONVERSATIONS:,} conversations of {MESSAGES} messages, written", f"{time.perf_counter() - began:.0f} s")
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        row("the file", f"{path.stat().st_size / 1e6:,.0f} MB")
    else:
        with store._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:  # type: ignore[union-attr]
            connection.execute(text("VACUUM ANALYZE"))
    for name, arguments in {
        "the list, first page of 50": {},
        "the list, by title": {"sort": "title"},
        "the list, page 100": {"offset": 4950},
        "the list, by a tag that all have": {"tag": "even"},
        "search: a word that is in nearly every message": {"search": f"{writer.words[0]} "},
        "search: two words that are in nearly every conversation": {
            "search": f"{writer.words[0]} {writer.words[1]} "
        },
        "search: a phrase of two common words": {"search": f'"{writer.words[0]} {writer.words[1]}"'},
        "search: a word in one of ten conversations": {"search": f"{writer.words[2_000]} "},
        "search: a rare word": {"search": f"{writer.words[19_000]} "},
        "search: a common and a rare word": {"search": f"{writer.words[0]} {writer.words[19_000]} "},
        "search: one letter typed": {"search": "a"},
        "search: two letters typed": {"search": writer.words[0][:2]},
        "search: three letters typed": {"search": writer.words[50][:3]},
        "search: five letters of a common word typed": {"search": writer.words[1][:5]},
        "search: a word that is nowhere": {"search": "nowhereatall"},
        "search: the middle of a word": {"search": writer.words[500][1:]},
        "search: a sentence": {"search": f"{' '.join(writer.words[:7])} {writer.words[9_000]}"},
        "search: eight common words": {"search": " ".join(writer.words[:8])},
    }.items():
        found = len(store.conversations(ME, **arguments))  # type: ignore[arg-type]
        row(f"{name} ({found} shown)", median(lambda arguments=arguments: store.conversations(ME, **arguments)))
    some = store.conversations(ME)[0].id
    row("a conversation of 50 messages, opened", median(lambda: store.load(ME, some)))
    mine = Conversation()
    question = mine.add(Message("user", writer.prose()), None)
    row("a question, saved", median(lambda: store.save(ME, new_id(), mine[question]), 50))
    id_ = new_id()
    answer = mine.add(Message("assistant", "", state="running"), question)
    store.save(ME, id_, mine.nodes())
    for size in (10_000, 100_000, 1_000_000):
        mine.update(answer, Message("assistant", writer.prose(size // 6)[:size], state="running"))
        row(
            f"a checkpoint of an answer of {size:,} characters",
            median(lambda: store.save(ME, id_, mine[answer]), 9),
        )
    picture = Message("user", "data:" + "A" * 20_000_000)
    row("a message of 20 MB, saved", median(lambda: store.save(ME, new_id(), alone(picture)), 3))
    store.close()


def alone(message: Message) -> Node:
    made = Conversation()
    return made[made.add(message, None)]


if __name__ == "__main__":
    if "postgres" in sys.argv[1:]:
        from postgres import running_cluster

        with running_cluster() as cluster:
            measure(cluster.new_database())
    else:
        with tempfile.TemporaryDirectory() as folder:
            measure(f"sqlite:///{folder}/playground.db")
