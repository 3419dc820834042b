"""No text makes the reader's browser fetch a picture; money stays money, formulas formulas, code code.

What a picture is, an independent CommonMark parser says, not the code under test.
"""

from __future__ import annotations

import textwrap

import pytest
from browser import Chat
from fake_api import FakeAPI, stream
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_parsing import DOCUMENTS, HOSTILE, PARSERS, PICTURE, URL, tokens

from components.elements.markdown import prepare


def pictures(text: str) -> list[str]:
    """The addresses of the pictures that a browser would fetch, drawn as it is and as st.markdown indents it."""
    drawings = {text, textwrap.dedent(text).strip()} if "![" in text else ()  # quick: no picture without
    return [
        str(token.attrs.get("src"))
        for drawn in drawings
        for parser in PARSERS
        for token in tokens(drawn, parser)
        if token.type == "image"
    ]


each_hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)


def test_the_parser_sees_pictures_where_there_are_some() -> None:
    assert pictures(PICTURE)
    assert pictures(HOSTILE["the list ended the fence"])
    assert not pictures(f"`{PICTURE}`")


@each_hostile
def test_no_picture_is_fetched(text: str) -> None:
    assert pictures(prepare(text)) == []


@each_hostile
def test_no_picture_is_fetched_while_the_text_arrives(text: str) -> None:
    for length in range(len(text)):
        assert pictures(prepare(text[:length])) == []


# What a text may leave behind for the next one: an open fence, a formula, HTML, a list, half a span.
BEGINNINGS = [
    *("```\ncode", "~~~ a`b", "- ```\n  a", "> ```", "- a\n  ```", "    ```", "$$\nx", "a $$ b", "\\[ x", "a ` b"),
    *("<div>", "<!--", "- a\n  - b", "| a | b |\n|---|---|", "[^1]: a"),
    *("```\n    ```", "``` `", "\u00a0```", "[a]: <"),
]


@each_hostile
def test_no_picture_is_fetched_after_any_other_text(text: str) -> None:
    for beginning in BEGINNINGS:
        assert pictures(prepare(f"{beginning}\n{text}")) == []


@each_hostile
def test_no_picture_is_fetched_from_inside_another_block(text: str) -> None:
    for before in ("> ", "- ", "1. ", "  ", "    ", "\t", "* > ", "[^1]: "):
        every_line = "\n".join(before + line for line in text.split("\n"))
        first_line = before + text
        indented = before + text.replace("\n", "\n" + " " * len(before))
        for inside in (every_line, first_line, indented):
            assert pictures(prepare(inside)) == [], before


@given(DOCUMENTS)
@example("```\n    ```\n```\n![x](u)")
def test_no_picture_is_fetched_whatever_is_put_together(text: str) -> None:
    assert pictures(prepare(text)) == []


@given(st.lists(st.sampled_from([*HOSTILE.values(), "```", "~~~", "text", "", "- a", "  b", "$$"]), max_size=5))
def test_no_picture_is_fetched_whatever_follows_what(parts: list[str]) -> None:
    assert pictures(prepare("\n".join(parts))) == []


@given(st.text(alphabet="!`[]()~$\\<>-\n \t|:1.ux\"'", max_size=60))
def test_no_picture_is_fetched_from_any_characters(text: str) -> None:
    assert pictures(prepare(text)) == []


def test_the_address_of_a_picture_can_still_be_read_and_clicked() -> None:
    links = [token.attrs["href"] for token in tokens(prepare(PICTURE)) if token.type == "link_open"]
    assert links == [URL]


def test_a_link_stays_a_link() -> None:
    assert prepare("[a](https://a.example)") == "[a](https://a.example)"


def test_an_exclamation_is_only_an_exclamation() -> None:
    assert prepare("Hello! [a](b) wow!") == "Hello! [a](b) wow!"


def test_the_real_renderer_fetches_no_picture(chat: Chat, server: FakeAPI) -> None:
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    for text in list(HOSTILE.values())[-12:]:  # those that only the real one understands among them
        server.play(stream(text.replace("https://evil.example", "http://127.0.0.1:9")))
        chat.send("Hello").ended()
    assert chat.page.locator("a[href*='127.0.0.1:9']").count(), "the answers are there"
    assert not [url for url in asked if "127.0.0.1:9/" in url]


# ---- links ----------------------------------------------------------------------------------------------

ELSEWHERE = (
    "javascript:alert(1)",
    "data:text/html,x",
    "DATA:text/html,x",
    "file:///etc/passwd",
    "vbscript:x",
    "svg:svg",
)


ELSEWHERE += ("d&#97;ta:x", "data&colon;x", "ftp://a.example/x", "blob:http://a.example/1", "tel:1", "\\data:x")


WAYS = (
    "[x]({})",
    "[x]( {} )",
    '[x]({} "t")',
    "[x](<{}>)",
    "<{}>",
    "[r]\n\n[r]: {}",
    "[r]\n\n[r]:\n{}",
    "[r]\n\n[r]: <{}> 't'",
)


WAYS += ("\\\\<{}>", "\\\\[x]({})", "$$\n<{}>\n$$")


WAYS += (
    "[x](\n{})",
    "- [x]({})",
    "> [r]\n>\n> [r]: {}",
    "[a](b[x]({}))",
    "![x]({})",
    "[![x]({})]({})",
    "`a` [x]({}) $5",
)


def links(text: str) -> list[str]:
    """Where the links of a text lead, by a parser that lets all of them be."""
    parser = MarkdownIt("commonmark")
    parser.validateLink = lambda _: True  # type: ignore[method-assign]
    return [str(token.attrs["href"]) for token in tokens(text, parser) if token.type == "link_open"]


@pytest.mark.parametrize("way", WAYS)
def test_no_link_leads_to_anything_but_pages_and_mail(way: str) -> None:
    for address in ELSEWHERE:
        text = way.replace("{}", address)
        for before in ("", *(f"{beginning}\n" for beginning in BEGINNINGS)):
            found = links(prepare(before + text))
            assert [link for link in found if ":" in link.partition("/")[0]] == [], (before, address)


@pytest.mark.parametrize(
    "address", ["https://a.example/x:y", "HTTP://a.example", "mailto:a@b.example", "#part", "/a:b"]
)
@pytest.mark.parametrize("way", WAYS[:3])
def test_a_link_to_a_page_or_to_mail_stays_one(way: str, address: str) -> None:
    assert links(prepare(way.replace("{}", address))) == [address]


def test_words_that_look_like_an_address_stay_as_they_are() -> None:
    for text in (
        "[^1]: Source: a book",
        "Note [1]:",
        "`x[0]:`",
        "a[0]: int",
        "if `f[T](x: int)` in [a](https://b.example)",
    ):
        assert prepare(text) == text


def test_backslashes_before_a_tag_are_all_there() -> None:
    assert prepare("a \\\\<b> c") == "a \\\\\\<b> c"
    assert prepare("a \\<b> c") == "a \\<b> c"


def test_a_picture_in_base64_is_not_drawn_as_a_page_of_letters() -> None:
    assert len(prepare(f"Here: ![a](data:image/png;base64,{'A' * 100_000})")) < 200
