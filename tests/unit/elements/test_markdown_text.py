"""Money stays money, formulas formulas, code code; plain words and sources."""

from __future__ import annotations

import re
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_parsing import DOCUMENTS, HOSTILE, PARSERS, tokens

from components.elements.markdown import cite, plain, prepare


def code(text: str) -> list[str]:
    """What stands in code, blocks and spans."""
    return [token.content for token in tokens(text) if token.type in ("fence", "code_block", "code_inline")]


# ---- code -----------------------------------------------------------------------------------------------

CODE = {
    "a fence": "```rust\nlet a = vec![1, 2];\n```",
    "a fence of tildes": "~~~rust\nlet a = vec![1, 2];\n~~~",
    "a fence that has not ended": "```rust\nlet a = vec![1, 2];\n",
    "a fence after text": "Here it is:\n```rust\nvec![1]\n```\nThat is it.",
    "two fences": "```rust\nvec![1]\n```\n\n```md\n![a](b)\n```",
    "a fence in a list": "1. Write:\n   ```rust\n   vec![1]\n\n   vec![2]\n   ```\n2. Run it.",
    "a fence in a dotted list": "- Write:\n\n  ```rust\n  vec![1]\n  ```\n- Run it.",
    "a fence after a list": "- a\n- b\n\n```rust\nvec![1]\n```",
    "a fence that holds a fence": "````md\n```rust\nvec![1]\n```\n````",
    "a fence that holds html": "```html\n<pre>\n<!-- -->\n```\n\n```rust\nvec![1]\n```",
    "a fence after a formula": "$$\nx\n$$\n\n```rust\nvec![1]\n```",
    "a fence after a display formula": "\\[ x = 1 \\]\n\n```rust\nvec![1]\n```",
    "a fence after html and a blank line": "<details>\n<summary>a</summary>\n\n```rust\nvec![1]\n```",
    "a fence after a break": "One<br>two\n```rust\nvec![1]\n```",
    "a fence with dollars": "```bash\necho $HOME $$ $5\n```",
    "a fence with brackets": '```python\nre.compile("\\\\(a\\\\)")\nx = "\\\\[b\\\\]"\n```',
    "a span": "Write `vec![1]` in Rust.",
    "a span with a picture": "A picture is written `![alt](url)`.",
    "a span after a bold word": "**Syntax:** `![alt](url)`",
    "a span in a list": "- `![alt](url)`: a picture",
    "a span of two backticks": "Write ``![a](`b`)`` here.",
    "a span with dollars": "Run `echo $HOME $5` now.",
    "a span with brackets": "Escape `\\(` and `\\[` so.",
    "a span beside a formula": "With $x$ in `a $ b` too.",
    "a span after another paragraph": "A lone ` backtick.\n\nWrite `vec![1]`.",
}


@pytest.mark.parametrize("text", CODE.values(), ids=CODE)
def test_code_is_left_alone(text: str) -> None:
    assert code(text)
    assert code(prepare(text)) == code(text)


def test_code_in_a_deep_list_keeps_everything_but_its_pictures() -> None:
    text = "- a\n  - b\n\n    ```rust\n    vec![1] + f($x)\n    ```"
    assert code(prepare(text)) == ["vec!\\[1] + f($x)\n"]


@given(st.text(alphabet="ab$!\\()[] \n", max_size=40))
def test_any_code_in_a_fence_is_left_alone(content: str) -> None:
    text = f"```\n{content}\n```\n"
    assert code(prepare(text)) == code(textwrap.dedent(text)), "st.markdown empties blank lines itself"


def test_a_line_that_only_ends_otherwise_is_the_same() -> None:
    assert prepare("a\r\nb\rc") == "a\nb\nc"


# ---- money and formulas ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("$5", "\\$5"),
        ("It costs $5 and $10.", "It costs \\$5 and \\$10."),
        ("$5-$10", "\\$5-\\$10"),
        ("from $1,000.50 to $2", "from \\$1,000.50 to \\$2"),
        ("a $ b $ c", "a \\$ b \\$ c"),
        ("US$5", "US\\$5"),
        ("5$", "5\\$"),
        ("$", "\\$"),
        ("**$5** or _$6_", "**\\$5** or _\\$6_"),
        ("| $5 | $6 |", "| \\$5 | \\$6 |"),
        ("already \\$5", "already \\$5"),
    ],
)
def test_money_stays_money(text: str, drawn: str) -> None:
    assert prepare(text) == drawn


@pytest.mark.parametrize(
    "text",
    [
        "$x$",
        "$x^2 + y^2$",
        "Let $a$ and $b$ be given.",
        "$5x$",
        "($x$)",
        "$x$, $y$.",
        "$\\alpha$",
        "$a_1$-th",
    ],
)
def test_a_formula_stays_a_formula(text: str) -> None:
    assert prepare(text) == text


