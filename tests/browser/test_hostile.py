"""Hostile text through the real app in Chromium: no script runs, nothing foreign is asked for, nothing breaks.

Text comes from a model (also half-arrived), a tool call, an error, a list of models, a file, a link, saved prompts.
Whoever would be asked for something is a server that counts.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from basics import cases, collections
from fake_api import HANG, FakeAPI, Reply, chunk, data, stream
from playwright.sync_api import expect
from watched import PICTURES, Watched, content, leaking

pytestmark = pytest.mark.timeout(300)


BATCH = 35  # recorded texts in one answer


def payloads(collection: Path, outside: FakeAPI) -> list[str]:
    """The recorded texts; those with a fence last, as it swallows what follows."""
    texts = [case["text"] for case in cases(collection)]
    return leaking(sorted(texts, key=lambda text: "```" in text or "~~~" in text), outside)


def pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


# ---- what a model says ----------------------------------------------------------------------------------


@pytest.mark.long  # in `make test` they are drawn by the view alone: test_view_text.py
@pytest.mark.parametrize("collection", collections("markdown_payloads.jsonl"))
def test_no_recorded_text_does_anything_as_an_answer_or_as_reasoning(
    watched: Watched, server: FakeAPI, outside: FakeAPI, collection: Path
) -> None:
    texts = payloads(collection, outside)
    batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
    said = ["\n\n".join(f"{text}\n\nEnd of {place}." for place, text in enumerate(batch)) for batch in batches]
    chat = watched.chat
    for number, text in enumerate(said):
        if number % 4 == 0:
            chat.open(watched.app.url)
        server.play(stream(*pieces(text, 900), reasoning=text))
        chat.send(f"Batch {number}").wait_until_ended()
        expect(chat.messages.last).to_contain_text("End of 0.")
        chat.messages.last.get_by_text("Reasoning", exact=True).click()
        watched.harmless()


def test_a_picture_that_arrives_letter_by_letter_is_not_fetched(
    watched: Watched, server: FakeAPI, outside: FakeAPI
) -> None:
    chat = watched.chat.open(watched.app.url)
    text = "\n\n".join(leaking(PICTURES, outside))
    server.play(stream(*pieces(text, 6), pause=0.06))
    chat.send("Draw").wait_until_ended()
    watched.harmless()
    expect(chat.messages.last.get_by_role("link").first).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize("ending", [")", "", " ", '"t', "\n"])
def test_a_picture_cut_off_is_not_fetched(watched: Watched, server: FakeAPI, outside: FakeAPI, ending: str) -> None:
    chat = watched.chat.open(watched.app.url)
    server.play(stream(f"Look: ![a]({outside.origin}/half{ending}", HANG))
    chat.send("Draw")
    expect(chat.messages.last).to_contain_text("Look:")
    watched.page.wait_for_timeout(500)
    watched.harmless()
    chat.wait_until_ended()  # silence ended it
    watched.harmless()


def typed(*items: Any) -> Reply:
    """A stream of any events, a lone surrogate in ASCII, and its end."""
    return Reply(data(*items, chunk(finish="stop"), "[DONE]"), 200, {"Content-Type": "text/event-stream"})


ODDITIES: dict[str, Reply] = {
    "half a character": typed(*map(json.dumps, map(content, ("a \ud83d b \udc00 c", "\ud83d", "\ude00 end")))),
    "controls and directions": stream("a\x00b\x07c\x1b[31md \u202e dcba \u2066 e \ufeff \u2028 f \ufffe end"),
    "usage that is no number": typed(
        content("end"),
        '{"choices": [], "usage": {"prompt_tokens": NaN, "completion_tokens": Infinity, "total_tokens": -1e999}}',
        '{"choices": [], "usage": {"prompt_tokens": "x", "completion_tokens": [], "total_tokens": %s}}'
        % ("9" * 400),
        '{"choices": [], "usage": ' + '{"a":' * 500 + "1" + "}" * 500 + "}",
    ),
    "nested too deeply": typed(content("end"), '{"choices": ' + "[" * 100_000),
    "blocks in blocks": stream("> " * 300 + "a\n\n", "- " * 300 + "b\n\n", "[" * 3000 + "](" * 3000 + "\n\nend"),
    "a line of two megabytes": stream(*["word " * 13_107] * 32, "end"),
    "marks without an end": stream("*_" * 4000 + "\n\n", "`" * 999 + "\n\n", "$" * 999 + "\n\nend"),
    "fields of other types": typed(
        '{"id": 1, "choices": [{"index": "x", "delta": {"content": {"a": 1}, "tool_calls": 7}}, null, 5]}',
        '{"choices": [{"delta": {"role": [], "content": "end", "annotations": {"a": 1}, "reasoning_content": 4}}]}',
    ),
}


LARGE = {"a line of two megabytes", "nested too deeply", "blocks in blocks"}


@pytest.mark.parametrize(
    "kinds",
    [pytest.param(LARGE, marks=pytest.mark.long, id="large"), pytest.param(ODDITIES.keys() - LARGE, id="odd")],
)
def test_odd_answers_are_drawn_and_kept_unbroken(watched: Watched, server: FakeAPI, kinds: Collection[str]) -> None:
    """One after the other in one conversation, which is then drawn from what was kept."""
    chat = watched.chat.open(watched.app.url)
    for kind in sorted(kinds):
        server.play(ODDITIES[kind])
        chat.send(f"Send {kind}").wait_until_ended()
        expect(chat.messages.last, kind).to_contain_text("end")
        watched.harmless()
    watched.page.reload()
    expect(chat.messages).to_have_count(2 * len(kinds))
    chat.wait_until_settled()
    for place, kind in enumerate(sorted(kinds)):
        expect(chat.messages.nth(2 * place + 1), kind).to_contain_text("end")
    assert watched.page.get_by_test_id("stException").count() == 0
    watched.harmless()
