"""What an independent CommonMark parser sees in a text."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

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


PIECES = (
    *("![x](u)", "![", "x](u)", "`![x](u)`", "`", "``", "```", "````", "~~~", "    ", "  ", " ", "\t", "\r"),
    *("- ", "1. ", "> ", "* ", "# ", "---", "| ", "|-|-|", "$", "$$", "\\(", "\\)", "\\[", "\\]", "\\"),
    *("<div>", "</div>", "<!--", "-->", "<pre>", "</pre>", '<a title="', '">', "<", ">", "[", "](", "[r]: u"),
    *("https://a.example/", "a", "rust", ":", ":::", "~", "{", "}", "\u00a0", "5"),
)


DOCUMENTS = st.lists(st.sampled_from(PIECES) | st.just("\n") | st.just("\n\n"), max_size=24).map("".join)
