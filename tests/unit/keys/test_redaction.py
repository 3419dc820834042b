"""A Redactor takes a key out of text and JSON in each of its forms, and shows the key to nobody."""

from __future__ import annotations

import html
import pickle
from urllib.parse import quote, unquote

import pytest
from keys import every, leaked

from backend.keys.redaction import Redactor
from backend.text import clean

KEY = "sk-canary/7f3a9c51e2b84d60+a1c5d9"


@pytest.mark.parametrize("form", every(KEY))
def test_every_form_of_a_key_is_taken_out(form: str) -> None:
    redactor = Redactor(KEY)
    assert leaked(KEY, redactor.redact(f"a {form} b"), redactor.redact_answer(f"a {form} b")) == []
    redacted = redactor.redact_json({form: [form, {"x": form}], "n": 1})
    assert leaked(KEY, repr(redacted)) == []


def test_a_redactor_is_not_printed_and_not_pickled() -> None:
    redactor = Redactor(KEY)
    assert (
        leaked(KEY, repr(redactor), str(redactor), repr([getattr(redactor, name) for name in redactor.__slots__]))
        == []
    )
    with pytest.raises(TypeError):
        pickle.dumps(redactor)


def test_a_word_that_is_a_key_here_may_be_said_by_a_model_and_not_by_an_error() -> None:
    redactor = Redactor("lm-studio")
    assert (
        redactor.redact_answer("Start lm-studio.") == redactor.redact_json("Start lm-studio.") == "Start lm-studio."
    )
    assert redactor.redact("Bearer lm-studio") == "Bearer [key]"


def test_json_nested_without_end_is_refused() -> None:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ValueError, match="nested too deeply"):
        Redactor(KEY).redact_json(value)  # type: ignore[arg-type]


def test_a_key_with_signs_is_taken_out_of_a_url_too() -> None:
    key = "key/with+signs=and more"
    assert Redactor(key).redact(f"https://x/?k={quote(key, safe='')}") == "https://x/?k=[key]"


def test_without_a_key_nothing_is_taken_out() -> None:
    assert Redactor("").redact("words") == "words"


def test_a_short_key_is_taken_out_whole_and_not_in_halves() -> None:
    assert Redactor("abcd").redact("abcd ab cd") == "[key] ab cd"


@pytest.mark.parametrize(
    "hidden",
    [
        "\x00".join(KEY),  # a control between all characters: shown, it is the key
        "".join(f"&#{ord(letter)};" for letter in KEY),
        "".join(f"&#x{ord(letter):x};" for letter in KEY),
        "".join(f"%{ord(letter):02X}" for letter in KEY),
        quote(quote(KEY, safe=""), safe=""),
    ],
)
def test_a_key_that_shows_once_controls_are_gone_or_escapes_are_read_is_taken_out(hidden: str) -> None:
    redactor = Redactor(KEY)
    for text in (redactor.redact(hidden), redactor.redact_answer(hidden), str(redactor.redact_json([hidden]))):
        shown = unquote(unquote(html.unescape(clean(text))))
        assert leaked(KEY, shown) == []


def test_signs_that_only_look_like_escapes_stay() -> None:
    text = "100 % of R&D &amp; 5 %20 \\frac \\beta"
    assert Redactor(KEY).redact(text) == Redactor(KEY).redact_answer(text) == text
