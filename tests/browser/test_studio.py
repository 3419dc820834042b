"""The Studio page in a real Chromium: from the form to a kept picture, by the route for files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from axe import found
from basics import KEY
from browser import App
from fake_api import Reply, Request, reply
from playwright.sync_api import Browser, expect
from studio import StudioAPI, files

PROMPT = "A fox <img src=x onerror=window.hacked=1> reads"


def serve(request: Request) -> Reply:
    if request.path.endswith("/models"):
        return reply({"data": [{"id": "some-image-model"}]})
    if request.path.startswith("/made/"):
        return reply(files()["red.png"], headers={"Content-Type": "text/html"})
    said = "<script>window.hacked=1</script>"
    return reply({"data": [{"url": f"http://{request.headers['host']}/made/red.png", "revised_prompt": said}]})


@contextmanager
def connected() -> Iterator[tuple[App, StudioAPI]]:
    with (
        StudioAPI(serve) as server,
        closing(App(f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{server.url}"\n')) as app,
    ):
        yield app, server


def test_what_is_typed_survives_a_reload_and_a_change_of_page_in_this_tab_alone(browser: Browser) -> None:
    with connected() as (app, _), closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(f"{app.url}/Studio?family=image")
        page.wait_for_function("sessionStorage.getItem('playground.draft.studio')")  # the page is at rest
        page.get_by_role("spinbutton", name="How many").fill("3")
        page.get_by_role("textbox", name="Prompt *").fill(PROMPT)  # the field is not left
        page.reload()
        expect(page.get_by_role("textbox", name="Prompt *")).to_have_value(PROMPT)
        expect(page.get_by_role("spinbutton", name="How many")).to_have_value("3")
        page.get_by_role("link", name="History").click()
        expect(page.get_by_role("button", name="Import")).to_be_visible()
        page.get_by_role("link", name="Studio").click()
        expect(page.get_by_role("textbox", name="Prompt *")).to_have_value(PROMPT)
        page.get_by_role("textbox", name="Prompt *").fill("")
        page.reload()
        expect(page.get_by_role("spinbutton", name="How many")).to_have_value("3")
        expect(page.get_by_role("textbox", name="Prompt *")).to_have_value("")
        other = context.new_page()
        other.goto(f"{app.url}/Studio?family=image")
        expect(other.get_by_role("textbox", name="Prompt *")).to_have_value("")


def test_a_picture_from_the_form_to_the_kept_result(browser: Browser) -> None:
    with connected() as (app, server), closing(browser.new_page()) as page:
        page.goto(f"{app.url}/Studio?family=image&model=some-image-model")
        page.get_by_role("textbox", name="Prompt *").fill(PROMPT)
        page.get_by_role("button", name="Run", exact=True).click()
        picture = page.get_by_role("img", name="some-image-model")
        expect(picture).to_be_visible()
        assert picture.evaluate("img => img.decode().then(() => img.naturalWidth)") == 64
        assert [request.body["prompt"] for request in server.requests if request.method == "POST"] == [PROMPT]
        with page.expect_download() as download:
            page.get_by_role("link", name="Download").click()
        assert download.value.path().read_bytes() == files()["red.png"]
        page.reload()
        expect(picture).to_be_visible()
        address = picture.get_attribute("src") or ""
        assert address.startswith(f"{app.url}/results?id=")
        assert page.evaluate("window.hacked") is None and not found(page)
        with closing(browser.new_context()) as other:
            asked = other.request.get(address, headers={"Sec-Fetch-Site": "cross-site"})
            assert asked.status == 403, "another site is given nothing"
