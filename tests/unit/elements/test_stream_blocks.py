"""A growing text is cut where nothing goes on, what is cut off never changes, and all of it is drawn."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from components.elements.stream import CALM, FASTEST, OPENING, SHARE, Writer, blocks

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def cut(text: str) -> list[str]:
    return list(blocks(text))


def words(text: str) -> list[str]:
    """The lines that are not blank."""
    return [line.rstrip("\r") for line in text.split("\n") if line.strip()]


# ---- where a text is cut --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", " ", "\n", "\n\n\n", " \n\t\n"], ids=repr)
def test_nothing_is_no_block(text: str) -> None:
    assert cut(text) == []


def test_paragraphs_are_blocks() -> None:
    assert cut("one\n\ntwo\nmore\n\nthree") == ["one", "two\nmore", "three"]


def test_a_line_break_is_not_a_cut() -> None:
    assert cut("one\ntwo") == ["one\ntwo"]


def test_many_blank_lines_are_one_cut() -> None:
    assert [block.strip() for block in cut("one\n\n\n \n\t\ntwo")] == ["one", "two"]


def test_lines_may_end_as_they_do_on_windows() -> None:
    assert [block.strip() for block in cut("one\r\n\r\ntwo\r\n")] == ["one", "two"]


@pytest.mark.parametrize("space", ["\u2028", "\x85", "\x0b", "\x0c", "\u00a0", "\u3000"], ids=ascii)
def test_what_is_no_line_break_in_markdown_is_no_cut(space: str) -> None:
    assert cut(f"one{space}{space}two") == [f"one{space}{space}two"]
    assert cut(f"one\n{space}\ntwo") == [f"one\n{space}\ntwo"]


def test_a_heading_ends_what_was_before() -> None:
    assert cut("one\n\n# Two\n\nthree") == ["one", "# Two", "three"]


WHOLE = {
    "a fence": "```python\na = 1\n\nb = 2\n```",
    "a fence of tildes": "~~~\na\n\nb\n~~~",
    "a fence that has not ended": "```\na\n\nb\n\nc",
    "a fence in a fence": "````\n```\n\n```\n\na\n````",
    "a fence whose words look like its end": "```\n``` a\n\nb\n```",
    "a fence with an indented end": "```\n    ```\n\na\n```",
    "a list": "- a\n\n- b\n\n  c\n\n- d",
    "a list of stars": "* a\n\n* b",
    "a list of numbers": "1. a\n\n2. b\n\n10) c",
    "a list with an empty point": "- a\n\n-\n\n- b",
    "a list with tabs": "-\ta\n\n-\tb",
    "a list with a fence": "1. a\n\n   ```\n   b\n\n   c\n   ```\n\n2. d",
    "a list that begins with a fence": "- ```\n  a\n\n  b\n  ```",
    "code by indentation": "    a\n\n    b",
    "a quote": "> a\n\n> b",
    "a table after a table": "| a |\n|---|\n| b |\n\n| c |\n|---|",
    "a formula": "$$\na\n\nb\n$$",
    "a formula in brackets": "\\[\na\n\nb\n\\]",
    "a formula that begins in its first line": "\\[ a\n\nb \\]",
    "a comment": "<!-- a\n\nb -->",
    "preformatted html": "<pre>\n\na\n\n</pre>",
}
each_whole = pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)


@each_whole
def test_what_belongs_together_is_not_cut(text: str) -> None:
    assert cut(text) == [text]


@each_whole
def test_what_belongs_together_is_not_cut_while_it_arrives(text: str) -> None:
    for length in range(1, len(text) + 1):
        assert len(cut(text[:length])) <= 1


@each_whole
def test_what_stood_before_is_cut_off_once(text: str) -> None:
    before, *rest = cut(f"Here it is.\n\n# So\n\n{text}")
    assert before == "Here it is."
    assert "".join(rest).endswith(text)


@pytest.mark.parametrize(
    "text",
    [
        "```\na\n```\n\nb",
        "1. a\n   ```\n   b\n   ```\n\nc",
        "- a\n- b\n\nc",
        "> a\n\nb",
        "| a |\n|---|\n\nb",
        "$$\na\n$$\n\nb",
        "\\[ a \\]\n\nb",
        "\\[\na\n\\]\n\nb",
        "Run `$$` now.\n\nb",
        "It costs $5.\n\nb",
        "```a``` is code.\n\nb",
        "a ``` b\n\nc",
    ],
    ids=ascii,
)
def test_what_has_ended_is_cut_off(text: str) -> None:
    assert len(cut(text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "```x``` is code.\n\n```\na\n\nb\n```",
        "The shell's $$ is its number.\n\n```bash\necho $$\n\necho x\n```",
        "- a\n  ```\nb\n\n```\nc\n\nd\n```",
        "> ```\n> a\n\n```\nb\n\nc\n```",
        "~~~ a`b\nc\n~~~\n\n~~~\nd\n\ne\n~~~",
        "```\na\n```\u00a0\n\nb\n\nc",
    ],
    ids=ascii,
)
def test_what_only_looks_like_a_fence_cuts_no_other(text: str) -> None:
    assert drawn(text) == PARSER.render(text)


# ---- what is certain of any text ------------------------------------------------------------------------

LINES = (
    *("a", "b c", "", "", "", " ", "# h", "---", "===", "```", "```py", "~~~", "````", "   ```", "    ```", "  b"),
    *(
        "    c",
        "- a",
        "- ```",
        "  - b",
        "-",
        "*",
        "* c",
        "+",
        "1. a",
        "2)",
        "10. b",
        "> q",
        ">",
        "> ```",
        "| a | b |",
    ),
    *("|---|---|", "|", "$$", "$$ x", "x $$", "$$x$$", "\\[", "\\]", "\\[ x", "x \\]", "$5", "`", "``", "```x```"),
)
TEXTS = st.lists(st.sampled_from(LINES), max_size=14).map("\n".join)
ANYTHING = st.text(alphabet="a -*+1.)>|$`~#\\[]\n\n\n\r\t", max_size=40) | st.text(max_size=40) | TEXTS


@given(ANYTHING)
def test_joined_the_blocks_are_the_text_but_for_blank_lines(text: str) -> None:
    assert words("\n\n".join(cut(text))) == words(text)


@given(ANYTHING)
def test_every_block_has_something_in_it(text: str) -> None:
    assert all(block.strip() for block in blocks(text))


@given(ANYTHING)
def test_blocks_stand_in_the_text_one_after_the_other(text: str) -> None:
    position = 0
    for block in blocks(text):
        position = text.index(block, position) + len(block)


@given(ANYTHING)
def test_what_was_cut_off_never_changes_when_the_text_grows(text: str) -> None:
    whole = cut(text)
    for length in range(len(text)):
        *finished, _ = cut(text[:length]) or [""]
        assert finished == whole[: len(finished)]


@given(ANYTHING)
def test_what_was_cut_off_can_be_forgotten(text: str) -> None:
    """A writer reads only what it has not drawn for good."""
    consumed, forgetful = 0, []
    for length in range(len(text) + 1):
        *finished, tail = cut(text[consumed:length]) or [""]
        for block in finished:
            forgetful.append(block)
            consumed = text.index(block, consumed) + len(block)
    assert [block.strip() for block in [*forgetful, tail] if block] == [block.strip() for block in blocks(text)]


def drawn(text: str) -> str:
    return "".join(PARSER.render(block) for block in blocks(text))


@given(TEXTS)
def test_drawn_block_by_block_a_text_looks_as_it_does_whole(text: str) -> None:
    assert drawn(text) == PARSER.render(text)


@pytest.mark.parametrize("piece", ["a\n\n", "- a\n\n", "```\n\n", "> a\n\n", "\n", "$$\n\n", "\u2028", "    a\n\n"])
def test_a_long_text_takes_no_longer_than_its_length(piece: str) -> None:
    assert cut(piece * 20_000) or not piece.strip()


# ---- how often it is drawn ------------------------------------------------------------------------------


def test_a_tab_that_is_being_opened_gets_new_text_at_a_slower_pace() -> None:
    """Else its browser puts off what stands below the text, and that is Stop."""
    began = time.monotonic()
    opening, open_ = Writer(began), Writer(began - 2 * OPENING)
    opening.write("A word")
    assert opening.due >= began + CALM
    began = time.monotonic()
    open_.write("A word")
    now = time.monotonic()
    assert open_.due <= now + max(FASTEST, SHARE * (now - began))
