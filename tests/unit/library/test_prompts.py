"""The prompt library without a screen: what a field is, how it is filled, what a file of prompts may hold."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from basics import ROOT
from hypothesis import given
from hypothesis import strategies as st

from backend.library.prompts import (
    FIELDS,
    FILLED,
    MOST,
    NAME,
    TEXT,
    Prompt,
    PromptField,
    Unfilled,
    bundled,
    export,
    fields,
    fill,
    find,
    preview,
    read,
    tidy,
    variables,
    with_number,
)
from backend.untrusted import Unreadable

# ---- fields -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello {{name}}", [PromptField("name")]),
        ("{{ name }} and {{name}}", [PromptField("name")]),
        ("{{b}} {{a}} {{b}}", [PromptField("b"), PromptField("a")]),
        ("{{tone=warm and short}}", [PromptField("tone", "warm and short")]),
        ("{{ tone = warm }}", [PromptField("tone", "warm")]),
        ("{{diet=}}", [PromptField("diet", "")]),
        ("{{notes...}} {{ notes … }}", [PromptField("notes", None, True)]),
        ("{{notes... = none}}", [PromptField("notes", "none", True)]),
        ("{{x}} {{x=1}} {{x...=2}}", [PromptField("x", "1", True)]),
        ("{{target  language}}", [PromptField("target language")]),
        (
            "{{sprache_2}} {{été}} {{語}} {{a-b}}",
            [PromptField("sprache_2"), PromptField("été"), PromptField("語"), PromptField("a-b")],
        ),
    ],
)
def test_fields_are_found_once_and_in_order(text: str, expected: list[PromptField]) -> None:
    assert list(fields(text)) == expected
    assert variables(text) == tuple(field.name for field in expected)


CODE = [
    "{{ user.name }}",
    "{{ name | upper }}",
    "{{#if x}}{{/if}}",
    "{{> partial}}",
    "{{!-- comment --}}",
    "{{{raw}}}",
    "style={{ color: 'red' }}",
    "<p {{...props}}>",
    "{{ a == b }}",
    "{{ x => y }}",
    '{{input type="text"}}',
    "{{ range(3) }}",
    "{{ 1 }}",
    "{{}}",
    "{{ }}",
    "{{ a\n}}",
    "{{ {x} }}",
    r"\frac{{x+1}}{{y^2}}",
    r"\{{a}, b\}",
    "{{" + "x" * 41 + "}}",
    "{% if x %}",
    "{x}",
    "{{x}",
]


@pytest.mark.parametrize("code", CODE)
def test_braces_that_hold_no_plain_name_are_left_alone(code: str) -> None:
    assert fields(code) == ()
    assert fill(code, {"x": "1", "a": "2", "raw": "3"}) == code


def test_a_backslash_keeps_a_field_from_being_one() -> None:
    assert fields(r"\{{x}}") == ()
    assert fill(r"\{{x}} {\{{x}} \{{y=1}}", {"x": "1"}) == "{{x}} {{{x}} {{y=1}}"
    assert fill(r"\{{x}} {{x}}", {"x": "1"}) == "{{x}} 1"


def test_a_form_has_no_more_fields_than_can_be_filled_in() -> None:
    text = " ".join(f"{{{{f{place}}}}}" for place in range(FIELDS + 5))
    assert len(fields(text)) == FIELDS
    done = fill(text, {f"f{place}": "x" for place in range(FIELDS + 5)})
    assert done == " ".join(["x"] * FIELDS + [f"{{{{f{place}}}}}" for place in range(FIELDS, FIELDS + 5)])


def test_a_label_is_what_people_would_write() -> None:
    assert [PromptField(name).label for name in ("target_language", "x", "SQL dialect")] == [
        "Target language",
        "X",
        "SQL dialect",
    ]


# ---- filling ------------------------------------------------------------------------------------------


def test_a_value_replaces_every_mention_and_a_blank_one_is_the_default() -> None:
    assert fill("{{a}}-{{a}} {{b=2}} {{c=3}}", {"a": " 1 ", "b": "  ", "c": "4"}) == "1-1 2 4"
    assert fill("[{{x=}}]", {}) == "[]"


def test_a_value_is_never_filled_again() -> None:
    assert fill("{{a}} {{b}}", {"a": "{{b}}", "b": r"\{{a}} \1 \g<0>"}) == r"{{b}} \{{a}} \1 \g<0>"


def test_a_missing_value_is_named_and_shown() -> None:
    with pytest.raises(Unfilled, match="Still empty: Target language, B") as caught:
        fill("{{target_language}} {{a}} {{b}} {{c=1}}", {"a": "x", "b": "\n"})
    assert caught.value.missing == ("target_language", "b")
    assert preview("{{ b }} {{a}} {{c=1}}", {"a": "x"}) == "{{b}} x 1"


def test_a_prompt_that_would_grow_without_end_is_refused() -> None:
    text = "{{x}}" * 1000
    for filled in (fill, preview):
        with pytest.raises(Unfilled, match="longer than"):
            filled(text, {"x": "a" * FILLED})


@pytest.mark.parametrize("piece", ["{{", "{{a", "{{ ", "{{a ", "\\{{", "{{a...", "{{a=", "}}", "{{a b "])
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * TEXT)[:TEXT]
    assert fill(text, {}) == text


@given(st.text(alphabet="{}\\ab =.\n|é", max_size=60))
def test_any_text_is_filled_or_says_what_is_missing(text: str) -> None:
    names = variables(text)
    assert len(set(names)) == len(names)
    assert re.sub(r"\\(?=\{\{)", "", fill(text, dict.fromkeys(names, "V"))).count("V") >= len(names)
    if not names and "\\{{" not in text:
        assert fill(text, {}) == text


@given(st.text(alphabet="xy{}= .\\\x00\ud800", max_size=30))
def test_any_value_stands_there_as_it_is(value: str) -> None:
    shown = value.replace("\x00", "").replace("\ud800", "\ufffd").strip()
    assert fill("<{{a=default}}>", {"a": value}) == f"<{shown or 'default'}>"


# ---- the bundled ones ----------------------------------------------------------------------------------


def test_a_dozen_prompts_of_either_kind_are_bundled() -> None:
    found = bundled()
    assert len(found) >= 12
    assert {prompt.kind for prompt in found} == {"system", "message"}
    assert len({prompt.id for prompt in found}) == len({prompt.name.casefold() for prompt in found}) == len(found)


@pytest.mark.parametrize("prompt", bundled(), ids=lambda prompt: prompt.id)
def test_a_bundled_prompt_is_short_plain_and_complete(prompt: Prompt) -> None:
    assert prompt == tidy(prompt) and prompt.bundled and prompt.category
    assert prompt.about.endswith(".") and len(prompt.about) <= 80, "one sentence that fits on a card"
    assert 100 < len(prompt.text) < 600, "a small model must be able to follow it"
    values = {field.name: f"value of {field.name}" for field in fields(prompt.text)}
    filled = fill(prompt.text, values)
    assert "{{" not in filled and all(value in filled for value in values.values())
    assert len(fields(prompt.text)) <= 4
    if prompt.kind == "message":
        assert any(field.default is None for field in fields(prompt.text)), "a message is about something"


def test_the_bundled_file_is_written_as_the_code_reads_it() -> None:
    rows = json.loads((ROOT / "backend" / "data" / "prompts.json").read_text("utf-8"))
    assert all(set(row) == {"id", "name", "kind", "category", "about", "text"} for row in rows)


# ---- finding ------------------------------------------------------------------------------------------


def test_every_word_must_be_found_and_names_come_first() -> None:
    ann, bob, eve = (
        Prompt("Ann", "tells about BOB", about="x"),
        Prompt("Bob the builder", "y"),
        Prompt("Eve", "z", category="Fun"),
    )
    assert find([ann, bob, eve], "bob") == (bob, ann)
    assert find([ann, bob, eve], "ann BOB") == (ann,)
    assert find([ann, bob, eve], "fun") == (eve,)
    assert find([ann, bob, eve], "  ") == (ann, bob, eve)
    assert find([ann, bob, eve], "nothing\x00\ud800") == ()


@pytest.mark.parametrize("name", ["Tutor", "x" * NAME, "x " * (NAME // 2)])
def test_a_numbered_name_fits(name: str) -> None:
    assert len(with_number(name, 12)) <= NAME and with_number(name, 12).endswith(" (12)")


# ---- files --------------------------------------------------------------------------------------------


def file(*rows: Any, **head: Any) -> str:
    return json.dumps({"format": "llm-playground/prompts", "version": 1, "prompts": rows, **head})


ROW = {"name": "N", "text": "T"}


@given(
    st.lists(
        st.builds(Prompt, st.text(max_size=120), st.text(max_size=50), st.sampled_from(["system", "message"])),
        max_size=5,
    )
)
def test_exported_prompts_are_imported_again(prompts: list[Prompt]) -> None:
    kept = tuple(tidy(prompt) for prompt in prompts if tidy(prompt).name and tidy(prompt).text.strip())
    if kept:
        assert read(export(prompts)) == kept
        assert read(b"\xef\xbb\xbf" + export(prompts).encode()) == read("\ufeff" + export(prompts)) == kept


def test_an_export_holds_no_id_and_no_owner() -> None:
    rows = json.loads(export([Prompt("N", "T", "message", "A", "secret-id")]))["prompts"]
    assert rows == [{"name": "N", "kind": "message", "about": "A", "text": "T"}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        (b"\xff\xfe\xfa", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "does not hold prompts"),
        ('{"format": "llm-playground/conversation", "version": 1}', "does not hold prompts"),
        (file(ROW, version=2), "newer"),
        (file(ROW, version="1"), "which version"),
        (file(ROW, version=True), "which version"),
        (file(), "no prompt"),
        (file(prompts={"name": "x"}), "no prompt"),
        (file(prompts=None), "no prompt"),
        (file(*[ROW] * (MOST + 1)), "more than"),
        (file(ROW, {"name": "N", "text": "x" * (TEXT + 1)}), "Prompt 2 of the file is longer"),
        ("x" * 20_000_001, "too large"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(text: str | bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read(text)


def test_wrong_types_are_not_said_and_what_says_nothing_is_left_out() -> None:
    rows = [None, 1, [], {}, {"name": 5, "text": "T"}, {"name": "N", "text": ["T"]}, {"name": " \n", "text": "T"}]
    hostile = {"name": "a\x00\nb\ud800" + "c" * 5000, "text": "\x00T\r\n", "kind": ["x"], "about": {}, "id": "1"}
    found = read(file(*rows, hostile))
    assert found == (Prompt(("a b\ufffd" + "c" * 5000)[:NAME], "T\r\n"),)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["name", "text", "kind", "about"]), inner),
    )
)
def test_any_json_gives_prompts_or_words(rows: Any) -> None:
    try:
        found = read(file(prompts=rows))
    except Unreadable as error:
        assert str(error).endswith(".")
    else:
        assert all(prompt.name and prompt.text for prompt in found)
