"""Conversations as Markdown and as a web page: complete, good to read, and harmless wherever they are opened."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from playwright.sync_api import Page
from talks import PNG, SVG, TALK, answer, record

from backend.conversation.tree import Conversation
from backend.formats import archive, html, readable
from backend.formats.archive import Record
from backend.formats.zip import LONGEST, bundle, file_name
from backend.types import Citation, Failure, Media, Message, Timing, ToolCall, Usage

# ---- Markdown ------------------------------------------------------------------------------------------------


def headings(text: str) -> list[str]:
    tokens = MarkdownIt("commonmark").parse(text)
    return [after.content for token, after in pairwise(tokens) if token.type == "heading_open"]


def test_markdown_has_a_heading_for_the_title_the_prompt_and_every_message() -> None:
    assert [re.sub(r"\\", "", text) for text in headings(readable.markdown(TALK))] == [
        "On *this* and <that>",
        "System prompt",
        "You",
        "Assistant",
        "Result of look",
        "Assistant",
    ]


@pytest.mark.parametrize("waits", [True, False])
def test_a_blind_race_tells_its_models_only_after_its_vote(waits: bool) -> None:
    lanes = [{"model": "fake/alpha", "first": [1]}]
    settings = {**TALK.settings, "lanes": lanes, "blind": "hidden" if waits else "revealed"}
    race = replace(TALK, settings=settings)
    for told in (readable.markdown(race), readable.page(race), "".join(readable.texts(race))):
        assert "Let me think" not in told or not waits
    for told in (readable.markdown(race), readable.page(race)):
        assert ("fake/alpha" in told, "0.0012" in told) == (not waits, not waits)
    assert [node.message.content for node in archive.read(archive.export(race)).conversation.path()] == [
        node.message.content for node in TALK.conversation.path()
    ]


def raced(blind: str = "", **second: Any) -> Record:
    """Two lanes with one question; both called a function under the same id."""
    conversation, firsts = Conversation(), list[int]()
    for model, tool in (("fake/alpha", "look"), ("fake/beta", "seek")):
        call = ToolCall("c1", tool, "{}")
        said = Message("assistant", f"So says {tool}.", model=model, tool_calls=(call,), cost=0.0012)
        conversation.graft([Message("user", "Why?"), said, Message("tool", "found", tool_call_id="c1")], None)
        firsts.append(conversation.children(None)[-1])
    lanes = [{"first": firsts[:1]}, {"model": "fake/beta", **second, "first": firsts[1:]}]
    settings = {"model": "fake/alpha", "lanes": lanes, **({"blind": blind} if blind else {})}
    return Record(conversation, "Why?", settings)


def test_a_race_is_written_with_all_its_lanes_and_its_question_once() -> None:
    race = raced(parameters={"temperature": 1.5}, system_prompt="Be brief.")
    text, page = readable.markdown(race), readable.page(race)
    first, second = ["Assistant", "Result of look"], ["System prompt", "Assistant", "Result of seek"]
    lanes = ["A · fake/alpha", *first, "B · fake/beta · temperature 1.5", *second]
    assert headings(text) == ["Why?", "You", *lanes]
    assert readable.texts(race) == ["So says look.", "So says seek."] == re.findall(r"So says \w+\.", page)
    assert page.count(">Why?</div>") == 1 and page.count('<h2 class="lane"') == 2 and "Be brief." in page


def test_before_the_vote_a_file_has_the_lanes_without_their_names() -> None:
    race = raced("hidden", parameters={"temperature": 1.5})
    assert headings(readable.markdown(race))[2::3] == ["Answer A", "Answer B"]
    for told in (readable.markdown(race), readable.page(race)):
        assert "So says seek." in told and not re.search(r"fake|0\.0012|temperature", told)


@given(st.dictionaries(st.sampled_from(["lanes", "model", "system_prompt", "blind"]), st.recursive(
    st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=8)
    | st.dictionaries(st.sampled_from(["first", "model", "parameters"]), inner), max_leaves=12)))  # fmt: skip
def test_settings_of_anybody_break_no_file(settings: dict[str, Any]) -> None:
    race = replace(TALK, settings=settings)
    assert readable.markdown(race) and readable.page(race)


def test_markdown_tells_everything_that_belongs_to_an_answer() -> None:
    text = readable.markdown(TALK)
    assert "*fake/alpha · 1 January 2026*" in text
    assert "> **Reasoning**\n>\n> Let me think.\n>\n> Done." in text
    assert "Picture: **a.png**" in text and "base64" not in text
    assert "1. [The source](<https://a.example/x>)\n2. Bad javascript:alert(1)" in text
    assert r"*fake/alpha · 1,200 tokens in, 34 tokens out · 2.3 s · \$0.0012*" in text
    assert "*stopped*" in text


@given(st.text(alphabet="`~ab\n> ", max_size=60))
def test_a_fence_holds_whatever_stands_in_it(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(
        readable.markdown(record(Message("tool", text), Message("user", "after")))
    )
    fences = [token for token in tokens if token.type == "fence"]
    assert len(fences) == 1
    assert fences[0].content == text + "\n"


@pytest.mark.parametrize("cut", ["```python\nx = 1", "~~~\na\n```", "````\n```\n", "a\n   ```\nb"])
def test_a_fence_that_was_cut_off_does_not_swallow_the_next_message(cut: str) -> None:
    text = readable.markdown(record(Message("assistant", cut), Message("user", "and then")))
    assert headings(text)[1:] == ["Assistant", "You"]


def test_sources_behind_a_fence_end_it_as_they_do_on_the_screen() -> None:
    said = record(Message("assistant", "```py\nx\n``` [1]([a](https://a.example/))\n\n**After**"))
    assert "```py\nx\n```\n\n[1]([a](https://a.example/))\n\n**After**" in readable.markdown(said)
    assert "<strong>After</strong>" in readable.page(said)


def test_only_the_branch_in_view_is_told() -> None:
    conversation = Conversation()
    question = conversation.add(Message("user", "Q"), None)
    conversation.add(Message("assistant", "first answer"), question)
    conversation.add(Message("assistant", "second answer"), question)
    for made in (readable.markdown, readable.page):
        text = made(Record(conversation))
        assert "second answer" in text and "first answer" not in text
        assert "Conversation" in text  # a title there is not


# ---- a web page ----------------------------------------------------------------------------------------------


def policy(page: str) -> str:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert found
    return found[1].replace("&#39;", "'")


def test_the_page_allows_its_own_style_and_pictures_it_holds_and_nothing_else() -> None:
    page = readable.page(TALK)
    css = re.search(r"<style>(.*?)</style>", page, re.S)
    assert css
    digest = base64.b64encode(hashlib.sha256(css[1].encode()).digest()).decode()
    assert policy(page) == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; media-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    assert page.index("Content-Security-Policy") < page.index("<title>")
    assert "url(" not in css[1] and "@import" not in css[1]


def test_the_page_has_no_script_no_handler_and_no_style_attribute() -> None:
    page = readable.page(TALK) + readable.page(answer("| a |\n|--:|\n| 1 |"))
    assert not re.search(r"<(script|iframe|object|embed|form|link|base)\b|<[^>]*\s(on\w+|style)=", page)
    assert '<td class="right">1</td>' in page


def test_the_words_of_a_visitor_stay_as_typed() -> None:
    page = readable.page(TALK)
    assert '<div class="typed" dir="auto">What is *this*?\n  &lt;b&gt;</div>' in page
    assert '<div class="typed" dir="auto">Be brief.\nPlease.</div>' in page
    assert '<h1 dir="auto">On *this* and &lt;that&gt;</h1>' in page


def test_an_answer_is_drawn_with_its_tables_its_code_and_its_quiet_line() -> None:
    page = readable.page(TALK)
    assert "<p>It is <strong>so</strong>.</p>" in page
    assert "1,200 tokens in, 34 tokens out" in page
    assert f'<img src="{PNG}" alt="a.png">' in page
    assert "<summary>Calls look</summary>" in page and "<summary>Result of look</summary>" in page
    assert '<a href="https://a.example/x" rel="noopener noreferrer">The source</a>' in page
    assert "<li>Bad</li>" in page
    assert '<code data-language="py" class="language-py">' in readable.page(answer("```py\nx\n```"))


@pytest.mark.parametrize("formula", [r"\(a_1 * b_1\)", r"\[ x \]", "$$a_b_c$$"])
def test_a_formula_stays_as_it_was_written(formula: str) -> None:
    assert f"<code>{formula}</code>" in readable.page(answer(f"So {formula} holds."))


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,AAAA)",
        "[x](vbscript:x)",
        "[x](file:///etc/passwd)",
        "[x](//other.example)",
        "[x](relative.html)",
        "[x](#here)",
        "<javascript:alert(1)>",
        f"![x]({SVG})",
        '![x](data:image/png;base64,AAAA" onerror="alert(1))',
        "[x]: javascript:alert(1)\n[x]",
        "[x](https://bank.example@evil.example/)",
        "<https://bank.example:443@evil.example>",
        "![x](https://bank.example%2f@evil.example/x.png)",
        "[x](https:///evil.example)",
        "![x]()",
        "[x](mailto:bank.example/@evil.example)",
        f"[x](https://a.example/{'a' * 5_000})",
    ],
)
def test_an_address_that_is_none_to_follow_is_no_link(text: str) -> None:
    page = readable.page(answer(text))
    assert not re.search(r"<(a|img)\s[^>]*(href|src)=", page)


@pytest.mark.parametrize(
    "text", ["![pic](https://a.example/p.png)", "[![pic](https://b.example/p.png)](https://a.example)"]
)
def test_a_picture_from_elsewhere_is_a_link(text: str) -> None:
    page = readable.page(answer(text))
    assert "<img" not in page
    assert re.findall(r'<a href="([^"]*)" rel="noopener noreferrer">Picture: pic</a>', page)[0].startswith(
        "https://a."
    )


@pytest.mark.parametrize(
    ("media", "shown"),
    [
        (Media("image", PNG, name="p.png"), f'<img src="{PNG}" alt="p.png">'),
        (Media("image", SVG, name="p.svg"), "<figcaption>p.svg</figcaption>"),
        (Media("image", "https://a.example/p.png"), '<a href="https://a.example/p.png" rel="noopener noreferrer">'),
        (Media("audio", "data:audio/wav;base64,AAAA"), '<audio src="data:audio/wav;base64,AAAA" controls></audio>'),
        (Media("audio", "data:text/html,<b>", "Words"), '<div class="typed">Words</div>'),
        (Media("file", "data:text/html;base64,AAAA", name="<b>.html"), "<figcaption>&lt;b&gt;.html</figcaption>"),
        (Media("image", "javascript:alert(1)"), "<figcaption>Picture</figcaption>"),
    ],
)
def test_attachments_are_shown_where_the_file_holds_them_and_named_where_not(media: Media, shown: str) -> None:
    assert shown in readable.page(record(Message("user", "", media=(media,))))


def test_a_failure_is_told_in_its_words() -> None:
    broken = record(Message("assistant", state="failed", failure=Failure("The server is away.", "Try <again>.")))
    assert "<strong>The server is away.</strong> Try &lt;again&gt;." in readable.page(broken)
    assert r"> **The server is away.** Try \<again\>." in readable.markdown(broken)


def test_no_time_and_no_price_of_a_hostile_file_breaks_the_page() -> None:
    for when in (float("inf"), 1e300, -5.0, float("nan")):
        conversation = record(Message("assistant", cost=1e300, usage=Usage(10**40), timing=Timing(1e300, 1e300)))
        odd = Record(conversation.conversation, created=when, settings={"model": ["x"], "system_prompt": 7})
        assert readable.page(odd) and readable.markdown(odd)


ANY = st.text(max_size=40) | st.sampled_from(
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "]]>", "-->"]
)


@given(st.lists(ANY, min_size=12, max_size=12))
def test_no_text_from_outside_becomes_markup(texts: list[str]) -> None:
    a, b, c, d, e, f, g, h, i, j, k, m = texts
    message = Message(
        "assistant", a, name=b, reasoning=c, refusal=d, model=e, citations=(Citation(f, g),),
        media=(Media("file", h, i, j),), tool_calls=(ToolCall(k, m, a),), failure=Failure(b, c),
    )  # fmt: skip
    page = readable.page(record(message, Message("tool", d, name=e), Message("user", f), title=g, system_prompt=h))
    tags = set(re.findall(r"<([a-z0-9]+)", page))
    assert not tags & {"script", "iframe", "img", "svg", "object", "form", "link", "base", "input", "audio"}
    assert not re.search(r"<[^>]*\son\w+=", page)
    page.encode()


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["[", "![", "*a ", "\\(", "$$a", "`a", "> ", "<a ", "[a](b", "a|", "&", "~~a "])
def test_hostile_markdown_is_drawn_in_passable_time(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    assert html.rich(text)


def test_text_far_too_long_for_an_answer_is_shown_plain() -> None:
    assert html.rich("*a* " * html.LONGEST).startswith('<div class="typed">*a* ')


# ---- files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Name a colour.", "Name-a-colour.json"),
        ("../../etc/passwd", "etc-passwd.json"),
        ("C:\\Windows\\system32", "C-Windows-system32.json"),
        ("CON", "conversation-CON.json"),
        ("nul.txt", "nul-txt.json"),
        ("lpt1", "conversation-lpt1.json"),
        ("Grüße, Café", "Grue-Cafe.json"),
        ("日本語", "conversation-2026-01-01.json"),
        ("", "conversation-2026-01-01.json"),
        ("...", "conversation-2026-01-01.json"),
        ("a\x00b\nc", "a-b-c.json"),
    ],
)
def test_a_file_is_named_after_the_title_in_letters_every_system_takes(title: str, name: str) -> None:
    assert file_name(record(title=title), "json") == name


@given(st.text(), st.sampled_from(["json", "md", "html"]))
def test_no_title_makes_a_file_name_that_is_a_path_or_too_long(title: str, ending: str) -> None:
    name = file_name(record(title=title), ending)
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*\." + ending, name) and len(name) <= LONGEST


def test_a_bundle_holds_every_conversation_under_a_name_of_its_own() -> None:
    records = [record(Message("user", str(place)), title=title) for place, title in enumerate(["A", "a", "A", ""])]
    with zipfile.ZipFile(io.BytesIO(bundle(records))) as packed:
        assert packed.namelist() == ["A.json", "a-2.json", "A-3.json", "conversation-2026-01-01.json"]
        for name, one in zip(packed.namelist(), records, strict=True):
            assert packed.read(name).decode() == archive.export(one)
    assert bundle(records) == bundle(records)
    long = [record(title="x" * 500) for _ in range(3)]
    with zipfile.ZipFile(io.BytesIO(bundle(long))) as packed:
        assert max(map(len, packed.namelist())) <= LONGEST


@pytest.fixture
def page(fresh: Page) -> Page:
    """A tab that nobody else listens to."""
    return fresh
