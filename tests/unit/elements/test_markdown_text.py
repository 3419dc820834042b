"""Words from outside in Streamlit's elements are nothing but words, and links lead to web pages."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_parsing import HOSTILE, PARSERS, tokens

from components.elements.markdown import label_text, link, plain


@pytest.mark.parametrize("text", [*HOSTILE.values(), "# a", "1. a", "- a", "> a", "a | b", "**a**", "<b>a</b>"])
def test_plain_words_are_nothing_but_words(text: str) -> None:
    for parser in PARSERS:
        kinds = {token.type for token in tokens(plain(text), parser)}
        assert kinds <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}


@pytest.mark.parametrize("text", [*HOSTILE.values(), "a_b_c", "**a**", "`a`", "https://a.example", "www.a.example"])
def test_a_field_is_named_by_words_that_are_drawn_as_they_are_read_aloud(text: str) -> None:
    name = f"Choose {label_text(text)}"
    for parser in PARSERS:
        kinds = {token.type for token in tokens(name, parser)}
        assert kinds <= {"paragraph_open", "inline", "text", "paragraph_close"}
    assert not re.search(r"[\\*`_<>\u2060]", name)


BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("text", ["https://a.example", "www.a.example", "WWW.a.example", "me@a.example", "a@b.c"])
def test_plain_words_are_no_links(text: str) -> None:
    # The renderer finds bare addresses after it has taken the backslashes away: a joiner keeps them apart.
    assert "\u2060" in plain(text)


def test_plain_words_run_in_one_direction() -> None:
    assert plain("a\u202eb\u2066c\u2069") == "abc"


@given(st.text(max_size=60))
def test_plain_words_are_read_as_they_were_written(text: str) -> None:
    (inline,) = [token for token in PARSERS[1].parse(plain(text)) if token.type == "inline"] or [None]
    shown = "".join(child.content for child in inline.children or ()) if inline else ""
    unlinked = " ".join(shown.replace("\u2060", "").split())  # what keeps an address from becoming a link
    assert unlinked == " ".join(BIDI.sub("", text).replace("\u2060", "").split()).replace("\x00", "\ufffd")


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\u2028b", "a \t  b", " a b "])
def test_plain_words_stand_on_one_line(text: str) -> None:
    assert plain(text) == "a b"


@pytest.mark.parametrize("text", [":material/home:", ":red[x]", ":smile:", "$x$", "a -> b", "https://a.example"])
def test_plain_words_are_no_command_of_streamlits(text: str) -> None:
    assert not any(mark in plain(text).replace("\\" + mark, "") for mark in ":[]$>/")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "/local", "https://", "https:///x", "https://[x/", ""]
)
def test_an_address_that_is_no_web_page_is_only_words(address: str) -> None:
    assert link("Words", address) == "Words"


def test_an_address_cannot_end_its_link() -> None:
    assert link("a", "https://a.test/x?y=1&z=$(2)") == "[a](https://a.test/x?y=1&z=%24%282%29)"
