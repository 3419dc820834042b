"""The votes of one owner in the store: one per race, however often and from however many tabs it is cast.

A vote holds names of models, costs, speeds and times, and no text of the race. So it stays when the race is
deleted, and goes when the owner deletes the votes, or with all data of a guest (backend/guests/retention.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, text

from backend.compare.votes import WINNERS, Vote, Winner
from backend.store import Store, StoreError, Unavailable, stored_owner

MOST, MOST_OF_GUEST = 20_000, 2_000  # rows: a vote on two lanes is two rows, its pair and its mark
SEEN = "seen"  # the mark of a race that was revealed without a vote, or whose vote does not count
TAKEN_BACK = "taken back"  # the mark of one whose vote was taken back: the models are known by now


class VotesFull(StoreError):
    """There is no room for this vote."""

    words = "There is no room for more votes. Export them, and delete those that are here."


class SavedVotes:
    """Every race has a mark row, which holds the outcome; the pairs that count are rows of their own."""

    def __init__(self, store: Store, owner: str) -> None:
        self._store = store
        self._owner = stored_owner(owner)
        self._most = MOST_OF_GUEST if self._owner.startswith(("guest-", "login-")) else MOST

    def all(self) -> list[Vote]:
        """The pairs, oldest first; none while the database cannot be read."""
        return self._store.read(self._votes, [])

    def state(self) -> tuple[int, float]:
        """A value that changes whenever the votes change: the number of rows, and the time of the last one."""
        found = self._store.read(lambda connection: connection.execute(_STATE, self._mine()).one(), None)
        return (int(found[0]), float(found[1] or 0.0)) if found else (0, 0.0)

    def outcome(self, question: str) -> str | None:
        """The outcome of a race; SEEN if it was revealed without a vote, None if it is still open."""
        return self._store.read(lambda connection: _outcome(connection, self._mine(question=question)), None)

    def cast(self, question: str, outcome: str, votes: Sequence[Vote] = ()) -> bool:
        """Store a vote on a race. False if it has one already: then nothing changes.

        Raises VotesFull, Unavailable.
        """
        done: list[bool] = []
        self._edit(lambda connection: done.append(self._cast(connection, question, outcome, votes)))
        return done[-1]

    def take_back(self, question: str) -> None:
        """Withdraw the vote on a race; no new one can be cast on it. Raises Unavailable."""

        def work(connection: Connection) -> None:
            connection.execute(_DELETE_PAIRS, self._mine(question=question))
            connection.execute(_MARK, self._mine(question=question, winner=TAKEN_BACK, now=time.time()))

        self._edit(work)

    def add(self, votes: Sequence[Vote]) -> int:
        """Import votes of a file, all or none; returns how many were new. Raises VotesFull, Unavailable."""
        added: list[int] = []
        self._edit(lambda connection: added.append(self._insert(connection, votes)))
        return added[-1]

    def delete(self) -> None:
        """Delete all pairs for good. The mark of a race stays as long as the race. Raises Unavailable."""

        def work(connection: Connection) -> None:
            connection.execute(_DELETE, self._mine())
            connection.execute(_DELETE_MARKS, self._mine())

        self._edit(work)
        self._store.cleaner.soon(gone=True)

    # ---- in a transaction ---------------------------------------------------------------------------------

    def _edit(self, work: Callable[[Connection], None]) -> None:
        try:
            self._store.edit(work)
        except Unavailable:
            raise Unavailable("Votes cannot be kept at the moment.") from None

    def _votes(self, connection: Connection) -> list[Vote]:
        return [_vote(row) for row in connection.execute(_LIST, self._mine())]

    def _cast(self, connection: Connection, question: str, outcome: str, votes: Sequence[Vote]) -> bool:
        mark = {**_row(Vote(question, "", "", "tie")), "winner": outcome, **self._mine()}
        # another process waits here until this transaction ends
        first = connection.execute(_INSERT, mark).one_or_none()
        if first is None or _outcome(connection, self._mine(question=question), but_mark=True):
            return False
        self._insert(connection, votes)
        return True

    def _insert(self, connection: Connection, votes: Sequence[Vote]) -> int:
        seen: dict[tuple[str, str, str], int] = {}
        added = 0
        for vote in votes:
            pair = (vote.question, vote.model_a, vote.model_b)
            seen[pair] = repeat = seen.get(pair, -1) + 1
            row = {**_row(vote), **self._mine(), "repeat": repeat}
            added += connection.execute(_INSERT, row).one_or_none() is not None
        if connection.execute(_STATE, self._mine()).one()[0] > self._most:
            raise VotesFull
        return added

    def _mine(self, **more: object) -> dict[str, object]:
        return {"owner": self._owner, **more}


def _outcome(connection: Connection, which: dict[str, object], *, but_mark: bool = False) -> str | None:
    found = connection.execute(_PAIR if but_mark else _OUTCOME, which).scalar()
    return None if found is None else str(found)


def _row(vote: Vote) -> dict[str, object]:
    return {**asdict(vote), "repeat": 0, "now": time.time()}


def _vote(row: Row[Any]) -> Vote:
    winner: Winner = next((known for known in WINNERS if known == row.winner), "tie")
    one, other, question, turn = str(row.model_a), str(row.model_b), str(row.question), int(row.turn)
    costs = row.cost_a, row.cost_b, row.speed_a, row.speed_b
    return Vote(question, one, other, winner, turn, str(row.language), float(row.tstamp), *costs)


_LIST = text("""SELECT question, model_a, model_b, winner, turn, language, tstamp, cost_a, cost_b, speed_a, speed_b
    FROM votes WHERE owner = :owner AND model_a <> '' ORDER BY tstamp, question, model_a, model_b, repeat""")
_STATE = text("SELECT count(*), max(updated) FROM votes WHERE owner = :owner")
# The mark comes first: its models are "".
_OUTCOME = text("SELECT winner FROM votes WHERE owner = :owner AND question = :question ORDER BY model_a LIMIT 1")
_PAIR = text("SELECT winner FROM votes WHERE owner = :owner AND question = :question AND model_a <> '' LIMIT 1")
_INSERT = text("""
    INSERT INTO votes (owner, repeat, updated, question, model_a, model_b, winner, turn, language, tstamp,
        cost_a, cost_b, speed_a, speed_b)
    VALUES (:owner, :repeat, :now, :question, :model_a, :model_b, :winner, :turn, :language, :tstamp,
        :cost_a, :cost_b, :speed_a, :speed_b)
    ON CONFLICT (owner, question, model_a, model_b, repeat) DO NOTHING RETURNING repeat
""")
_DELETE_PAIRS = text("DELETE FROM votes WHERE owner = :owner AND question = :question AND model_a <> ''")
_MARK = text("""UPDATE votes SET winner = :winner, updated = :now
    WHERE owner = :owner AND question = :question AND model_a = ''""")
_DELETE = text("DELETE FROM votes WHERE owner = :owner AND model_a <> ''")
_DELETE_MARKS = text("""DELETE FROM votes WHERE owner = :owner AND model_a = ''
    AND question NOT IN (SELECT id FROM conversations WHERE owner = :owner)""")