def test_money_and_a_formula_in_one_line() -> None:
    assert prepare("It costs $5 if $x$ is 1.") == "It costs \\$5 if $x$ is 1."


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("\\(x\\)", "$x$"),
        ("With \\(a\\) and \\(b\\).", "With $a$ and $b$."),
        ("so \\[x\\] is", "so $$x$$ is"),
        ("\\[x\\]", "$$\nx\n$$"),
        ("- a\n  \\[x\\]", "- a\n  $$\n  x\n  $$"),
        ("$$x$$", "$$\nx\n$$"),
        ("\\[\nx\n\\]", "$$\nx\n$$"),
        ("$$\nx\n$$", "$$\nx\n$$"),
    ],
)
def test_a_formula_is_written_as_streamlit_knows_it(text: str, drawn: str) -> None:
    assert prepare(text) == drawn


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("\\[ x\n= y \\]", "$$\nx\n= y\n$$"),
        ("$$ x\n= y $$", "$$\nx\n= y\n$$"),
        ("\\[ x\n= y\n\\]", "$$\nx\n= y\n$$"),
        ("\\[\nx\n= y \\]", "$$\nx\n= y\n$$"),
        ("- a\n  \\[ x\n  = y \\]", "- a\n  $$\n  x\n  = y\n  $$"),
    ],
)
def test_a_formula_over_several_lines_ends_where_it_was_meant_to(text: str, drawn: str) -> None:
    assert prepare(text) == drawn


def test_what_stands_in_a_formula_is_left_alone() -> None:
    text = "$$\na_1 \\$5 `b`\n$$"
    assert prepare(text) == text


def test_money_after_a_formula_is_money() -> None:
    assert prepare("$$\nx\n$$\n$5 and $6") == "$$\nx\n$$\n\\$5 and \\$6"


# ---- anything -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "a", "a\n", "a\n\nb", "# a\n\n- b\n  c\n\n> d\n", "日本語 🎉"])
def test_plain_markdown_passes_unchanged(text: str) -> None:
    assert prepare(text) == text


@given(st.text(max_size=80) | DOCUMENTS)
def test_any_text_can_be_prepared_and_no_word_is_lost(text: str) -> None:
    drawn = prepare(text)
    assert [char for char in drawn if char.isalpha() and not char.isascii()] == [
        char for char in text if char.isalpha() and not char.isascii()
    ]
    assert sum(map(str.isdigit, drawn)) == sum(map(str.isdigit, text))


ENDLESS = [
    "$",
    "`",
    "![",
    "](",
    "]:",
    "](<",
    "[a](data:",
    "$a ",
    "` a",
    "<a ",
    "\\[ ",
    "[^a]: ",
    "- ",
    "> ",
    "1. ",
    "[^",
    ":a[",
]


@pytest.mark.parametrize("piece", [*ENDLESS, "\n$$", "\n```", "\n- ```"], ids=ascii)
def test_a_long_text_takes_no_longer_than_its_length(piece: str) -> None:
    # Quadratic work on this much text is minutes, and the limit of one test ends it.
    assert prepare(piece * 20_000)


# ---- one line of plain words ----------------------------------------------------------------------------


@pytest.mark.parametrize("text", [*HOSTILE.values(), "# a", "1. a", "- a", "> a", "a | b", "**a**", "<b>a</b>"])
def test_plain_words_are_nothing_but_words(text: str) -> None:
    for parser in PARSERS:
        kinds = {token.type for token in tokens(plain(text), parser)}
        assert kinds <= {"paragraph_open", "inline", "text", "text_special", "paragraph_close"}


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


# ---- sources --------------------------------------------------------------------------------------------

SOURCES = ["https://a.test/x?y=1&z=$(2)", "javascript:alert(1)", "https://b.test/"]


FIRST, THIRD = "[[1]](https://a.test/x?y=1&z=%24%282%29)", "[[3]](https://b.test/)"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Rain [1]. Snow[3], or both [1][3].", f"Rain {FIRST}. Snow{THIRD}, or both {FIRST}{THIRD}."),
        ("- [3] first", f"- {THIRD} first"),
        ("no web page [2], none of them [0][4][999]", "no web page [2], none of them [0][4][999]"),
        ("`[1]` is code", "`[1]` is code"),
        ("```\n[1]\n```", "```\n[1]\n```"),
        ("$$\n[1]\n$$", "$$\n[1]\n$$"),
        ("a [1](https://c.test) link, ![1], [x][1], \\[1]", "a [1](https://c.test) link, ![1], [x][1], \\[1]"),
        ("[1]: https://evil.test", "[1]: https://evil.test"),
    ],
)
def test_the_numbers_in_a_text_with_sources_are_links_to_them(text: str, shown: str) -> None:
    assert cite(text, SOURCES) == shown
    assert cite(text, []) == text


@given(st.text("[]()!\\`$\n 123ab:", max_size=60), st.lists(st.text(max_size=30), max_size=3))
def test_no_source_becomes_a_picture_or_another_link_than_its_own(text: str, sources: list[str]) -> None:
    before = set(re.findall(r"\]\(([^)]*)", text))
    for address in re.findall(r"\]\((https?:[^)]*)", cite(text, sources)):
        assert address in before or any(found.lower().startswith("http") for found in sources)
    assert prepare(cite(text, sources)).count("![") == prepare(text).count("![")
