"""What a server refused is remembered for it and for the model, within bounds; the visitor's word counts more."""

from __future__ import annotations

from backend.protocol.learned import Learned
from components.session.refusals import MOST, NOTHING, Refusals

HERE, THERE = ("https://one.example/v1", "m"), ("https://two.example/v1", "m")
TOP_K, SEED = Learned(frozenset({"top_k"})), Learned(frozenset({"seed"}))


def test_refusals_add_up_for_one_server_and_model() -> None:
    refusals = Refusals()
    for learned in (TOP_K, SEED, Learned(fold_system=True)):
        refusals.learn(HERE, learned)
    assert refusals.learned_of(HERE) == Learned(frozenset({"top_k", "seed"}), fold_system=True)
    assert refusals.learned_of(THERE) == NOTHING
    assert refusals.learned_of((HERE[0], "other")) == NOTHING


def test_a_parameter_sent_anyway_is_sent_until_refused_again() -> None:
    refusals = Refusals()
    refusals.toggle_anyway(HERE, "top_k")
    refusals.learn(HERE, TOP_K)
    assert refusals.learned_of(HERE) == TOP_K and not refusals.anyway(HERE)
    refusals.toggle_anyway(HERE, "top_k")
    assert refusals.learned_of(HERE) == NOTHING
    refusals.toggle_anyway(HERE, "top_k")
    assert refusals.learned_of(HERE) == TOP_K, "what is taken back is remembered as it was"


def test_a_part_is_sent_anyway_though_its_whole_field_was_refused() -> None:
    refusals = Refusals()
    refusals.learn(HERE, Learned(frozenset({"reasoning"})))
    refusals.toggle_anyway(HERE, "reasoning.effort")
    assert refusals.learned_of(HERE) == NOTHING


def test_everything_can_be_sent_again() -> None:
    refusals = Refusals()
    refusals.learn(HERE, TOP_K)
    refusals.forget(HERE)
    assert refusals.learned_of(HERE) == NOTHING


def test_the_models_of_servers_that_are_remembered_are_not_without_end() -> None:
    refusals = Refusals()
    for number in range(MOST + 5):
        refusals.learn(("", str(number)), TOP_K)
        refusals.toggle_anyway(("", str(number)), "seed")
    assert len(refusals._learned) == len(refusals._anyway) == MOST
    assert refusals.learned_of(("", "0")) == NOTHING and refusals.learned_of(("", str(MOST))) == TOP_K
