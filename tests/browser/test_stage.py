"""The stage before a room: a presenter's remote turns the script, the panic key works in mid-stream, and the next
group sees nothing of the one before."""

from __future__ import annotations

from browser import App, Chat
from fake_api import FakeAPI, Pause, stream
from playwright.sync_api import Page, expect

LIVE = "The live answer comes slowly "


def test_a_remote_turns_the_script_and_panic_saves_a_step(page: Page, keeping: App, server: FakeAPI) -> None:
    server.play(stream(LIVE, *(Pause(1), "and ") * 60))
    chat = Chat(page)
    page.goto(f"{keeping.url}/?stage")
    expect(page.get_by_text("opens the first one")).to_be_visible()
    expect(page.get_by_role("button", name="What happens when you ask an AI")).to_be_visible()
    expect(page.get_by_role("button", name="Leave the stage")).to_be_visible()
    page.wait_for_function("window.playgroundStage")  # its keys: a presenter is not as quick as this
    page.keyboard.press("Space")
    place = page.locator(".st-key-bar")
    expect(place).to_contain_text("0 / 10")
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
    turns = (
        ("ArrowRight", "What happens between"),
        ("PageDown", "Your words travel"),
        ("PageDown", "One question"),
    )
    for key, shown in turns:
        page.keyboard.press(key)
        expect(page.get_by_text(shown)).to_be_visible()
    expect(chat.messages.last).to_contain_text(LIVE.strip())
    size = "one => parseFloat(getComputedStyle(one).fontSize) * one.currentCSSZoom"
    assert chat.messages.last.locator(".pg-body").evaluate(size) == 24
    page.keyboard.press("p")
    expect(page.get_by_text("Composed for this demo").filter(visible=True)).to_be_visible()
    expect(chat.messages.last).to_contain_text("this page is the waiter")
    expect(page.get_by_text("The live answer")).to_have_count(0)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    page.keyboard.press("ArrowLeft")
    expect(place).to_contain_text("1 / 10")
    page.keyboard.press("PageDown")
    expect(place).to_contain_text("2 / 10")  # else the step before is begun again: its answer is in view until then
    expect(chat.messages.last).to_contain_text("this page is the waiter")
    assert len(server.asked) == 1, "what was shown is not asked again"
    page.get_by_role("button", name="This step again").focus()
    for key in ("Tab", "Shift+Tab", "Enter"):
        page.keyboard.press(key)
    expect(chat.messages.last).to_contain_text(LIVE.strip())
    for _ in range(2):  # the first one stops the answer, and the second one finds its recording
        page.keyboard.press("Escape")
    expect(chat.messages.last).to_contain_text("this page is the waiter")
    chat.composer.fill("Is Anna in the room?")
    page.get_by_role("button", name="Start over").click()
    expect(place).to_contain_text("0 / 10")
    expect(chat.composer).to_have_value("")
    expect(chat.messages).to_have_count(0)
    page.go_back()
    expect(page.get_by_text("this page is the waiter")).to_have_count(0)
    assert not chat.errors
