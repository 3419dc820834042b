"""What technical words mean: every one of them has an entry that people without the trade can read."""

from __future__ import annotations

import ast
import re

from basics import ROOT
from source import each

from backend import glossary
from backend.glossary import Term
from backend.parameters import PARAMETERS, Parameter

TERMS = list(glossary.terms().values())
OF_SETTINGS = {parameter.name: parameter for parameter in PARAMETERS}
LONGEST = 34  # characters of a label over a control of the sidebar


@each(PARAMETERS)
def test_every_parameter_is_in_the_glossary_with_a_label_in_simple_words(parameter: Parameter) -> None:
    assert parameter.help and parameter.plain
    assert glossary.term_of(parameter.name).section == "settings"


def test_a_word_has_one_entry_and_one_label() -> None:
    words = [OF_SETTINGS[term.id].label if term.id in OF_SETTINGS else term.word for term in TERMS]
    assert all(words) and len({word.lower() for word in words}) == len(words)
    plain = [term.plain for term in TERMS if term.plain]
    assert len(set(plain)) == len(plain)
    assert not [term.id for term in TERMS if term.word and term.id in OF_SETTINGS], "its label is in the table"


@each(TERMS)
def test_an_entry_is_two_plain_sentences_at_most(term: Term) -> None:
    assert term.means[0].isupper() and term.means[-1] == "."
    assert len(re.findall(r"[.!?](?= |$)", term.means)) <= 2, term.means
    assert len(term.means) <= 260
    assert not term.plain or (term.plain[0].isupper() and len(term.plain) <= LONGEST)
    assert not re.search(r"[_*<>\[\]$]", term.means.replace("tool_calls", "").replace("content_filter", ""))


UP, DOWN = r"\b(higher|later|longer)\b", r"\b(lower|earlier|shorter)\b"
SAID_OTHERWISE = {
    "search_recency_filter",
    *(parameter.name for parameter in PARAMETERS if parameter.kind == "date"),
}


@each([one for one in PARAMETERS if one.kind in ("number", "integer", "bias") or one.name in SAID_OTHERWISE])
def test_a_number_says_what_more_and_less_of_it_do(parameter: Parameter) -> None:
    means = parameter.help.lower()
    assert re.search(UP, means) and re.search(DOWN, means)


@each([one for one in PARAMETERS if "low" in one.options])
def test_a_choice_from_low_to_high_says_what_both_ends_do(parameter: Parameter) -> None:
    means = parameter.help.lower()
    assert "higher" in means and "lower" in means


@each([one for one in PARAMETERS if one.kind == "flag"])
def test_a_switch_says_what_on_and_off_do(parameter: Parameter) -> None:
    assert parameter.help.startswith("On: ") and "Off: " in parameter.help


def test_a_page_calls_a_setting_by_its_plain_name_only_where_that_was_chosen() -> None:
    """Else one setting has two names: its label, and one that a page has of its own."""
    names = {parameter.name for parameter in PARAMETERS}
    plain = tuple(term.plain for term in glossary.terms().values() if term.plain and term.id in names)
    for path in (ROOT / "components").glob("*/words.py"):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        assert not [text for text in texts if text.startswith(plain)], path
