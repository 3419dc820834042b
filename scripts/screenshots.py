"""`make screenshots`: the pictures in README and docs, taken of the running app with the real local model."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "tests" / "browser")]

from browser import KEY, App, Chat, chromium  # noqa: E402
from fake_api import FakeAPI, Reply, Request, stream  # noqa: E402
from page_parts import more_settings  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from test_tools import QUESTION, story  # noqa: E402

PICTURES = ROOT / "docs" / "images"
TEXTS = ("Cats sleep a lot.", "A kitten naps.", "Stocks fell on Monday.", "Shares lost value.", "Coffee is hot.")
SIZES = {"desktop": (1280, 860), "phone": (390, 844)}


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    app = App()
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name, scheme, size in (("chat", "light", "desktop"), ("chat-dark", "dark", "desktop")):
            _chat(chrome.new_page(viewport=_viewport(size), color_scheme=scheme), app, name)  # type: ignore[arg-type]
        phone = chrome.new_page(
            viewport=_viewport("phone"), color_scheme="light", has_touch=True, device_scale_factor=2
        )
        Chat(phone).open(app.url)
        phone.wait_for_timeout(1000)
        phone.screenshot(path=PICTURES / "phone.png")
        for taken in (_stage, _shelf, _studio):
            taken(chrome.new_page(viewport=_viewport("desktop"), color_scheme="light"), app)
        _panel(chrome.new_page(viewport=_viewport("desktop"), color_scheme="light"))
        _tools(chrome.new_page(viewport=_viewport("desktop"), color_scheme="light"))
        _explorer(chrome.new_page(viewport=_viewport("desktop"), color_scheme="light"))
        chrome.close()
    app.close()


def _stage(page, app: App) -> None:  # type: ignore[no-untyped-def]
    """The second step of the tour, answered by the model on this machine."""
    page.goto(f"{app.url}/?stage")
    page.get_by_role("button", name="What happens when you ask an AI").click()
    page.get_by_text("0 / 10").wait_for()
    for counted in ("1 / 10", "1 / 10", "2 / 10"):  # the first step has something to reveal before the second
        page.keyboard.press("PageDown")
        page.get_by_text(counted).wait_for()
        page.wait_for_timeout(1500)
    page.wait_for_timeout(8000)
    page.screenshot(path=PICTURES / "stage.png")


def _shelf(page, app: App) -> None:  # type: ignore[no-untyped-def]
    Chat(page).open(app.url)
    page.get_by_role("button", name="Watch a recorded run").click()
    page.get_by_role("dialog").get_by_text("A race of three models").wait_for()
    page.wait_for_timeout(1000)
    page.screenshot(path=PICTURES / "shelf.png")


def _studio(page, app: App) -> None:  # type: ignore[no-untyped-def]
    """Embeddings of five texts, from the model on this machine."""
    page.goto(f"{app.url}/Studio?family=embeddings")
    page.get_by_role("textbox", name="Text").fill("\n".join(TEXTS))
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("Nearest pairs").wait_for()
    page.wait_for_timeout(2500)
    page.screenshot(path=PICTURES / "studio.png")


def _panel(page) -> None:  # type: ignore[no-untyped-def]
    """A remote model's facts and parameters. The key is invalid, and nothing is sent."""
    keyed = App('AIMLAPI_API_KEY = "sk-none"\nPLAYGROUND_MODEL = "google/gemini-3-6-flash"\n')
    Chat(page).open(f"{keyed.url}/?temperature=0.4&frequency_penalty=0.5")
    fold = more_settings(page)
    fold.get_by_text("Reasoning", exact=True).click()
    fold.get_by_role("button", name="Presets").evaluate("button => button.scrollIntoView({ block: 'start' })")
    page.wait_for_timeout(1500)
    page.screenshot(path=PICTURES / "panel.png", clip={"x": 0, "y": 0, "width": 760, "height": 860})
    keyed.close()


def _tools(page) -> None:  # type: ignore[no-untyped-def]
    """Two calls side by side, one of them invalid: a model of this size does that only on demand, so it is
    scripted.
    """
    with FakeAPI(story) as server:
        app = App(f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{server.url}"\n')
        chat = Chat(page).open(f"{app.url}/Tools").send(QUESTION)
        page.get_by_text("does not fit").wait_for()
        page.get_by_text("running").wait_for(state="hidden")
        chat.page.wait_for_timeout(1000)
        page.screenshot(path=PICTURES / "tools.png")
        app.close()


def _explorer(page) -> None:  # type: ignore[no-untyped-def]
    """The example of the explorer, answered by a script that varies with the temperature like a model."""

    def animal(request: Request) -> Reply:
        spread = 1 + round(4 * request.body["temperature"] * request.body["top_p"])
        return stream(random.choice(("Cat", "Dog", "Otter", "Heron", "Lynx", "Ibex", "Tapir", "Okapi")[:spread]))

    random = Random(1)
    with FakeAPI(animal) as server:
        app = App(f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{server.url}"\n')
        page.goto(f"{app.url}/Compare")
        page.get_by_role("radio", name="Explorer").click()
        page.get_by_role("button", name="Use an example").click()
        page.get_by_role("button", name="Start", exact=True).click()
        page.get_by_role("button", name="Export").wait_for()
        page.wait_for_timeout(1500)
        page.screenshot(path=PICTURES / "explorer.png")
        app.close()


def _viewport(size: str) -> dict[str, int]:
    width, height = SIZES[size]
    return {"width": width, "height": height}


def _chat(page, app: App, name: str) -> None:  # type: ignore[no-untyped-def]
    chat = Chat(page).open(app.url)
    for question in ("What is the capital of France?", "Give me three ideas for a birthday party."):
        chat.send(question).wait_until_ended()
    page.wait_for_timeout(1000)
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
