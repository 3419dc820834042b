"""A vote as pairs, kept once for each race, in SQLite and in PostgreSQL; and the table that is made of them."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import inspect

from backend.compare import ranking as ranking_module
from backend.compare import saved_votes
from backend.compare.lane_settings import LaneSettings, Overrides
from backend.compare.race import Race
from backend.compare.ranking import Ranking, ranking
from backend.compare.saved_votes import SEEN, TAKEN_BACK, SavedVotes, VotesFull
from backend.compare.votes import BAD, TIE, Contestant, Vote, Winner, contestants, votes
from backend.conversation.tree import Conversation
from backend.formats.archive import Record
from backend.guests.retention import _OLD_TEXTS, _TEXTS_OF_OWNER, Keeping
from backend.store import Store
from backend.types import Message

ME, YOU = "me", "you"
LANES = [Contestant("x", 0.5, 10.0), Contestant("y"), Contestant("z"), Contestant("y")]


def vote(a: str, b: str, winner: Winner = "model_a", question: str = "", **more: float) -> Vote:
    return Vote(question or f"{a}{b}{winner}", a, b, winner, **more)  # type: ignore[arg-type]


def pairs(outcome: int | str) -> list[tuple[str, str, str]]:
    return [(made.model_a, made.model_b, made.winner) for made in votes("q", LANES, outcome, 1, 0.0)]


# ---- as pairs -----------------------------------------------------------------------------------------


def test_the_best_has_won_against_each_other_one_and_no_model_against_itself() -> None:
    assert pairs(2) == [("x", "z", "model_b"), ("y", "z", "model_b"), ("z", "y", "model_a")]
    assert pairs(1) == [("x", "y", "model_b"), ("y", "z", "model_a")]


@pytest.mark.parametrize(("outcome", "winner"), [(TIE, "tie"), (BAD, "tie (bothbad)")])
def test_a_tie_and_all_bad_are_said_of_each_pair(outcome: str, winner: str) -> None:
    assert {pair[2] for pair in pairs(outcome)} == {winner} and len(pairs(outcome)) == 5


def test_a_model_is_named_with_its_differences_only_where_it_is_there_twice() -> None:
    race, shared = Race(lambda lane: None), LaneSettings("here", "one", {"top_p": 0.5}, "Be brief.")  # type: ignore[arg-type,return-value]
    for changes in (
        Overrides(model="two", parameters={"temperature": 1.0}),
        Overrides(parameters={"temperature": 1.0}),
        Overrides(parameters={"temperature": 0.0}, system_prompt="A secret."),
    ):
        race.add(changes)
    names = [one.name for one in contestants(race.lanes, shared)]
    assert names[0] == "two" and names[1] == "one (temperature 1.0)"
    assert names[2].startswith("one (system prompt ") and names[2].endswith("temperature 0.0)")
    assert "secret" not in names[2]


# ---- kept ---------------------------------------------------------------------------------------------


def test_a_race_has_one_vote_and_each_owner_his_own(store: Store) -> None:
    mine, yours = SavedVotes(store, ME), SavedVotes(store, YOU)
    assert mine.outcome("race") is None
    assert mine.cast("race", "0", [vote("x", "y", question="race", cost_a=0.5)])
    assert not mine.cast("race", "1", [vote("x", "y", "model_b", "race")])
    assert (mine.outcome("race"), yours.outcome("race")) == ("0", None)
    assert mine.all() == [vote("x", "y", question="race", cost_a=0.5)] and yours.all() == []


def test_a_race_that_was_revealed_takes_no_vote(store: Store) -> None:
    mine = SavedVotes(store, ME)
    assert mine.cast("race", SEEN)
    assert not mine.cast("race", "0", [vote("x", "y", question="race")]) and mine.all() == []


def test_a_vote_that_is_taken_back_counts_no_longer_and_no_other_one_is_taken(store: Store) -> None:
    mine, yours = SavedVotes(store, ME), SavedVotes(store, YOU)
    for owner in (mine, yours):
        owner.cast("race", "0", [vote("x", "y", question="race"), vote("x", "z", question="race")])
    mine.cast("other", TIE, [vote("x", "y", "tie", "other")])
    before = mine.state()
    mine.take_back("race")
    assert mine.state() != before and [kept.question for kept in mine.all()] == ["other"]
    assert (mine.outcome("race"), yours.outcome("race")) == (TAKEN_BACK, "0")
    assert not mine.cast("race", "1", [vote("x", "y", question="race")]) and len(yours.all()) == 2


def test_of_simultaneous_votes_one_counts(store: Store) -> None:
    outcomes = []

    def cast(outcome: str) -> None:
        outcomes.append(SavedVotes(store, ME).cast("race", outcome, [vote("x", outcome, question="race")]))

    threads = [threading.Thread(target=cast, args=(str(place),)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(True) == 1 and len(SavedVotes(store, ME).all()) == 1


def test_a_file_that_comes_again_adds_nothing(store: Store) -> None:
    mine, twice = SavedVotes(store, ME), vote("x", "y", question="q")
    before = mine.state()
    assert mine.add([twice, twice, vote("x", "z", question="q")]) == 3 and mine.state() != before
    assert mine.add([twice, twice, vote("x", "z", question="q")]) == 0
    assert not mine.cast("q", "0", [twice]), "it has a vote, in the file"


def test_a_malformed_file_of_votes_is_refused_as_a_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_votes, "MOST_OF_GUEST", 3)
    guest = SavedVotes(store, "guest-anna")
    with pytest.raises(VotesFull):
        guest.add([vote("x", str(number)) for number in range(4)])
    assert guest.all() == [] and guest.cast("race", "0", [vote("x", "y", question="race")])
    with pytest.raises(VotesFull):
        guest.cast("other", TIE, [vote("x", "y", "tie", "other")])
    assert guest.outcome("other") is None


def test_deleted_votes_are_gone_and_a_race_that_was_voted_on_takes_no_other_one(store: Store) -> None:
    conversation = Conversation()
    conversation.add(Message("user", "Hi"), None)
    race, _ = store.take(ME, Record(conversation, "Hi"))
    mine = SavedVotes(store, ME)
    for question in (race, "gone"):
        mine.cast(question, "0", [vote("x", "y", question=question)])
    mine.delete()
    assert mine.all() == [] and mine.outcome(race) == "0" and mine.outcome("gone") is None
    assert not mine.cast(race, "0", [vote("x", "y", question=race)])


def test_a_guests_votes_go_with_the_guest_and_with_time(store: Store) -> None:
    for owner in ("guest-anna", "guest-ben", ME):
        SavedVotes(store, owner).cast("race", "0", [vote("x", "y", question="race")])
    Keeping(store, days=14).remove("guest-anna")
    Keeping(store, days=14, clock=lambda: time.time() + 15 * 86_400).tidy()
    assert [SavedVotes(store, owner).state()[0] for owner in ("guest-anna", "guest-ben", ME)] == [0, 0, 2]


def columns(store: Store, table: str) -> list[str]:
    return store.read(lambda connection: [found["name"] for found in inspect(connection).get_columns(table)], [])


def test_every_table_with_an_owner_is_emptied_when_a_guest_leaves(store: Store) -> None:
    tables = store.read(lambda connection: inspect(connection).get_table_names(), [])
    owned = {table for table in tables if "owner" in columns(store, table)} - {"conversations"}
    for statements in (_TEXTS_OF_OWNER, _OLD_TEXTS):
        assert {str(one).split()[2] for one in statements} == owned


# ---- the table ----------------------------------------------------------------------------------------


def many(times: int, *said: Vote) -> list[Vote]:
    return [Vote(f"{one.question}-{n}", *list(vars(one).values())[1:]) for n in range(times) for one in said]


def test_the_table_counts_both_bad_apart_and_leaves_out_whom_nobody_compared() -> None:
    said = [*many(6, vote("x", "y")), *many(2, vote("x", "y", "tie")), *many(3, vote("y", "x", "tie (bothbad)"))]
    said += [vote("p", "q"), vote("p", "x", "tie (bothbad)")]
    found = ranking(said)
    assert found.questions == 13
    assert [(one.model, one.compared, one.wins, one.ties, one.losses, one.both_bad) for one in found.ranked] == [
        ("x", 8, 6, 2, 0, 4),
        ("y", 8, 0, 2, 6, 3),
    ]
    assert [one.model for one in found.apart] == ["p", "q"] and found.apart[0].strength is None
    strong, weak = (one.strength or 0.0 for one in found.ranked)
    assert strong > 1000 > weak


def test_nobody_leads_by_chance() -> None:
    assert ranking(many(2, vote("x", "y"), vote("y", "x"))).leader is None
    leader = ranking(many(30, vote("x", "y"), vote("x", "z"), vote("y", "z"), vote("z", "y"))).leader
    assert leader is not None and leader.model == "x"


def test_cost_and_speed_are_means_of_what_is_known() -> None:
    said = [vote("x", "y", cost_a=0.5, speed_b=20.0), vote("y", "x", "tie", cost_b=1.5)]
    assert [(one.model, one.cost, one.speed) for one in ranking(said).ranked] == [
        ("x", 1.0, None),
        ("y", None, 20.0),
    ]


def test_without_votes_or_with_only_both_bad_there_is_no_ranking(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ranking([]) == Ranking()
    assert [one.model for one in ranking([vote("x", "y", "tie (bothbad)")]).apart] == ["x", "y"]
    monkeypatch.setattr(ranking_module, "RANKED", 2)
    assert len(ranking([vote("a", "b"), vote("b", "c"), vote("b", "a")]).ranked) == 2
