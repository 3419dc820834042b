"""Pages and dialogs, light and dark: what axe-core says of them. The gate and the owner's page: test_guests.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle

import axe
import pytest
from browser import App, Chat
from fake_api import USAGE, FakeAPI, chunk, error, events, stream, tool_stream
from page_parts import inspect, more_settings, open_connection, share_it, tab
from playwright.sync_api import Page, expect

ANSWER = """Some `code`, [a link](https://example.org), $e^{i\\pi}$.

```python
# a comment
def twice(number: int) -> str:
    return "twice " + str(2 * number)
```

> a quotation

| a | b |
|---|---|
| 1 | 2 |

- [x] done
"""
THOUGHT = events(
    chunk({"reasoning_content": "A **thought**."}),
    chunk({"content": ANSWER}),
    chunk(finish="stop"),
    chunk(choices=[], usage=USAGE),
    "[DONE]",
)
UNSURE = chunk({"content": "blue"})
UNSURE["choices"][0]["logprobs"] = {
    "content": [{"token": "blue", "logprob": -1.6, "top_logprobs": [{"token": "green", "logprob": -1.7}]}]
}
CALLS = [
    tool_stream(("c1", "calculator", '{"expression": "6*7"}'), ("c2", "calculator", '{"expression": 42}')),
    stream("42"),
]
BACKGROUND = {"light": "rgb(253, 252, 249)", "dark": "rgb(21, 24, 27)"}  # .streamlit/config.toml
ON_IT = "colour => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor === colour"
AT_ONCE = """{ const sheet = new CSSStyleSheet();
  sheet.replaceSync("*, ::before, ::after { transition: none !important; animation: none !important; }");
  document.adoptedStyleSheets = [sheet]; }"""
Stops = Iterator[str]


def _look(chat: Chat, scheme: str) -> list[str]:
    """What is wrong with what is in view in this scheme, and then in the other one, in which it is left.

    The colours are all that is different there. To go back for the next look would draw all of it once more.
    """
    page = chat.wait_until_settled().page
    page.mouse.move(0, 0)
    found = [f"{scheme}: {each}" for each in axe.violations(page)]
    (other,) = BACKGROUND.keys() - {scheme}
    page.emulate_media(color_scheme=other)  # type: ignore[arg-type]
    page.wait_for_function(ON_IT, arg=BACKGROUND[other])
    if "/Studio" in page.url:
        page.wait_for_timeout(800)  # it is drawn anew for the colours of its charts, and faint meanwhile
        chat.wait_until_settled()
    return found + [f"{other}: {each}" for each in axe.violations(page, "color-contrast")]


def _escape(page: Page) -> None:
    """A dialog in which an element is being drawn anew does not hear the first press."""
    for _ in range(10):
        page.keyboard.press("Escape")
        for _ in range(10):
            page.wait_for_timeout(200)  # a busy machine draws the page without it later
            if not page.get_by_role("dialog").count():
                return
    raise AssertionError("the dialog does not close")


def _sidebar(chat: Chat, app: App, _: FakeAPI) -> Stops:
    page = chat.open(app.url).page
    fold = more_settings(page)
    open_connection(page)
    yield "greeting, all settings open"
    page.locator(".st-key-looks").get_by_text("Simple words").click()
    expect(page.get_by_role("spinbutton", name="Longest answer max_tokens", exact=True)).to_be_visible()
    fold.get_by_role("button", name="Presets").click()
    expect(page.get_by_label("Save what is set now as")).to_be_visible()
    yield "presets, in simple words"
    _escape(page)
    page.get_by_role("combobox", name="Model", exact=True).click()
    expect(page.get_by_role("option").first).to_be_visible()
    yield "picker"
    _escape(page)
    page.get_by_role("button", name="Prompts", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("searchbox")).to_be_visible()
    yield "prompts"
    page.get_by_role("dialog").get_by_role("button", name="Data extractor (JSON)").click()
    expect(page.get_by_role("button", name="Change a copy")).to_be_visible()
    yield "a prompt"
    page.get_by_role("button", name="Change a copy").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Save")).to_be_visible()
    yield "a prompt's editor"
    page.keyboard.press("Escape")  # leaves the editor, and not yet the dialog
    expect(page.get_by_role("button", name="Change a copy")).to_be_visible()
    _escape(page)
    page.get_by_role("button", name="Attach").click()
    expect(page.get_by_role("button", name="Files and pictures")).to_be_visible()
    yield "attach"
    _escape(page)


def _talk(chat: Chat, app: App, server: FakeAPI) -> Stops:
    page = chat.open(app.url).page
    server.play([THOUGHT, error(401, "no")])
    chat.send("Hello").wait_until_ended()
    chat.messages.last.locator("summary").click()
    chat.messages.first.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("textbox", name="Edit message")).to_be_focused()
    yield "an answer and an editor"
    page.get_by_role("button", name="Cancel").click()
    share_it(chat)
    yield "share"
    _escape(page)
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("dialog").get_by_label("Title", exact=True)).to_be_visible()
    yield "rename"
    _escape(page)
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(page.get_by_role("dialog")).to_contain_text("Stop the answer")
    yield "keys"
    _escape(page)
    chat.messages.last.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="What just happened?").click()
    expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_count(5)
    page.get_by_role("dialog").get_by_role("button", name="What do these words mean?").click()
    expect(page.get_by_role("dialog").get_by_role("searchbox")).to_be_focused()
    yield "words"
    _escape(page)
    tab(inspect(chat), "Overview")
    yield "inspector"
    _escape(page)
    chat.send("Fail").wait_until_ended()
    chat.messages.last.get_by_role("button", name="Details").click()
    expect(page.get_by_text("The server's own words")).to_be_visible()
    yield "a failure and its details"
    _escape(page)
    chat.messages.first.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Delete this message").focus()
    yield "the menu of a message"
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    yield "undo"


def _inspector(chat: Chat, app: App, server: FakeAPI) -> Stops:
    chat.open(app.url)
    server.play(events(UNSURE, chunk(finish="stop"), "[DONE]"))
    chat.send("Colour?").wait_until_ended()
    dialog = inspect(chat)
    for name in ("Request", "Response", "Chunks", "Code", "Tokens"):
        tab(dialog, name)
        yield name


def _tools(chat: Chat, app: App, server: FakeAPI) -> Stops:
    page = chat.open(f"{app.url}/Tools").page
    page.get_by_text("Toolbox").click()
    page.get_by_text("convert_currency").first.click()
    expect(page.get_by_test_id("stJson").first).to_be_visible()
    yield "toolbox"
    page.get_by_role("button", name="Own tools").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    yield "a tool's editor"
    _escape(page)
    server.play(CALLS)
    chat.send("6 * 7?")
    page.get_by_text("does not fit").first.wait_for()
    yield "a call that does not fit"
    page.get_by_role("button", name="Send the error to the model").click()
    chat.wait_until_ended()
    chat.messages.locator("summary").first.click()
    page.get_by_role("button", name="Rewind to here").first.click()
    expect(page.get_by_role("textbox", name="Result", exact=True)).to_be_visible()
    yield "calls, one of them opened"


def _lists(chat: Chat, app: App, server: FakeAPI) -> Stops:
    page = chat.open(app.url).page
    server.play(stream("The sea is blue."))
    chat.send("Colour?").wait_until_ended()
    page.goto(f"{app.url}/Models")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    place = page.get_by_test_id("stDataFrame").bounding_box()
    assert place
    page.mouse.click(place["x"] + 18, place["y"] + 53)  # a canvas: the box before its first row
    expect(page.get_by_role("button", name="Open in chat")).to_be_visible()
    yield "models, one of them chosen"
    page.goto(f"{app.url}/History")
    page.get_by_role("button", name="Import").click()
    expect(page.locator("input[type=file]")).to_be_attached()
    yield "history and import"
    _escape(page)
    page.get_by_role("searchbox").fill("blue")
    expect(page.get_by_role("button", name="Export all found")).to_be_visible()
    chat.wait_until_settled()
    page.get_by_role("checkbox").first.check(force=True)
    expect(page.get_by_text("1 chosen")).to_be_visible()
    page.get_by_role("main").get_by_role("button", name="More").first.click()
    expect(page.get_by_role("menuitem").first).to_be_visible()
    yield "a hit that is chosen, and its menu"
    page.get_by_role("menuitem", name="Export").click()
    expect(page.get_by_role("dialog")).to_contain_text("Web page")
    yield "export"


def _stage(chat: Chat, app: App, server: FakeAPI) -> Stops:
    page = chat.open(f"{app.url}/?stage").page
    yield "which script"
    page.get_by_role("button", name="What happens when you ask an AI").click()
    expect(page.get_by_text("0 / 10")).to_be_visible()
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_text("Your words travel")).to_be_visible()
    yield "words, revealed"
    page.get_by_role("button", name="Script", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="What to do with this step").first.click()
    page.get_by_role("menuitem", name="Edit").click()
    expect(page.get_by_label("For the room, in plain words")).to_be_visible()
    yield "the list of steps, and one of them opened"
    page.get_by_role("dialog").get_by_role("button", name="Done").click()
    page.get_by_role("dialog").get_by_role("button", name="Add a race").click()
    expect(page.get_by_label("Temperature of lane C")).to_be_visible()
    yield "a race in the list, with its lanes"
    page.get_by_role("dialog").get_by_role("button", name="Done").click()
    expect(page.get_by_label("Temperature of lane C")).to_have_count(0)
    chat.wait_until_settled()
    page.get_by_text("Another script").click()
    page.get_by_text("Your scripts (1)").click()
    page.get_by_role("button", name="What to do with the script").click()
    expect(page.get_by_role("menuitem", name="Delete")).to_be_visible()
    yield "the scripts that are kept, and what to do with one"
    page.keyboard.press("Escape")
    _escape(page)
    server.play(stream("A door."))
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_text("A door.")).to_be_visible()
    page.get_by_role("button", name="Play the recording").click()
    expect(page.get_by_text("this page is the waiter")).to_be_visible()
    yield "a recording in the place of an answer"
    page.get_by_role("button", name="Take this chat home").click()
    expect(page.get_by_role("dialog")).to_contain_text("only this computer")
    yield "no code to take home"
    _escape(page)
    page.get_by_role("button", name="Script", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("button", name="What to do with this step")).to_have_count(11)
    page.get_by_role("dialog").get_by_role("button", name="What to do with this step").last.click()
    page.get_by_role("menuitem", name="Show it").click()
    expect(page.get_by_text("temperature 1.5", exact=True)).to_be_visible()
    expect(page.get_by_text("A door.")).to_have_count(3)
    yield "a race"


def _compare(chat: Chat, app: App, server: FakeAPI) -> Stops:
    page = chat.open(f"{app.url}/Compare").page
    server.play(stream("Paris"))
    page.get_by_text("Blind", exact=True).click()
    expect(page.get_by_role("heading", name="without knowing")).to_be_visible()
    yield "blind"
    page.get_by_text("Explorer", exact=True).click()
    page.get_by_role("button", name="Use an example").click()
    expect(page.get_by_text("30 requests")).to_be_visible()
    yield "explorer"
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("30 of 30")).to_be_visible()
    yield "an experiment"
    page.get_by_text("Suite", exact=True).click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    yield "suite, nothing to run"
    page.get_by_role("button", name="Show an example").click()
    page.get_by_role("button", name="Run 8 answers").click()
    expect(page.get_by_text("2 of 8 passed")).to_be_visible()
    yield "suite, its results"
    page.goto(f"{app.url}/History")
    expect(page.get_by_text("Test suite")).to_be_visible()
    yield "history"


def _studio(chat: Chat, app: App, _: FakeAPI) -> Stops:
    page = chat.page
    page.goto(f"{app.url}/Studio?family=image&model=fake/alpha")
    page.wait_for_function("sessionStorage.getItem('playground.draft.studio')")  # the page is at rest
    expect(page.get_by_role("heading", name="Results")).to_be_visible()
    yield "a form"
    page.get_by_role("textbox", name="Prompt *").fill("A fox")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Details").click()
    expect(page.get_by_role("dialog").get_by_test_id("stCode").first).to_be_visible()
    page.keyboard.press("Escape")
    yield "a run that failed"


LATER = [
    pytest.param(stops, marks=pytest.mark.long) for stops in (_inspector, _tools, _lists, _stage, _compare, _studio)
]


@pytest.mark.parametrize("stops", [_sidebar, _talk, *LATER])
def test_axe_finds_no_fault_on_any_page_or_dialog(
    stops: Callable[[Chat, App, FakeAPI], Stops], fresh: Page, app: App, server: FakeAPI
) -> None:
    fresh.add_init_script(AT_ONCE)  # what fades would be seen half-way
    fresh.emulate_media(color_scheme="light")
    chat = Chat(fresh)
    looks = zip(stops(chat, app, server), cycle(BACKGROUND), strict=False)
    assert {where: found for where, scheme in looks if (found := _look(chat, scheme))} == {}
    assert not chat.errors, chat.errors
