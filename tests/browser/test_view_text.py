"""The view of texts (components/view, built into static/) in Chromium: what a reader sees of a model's answer."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from basics import DATA, cases, collections
from browser import SCREEN
from playwright.sync_api import Browser
from viewing import View

ANSWERS = tomllib.loads((DATA / "answers.toml").read_text("utf-8"))["answer"]


@pytest.fixture(scope="module")
def view(browser: Browser) -> Iterator[View]:
    """One page for all texts: each takes the place of the one before."""
    context = browser.new_context(viewport=SCREEN, permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(60_000)
    yield View(context.new_page())
    context.close()


def wrong(view: View, answer: dict[str, Any]) -> list[str]:
    """What is not as the table says."""
    has, lacks, count = answer.get("has", []), answer.get("lacks", []), answer.get("count", {})
    seen = view.measure([*has, *lacks], list(count), answer.get("rtl", ""))
    words = " ".join(seen["words"].split())
    return [
        *(f"lacks {each}" for each in has if not seen["there"][each]),
        *(f"has {each}" for each in lacks if seen["there"][each]),
        *(f"{seen['count'][each]} of {each}" for each, number in count.items() if seen["count"][each] != number),
        *(f"does not say {each!r}: {words!r}" for each in answer.get("says", []) if each not in words),
        *(f"says {each!r}: {words!r}" for each in answer.get("silent", []) if each in words),
        *(f"from the left: {each}" for each in seen["left"]),
        *([f"formulas: {seen['tex']}"] if "tex" in answer and answer["tex"] != seen["tex"] else []),
    ]


def test_answers_look_as_their_writer_meant_at_once_and_after_growing(view: View) -> None:
    broken: dict[str, list[str]] = {}
    for answer in ANSWERS:
        options = {"citations": answer.get("citations", [])}
        at_once = view.draw(answer["text"], **options)
        found = wrong(view, answer)
        if view.grow(answer["text"], **options) != at_once:
            found.append("grown, it looks different")
        if found:
            broken[answer["name"]] = found
    assert not broken, "\n".join(f"{name}: {found}" for name, found in broken.items())
    view.harmless()


# ---- growing, filling, exporting ------------------------------------------------------------------------


def test_a_finished_block_stays_in_the_page_while_the_text_grows(view: View) -> None:
    """What a reader has selected, opened or scrolled is not taken away."""
    kept = view.page.evaluate("""() => {
      document.querySelector('main').innerHTML = '<div></div>';
      const body = new Body(document.querySelector('main > div'), { id: 'x' });
      let text = '# One\\n\\nTwo\\n\\n```js\\nlet a\\n```\\n\\n| a |\\n|---|\\n| 1 |\\n\\n- x\\n- y\\n\\nThree and';
      body.update(text);
      const before = [...document.querySelectorAll('h2, p, .pg-code, tr, li')];
      const rest = ' four five six.\\n\\n- seven\\n- eight\\n\\nnine ten';
      for (const letter of rest) body.update(text += letter);
      body.update(text, { final: true });
      return [before.length, before.filter((each) => each.isConnected).length];
    }""")
    assert kept[0] == kept[1] == 8


HALF = """**Bold *and italic* words**, `code`, ~~gone~~, <kbd>Ctrl</kbd> and [a **link**](https://a.example/x_y "t")

- [x] done: \\(x^2\\) and $y$
- [Contents](#one), ![a picture](https://a.example/p.png), 看[文档](https://a.example/文)后[^1]和**$$z$$**

> [!NOTE]
> `| a |` costs $5.

| Head | **two** |
|------|--------:|
| a `b` | $\\alpha$ &amp; <sub>c</sub><ul><li><ruby>漢<rt>かん</rt></ruby></li><li>d</li></ul> |

[1]: https://a.example/y
[^1]: A **note**
"""


def test_no_marks_flash_by_and_no_word_goes_while_a_text_grows(view: View) -> None:
    seen = view.page.evaluate(
        """async (text) => {
      const seen = { marks: [], lost: [] };
      let before = "";
      window.lookAt = (element) => {
        const bare = element.cloneNode(true);
        for (const gone of bare.querySelectorAll(".pg-math, .pg-bar, code")) gone.remove();
        const [words, letters] = [bare.textContent, bare.textContent.replace(/[^\\p{L}\\p{N}]/gu, "")];
        if (/[*~`<|$\\\\]|\\]\\(|\\[[!x ]/.test(words.replace("$5", ""))) seen.marks.push(words.slice(-60));
        if (!letters.startsWith(before)) seen.lost.push(letters.slice(-40));
        before = letters;
      };
      await grow(text, 1);
      delete window.lookAt;
      return seen;
    }""",
        HALF,
    )
    assert seen == {"marks": [], "lost": []}


def test_code_that_grows_is_added_to_and_coloured_at_its_end(view: View) -> None:
    found = view.page.evaluate("""async () => {
      document.querySelector('main').innerHTML = '<div></div>';
      const body = new Body(document.querySelector('main > div'), { id: 'x' });
      body.update('```js\\nlet a = 1');
      const code = document.querySelector('code');
      const words = code.firstChild;
      body.update('```js\\nlet a = 1;\\nlet b');
      const grown = words.isConnected && words.data;
      body.update('```js\\nlet a = 1;\\nlet b;\\n```', { final: true });
      await body.whenDone;
      return [grown, code.isConnected, code.querySelectorAll('.pg-t-keyword').length];
    }""")
    assert found == ["let a = 1;\nlet b\n", True, 2] or found == ["let a = 1;\nlet b", True, 2]


def test_another_text_takes_the_place_of_the_first(view: View) -> None:
    html = view.page.evaluate("""async () => {
      document.querySelector('main').innerHTML = '<div></div>';
      const body = new Body(document.querySelector('main > div'), { id: 'x' });
      body.update('One\\n\\ntwo\\n\\nthree\\n\\nfour');
      body.update('One\\n\\nelse', { final: true });
      await body.whenDone;
      return document.querySelector('main > div').textContent;
    }""")
    assert html == "Oneelse"


def test_many_texts_are_there_at_once_and_drawn_from_the_last_to_the_first(view: View) -> None:
    seen = view.page.evaluate("""async () => {
      const main = document.querySelector("main");
      main.replaceChildren();
      const drawn = [];
      const bodies = Array.from({ length: 300 }, (_, at) => {
        const element = main.appendChild(document.createElement("div"));
        const body = new Body(element, { id: `m${at}` });
        const update = body.update.bind(body);
        body.update = (...text) => { drawn.push(at); update(...text); };
        body.updateLater(`Number **${at}**`);
        return body;
      });
      const before = main.textContent;
      bodies[7].update("Another *text*", { final: true });
      bodies[8].destroy();
      while (drawn.length < 299) await new Promise((next) => setTimeout(next, 10));
      const texts = [7, 8, 299].map((at) => main.children[at].innerHTML);
      return { before, drawn: drawn.filter((at) => at !== 7), texts };
    }""")
    assert "Number **0**" in seen["before"] and "Number **299**" in seen["before"]
    assert seen["drawn"] == [at for at in range(299, -1, -1) if at not in (7, 8)]
    assert ["<em>text</em>" in seen["texts"][0], "**8**" in seen["texts"][1]] == [True, True]
    assert "<strong>299</strong>" in seen["texts"][2] and "pg-plain" not in seen["texts"][2]


def test_code_and_tables_are_copied_as_they_were_written(view: View) -> None:
    view.draw("```js\nlet a = '<b>';\n```\n\n| a | b |\n|---|---|\n| \\(x^2\\) | c<br>d |\n")
    pasted = "navigator.clipboard.readText()"
    view.page.get_by_role("button", name="Copy code").click()
    view.page.get_by_text("Copied").wait_for()
    assert view.page.evaluate(pasted) == "let a = '<b>';"  # a line end would start it in a terminal
    view.page.get_by_role("button", name="Copy table").click()
    view.page.locator(".pg-table").get_by_text("Copied").wait_for()
    assert view.page.evaluate(pasted) == "a\tb\nx^2\tc d"


def test_a_selection_is_copied_with_the_source_of_formulas_and_no_controls(view: View) -> None:
    view.draw("So $x^2$ holds.\n\n\\[ y = 2 \\]\n\n```py\nz = 3\n```\n\nAs said[^1].\n\n[^1]: By him")
    pasted = "navigator.clipboard.readText()"
    view.page.evaluate("getSelection().selectAllChildren(document.querySelector('main'))")
    view.page.keyboard.press("Control+c")
    lines = [line for line in view.page.evaluate(pasted).splitlines() if line.strip()]
    assert lines == ["So $x^2$ holds.", "$$y = 2$$", "z = 3", "As said1.", "By him"]
    view.page.evaluate("getSelection().selectAllChildren(document.querySelector('.katex-html .mord'))")
    view.page.keyboard.press("Control+c")
    assert view.page.evaluate(pasted) == "$x^2$"


def test_long_lines_of_code_can_be_wrapped(view: View) -> None:
    view.draw("```\n" + "word " * 400 + "\n```")
    wide = "document.querySelector('pre').scrollWidth > document.querySelector('pre').clientWidth"
    assert view.page.evaluate(wide)
    view.page.get_by_role("button", name="Wrap lines").click()
    assert not view.page.evaluate(wide)


def test_the_library_for_formulas_is_not_asked_for_without_one(browser: Browser) -> None:
    with browser.new_context(viewport=SCREEN) as context:
        view = View(context.new_page())
        view.draw("Words, $5 and $6.")
        assert not [url for url in view.asked if "katex" in url or "highlight" in url]
        view.draw("$x$")
        assert [url for url in view.asked if "katex-" in url]


def test_an_export_holds_formulas_without_scripts_and_buttons(view: View) -> None:
    text = "A \\(x^2\\) [1], `b`[^1].\n\n```js\nc\n```\n\n| a |\n|---|\n| 1 |\n\n[^1]: note"
    html = view.page.evaluate("text => renderToHTML(text, { id: 'e', citations: ['https://a.example/'] })", text)
    assert "<math" in html and "<msup>" in html and 'id="pg-e-note-1"' in html and "https://a.example/" in html
    assert "<td" in html and "<button" not in html and "<script" not in html and "katex-html" not in html


# ---- hostile text ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("collection", collections("markdown_payloads.jsonl"))
def test_no_recorded_text_does_or_asks_anything(view: View, collection: Path) -> None:
    for case in cases(collection):
        text = case["text"].replace("LEAK", "http://leak.example/x")
        for said in (
            text,
            f"Words: {text} and\n\n- {text}\n\n| a |\n|---|\n| {text} |",
            f"> {text}\n\n[1]: {text}",
        ):
            view.draw(said)
            view.harmless()
        view.grow(text)
        view.harmless()


# Marks of every kind, and what would do something if it came through.
MARKS = (
    *(
        "*",
        "**",
        "_",
        "~~",
        "`",
        "```",
        "~~~\n",
        "[",
        "](",
        "]",
        ")",
        "![",
        "<",
        ">",
        "|",
        "\\",
        "$",
        "$$",
        "\\(",
        "\\)",
    ),
    *(
        "\\[",
        "\\]",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "1. ",
        "    ",
        "# ",
        "| a |\n|---|\n| ",
        "[^1]",
        "\n[^1]: ",
        "\n[r]: ",
        "[r]",
    ),
    *(
        "<b>",
        "</b>",
        "<sub>",
        "</sub>",
        "<details>\n",
        "<summary>",
        "</summary>",
        "\n</details>\n",
        "<br>",
        "<code>",
    ),
    *(
        "\\begin{align}",
        "\\end{align}",
        "\\text{",
        "}",
        "\\href{",
        "&",
        "&lt;",
        "&#x6A;",
        "\u202e",
        "\u05d0",
        "漢字",
        "😀",
    ),
    *("\ud83d", "\0", "\r", "\t", "x", " ", "[1]", "{", "\\url{", "\\htmlData{a=b}{", "data:image/png;base64,AAAA"),
)
DANGERS = (
    "![a](http://leak.example/x)",
    "<img src=http://leak.example/x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "[a](javascript:alert(1))",
    '"onmouseover="alert(1)',
    "<svg onload=alert(1)>",
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>",
    "</div></p><style>@import 'http://leak.example/x'</style>",
    "\\includegraphics{http://leak.example/x}",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
)


def mixture(numbers: random.Random) -> str:
    """Marks around something dangerous, as nobody would write them."""
    parts = [numbers.choice(MARKS) for _ in range(numbers.randint(2, 14))]
    parts.insert(numbers.randrange(len(parts)), numbers.choice(DANGERS))
    return "".join(parts)


@pytest.mark.parametrize("number", [500, pytest.param(10_000, marks=pytest.mark.long)])
def test_no_mixture_of_marks_does_or_asks_anything(view: View, number: int) -> None:
    numbers = random.Random(number)
    for _ in range(number // 20):
        texts = [mixture(numbers) for _ in range(20)]
        assert view.foreign(texts) == []
        view.grow("\n\n".join(texts), size=40)
        view.harmless()


def test_a_text_looks_the_same_however_it_came(view: View) -> None:
    numbers = random.Random(7)
    for _ in range(60):
        text = "".join(numbers.choice((*MARKS, "word ", "some words\n")) for _ in range(40))
        assert view.grow(text, size=numbers.choice((1, 2, 7))) == view.draw(text), repr(text)


# ---- sizes ----------------------------------------------------------------------------------------------

LARGE: dict[str, str] = {
    "a line of a megabyte": "word " * 200_000 + "end",
    "a paragraph of many lines": "some words of a line\n" * 12_000 + "end",
    "quotes in quotes": ">" * 100_000 + " end",
    "lists in lists": "- " * 5_000 + "end",
    "open brackets": "[" * 100_000 + "end",
    "links in links": "[" * 3_000 + "x" + "](" * 3_000 + " end",
    "open round brackets": "\\(" * 50_000 + "end",
    "marks without an end": "*_" * 20_000 + " " + "`" * 999 + " " + "$" * 999 + " end",
    "stars that close": "**a " * 2_000 + "b** " * 2_000 + "end",
    "open tags": "<b>" * 20_000 + "end",
    "hundreds of formulas": "".join(f"Say $x_{{{n}}} + {n}$ now.\n\n" for n in range(300)) + "end",
    "a fence that never ends": "```python\n" + "value = compute(1, 2)\n" * 20_000 + "end",
    "five thousand rows": "| a | b | c |\n|---|---|---|\n" + "| one | **two** | `3` |\n" * 5_000 + "\nend",
    "ten thousand items": "".join(f"- item **{n}**\n" for n in range(10_000)) + "\nend",
    "two thousand paragraphs": "Some *words* and `code` and [a link](https://a.example/x).\n\n" * 2_000 + "end",
    "halves of characters": "\ud83d a \udc00 b " * 10_000 + "end",
    "a note for each": "".join(f"a[^{n}]\n\n[^{n}]: b\n\n" for n in range(600)) + "end",
    "backslashes and dollars": "\\$ $ \\\\ " * 20_000 + "end",
    "begins without an end": "\\begin{align} " * 8_000 + "end",
    "a formula too long": "$$\n" + "x + " * 10_000 + "\n$$\n\nend",
    "emails and addresses": "https://a.example/x?y=1 me@example.com " * 4_000 + "end",
    "pipes": "|" * 50_000 + "\n" + "|-" * 25_000 + "\nend",
    # Of these, 20,000 characters held the page for a quarter of a minute, and the time grew with the square.
    "heads of no table": "|-|-|\n|-|\n" * 1_500 + "\nend",
    "formulas that never close": "$$ a\n" * 10_000 + "\nend",
    "folds that never close": "<details>\n" * 20_000 + "\nend",
    "a macro of hundreds": "".join("$\\def\\a{" + "x" * n + "}" + "\\a" * 290 + "$ " for n in (300, 95)) + "end",
}

# One of each kind; all of them in `make long`.
SAMPLE = {"a line of a megabyte", "quotes in quotes", "open brackets", "marks without an end", "open tags"}
SAMPLE |= {"hundreds of formulas", "a fence that never ends", "five thousand rows", "halves of characters", "pipes"}
SAMPLE |= {"heads of no table", "formulas that never close", "a macro of hundreds"}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[pytest.mark.long] * (kind not in SAMPLE)) for kind in LARGE]
)
def test_a_large_or_odd_text_is_there_to_its_end(view: View, kind: str) -> None:
    """How long it takes is measured elsewhere; here it must come to an end with nothing lost."""
    text = LARGE[kind]
    view.draw(text)
    assert "end" in view.words()
    at_once = view.page.evaluate("document.querySelector('.pg-body').innerHTML.length")
    view.grow(text, size=max(40, len(text) // 20))
    assert view.page.evaluate("document.querySelector('.pg-body').innerHTML.length") == at_once
    view.harmless()
