"""The Studio page in a real Chromium: from the form to a kept picture, by the route for files; an edit with a mask
that is painted; a mesh; a frame of a clip; and an answer that is read aloud."""

from __future__ import annotations

import io
import json
import re
import struct
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes

import pytest
from axe import violations
from basics import KEY, ROOT
from browser import App
from fake_api import Reply, Request, reply, stream
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from studio import StudioAPI, files

PROMPT = "A fox <img src=x onerror=window.hacked=1> reads"
SAID = "# Hello\n\nThe **end** of `x`. Really?\n\n```py\nprint(1)\n```\n"
# The prompt is emptied in the moment in which it is there again, before the rest of the page.
EMPTIED_AT_ONCE = """text => new MutationObserver((_, look) => {
  const field = [...document.querySelectorAll("textarea")].find((one) => one.value === text);
  if (!field) return;
  look.disconnect();
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, "");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  window.emptied = true;
}).observe(document.body, { subtree: true, childList: true, attributes: true })"""
Studio = tuple[App, StudioAPI]


def mesh_that_names_a_file() -> bytes:
    content = json.dumps({"asset": {"version": "2.0"}, "images": [{"uri": "https://evil.test/x.png"}]}).encode()
    return struct.pack("<4sIII4s", b"glTF", 2, 20 + len(content), len(content), b"JSON") + content


def serve(request: Request) -> Reply:
    if request.path.endswith("/models"):
        return reply({"data": [{"id": "some-image-model"}]})
    if request.path.endswith("/chat/completions"):
        return stream(SAID)
    if request.path.endswith("/elsewhere.glb"):
        return reply(mesh_that_names_a_file(), headers={"Content-Type": "application/octet-stream"})
    if request.path.startswith("/made/"):
        return reply(files()[request.path.removeprefix("/made/")], headers={"Content-Type": "text/html"})
    prompt = (request.body or {}).get("prompt", "")
    name = {"A cube": "cube.glb", "A trap": "elsewhere.glb", "A clip": "clip.mp4"}.get(prompt, "red.png")
    said = "<script>window.hacked=1</script>"
    return reply({"data": [{"url": f"http://{request.headers['host']}/made/{name}", "revised_prompt": said}]})


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with (
        StudioAPI(serve) as server,
        closing(App(f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{server.url}"\n')) as app,
    ):
        yield app, server


def at_the_form(page: Page, app: App) -> None:
    page.goto(f"{app.url}/Studio?family=image&model=some-image-model")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()


def run(page: Page, prompt: str) -> None:
    page.get_by_role("textbox", name="Prompt *").fill(prompt)
    page.get_by_role("button", name="Run", exact=True).click()


def test_a_draft_survives_a_reload_and_a_change_of_page_in_its_tab_only(browser: Browser, studio: Studio) -> None:
    app, _ = studio
    with closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(f"{app.url}/Studio?family=image")
        page.wait_for_function("sessionStorage.getItem('playground.draft.studio')")  # the page is at rest
        page.get_by_role("spinbutton", name="How many").fill("3")
        page.get_by_role("textbox", name="Prompt *").fill(PROMPT)  # the field is not left
        page.reload()
        expect(page.get_by_role("textbox", name="Prompt *")).to_have_value(PROMPT)
        expect(page.get_by_role("spinbutton", name="How many")).to_have_value("3")
        page.get_by_role("spinbutton", name="How many").fill("4")
        page.get_by_role("link", name="History").click()  # at once, as a tap is: both count
        expect(page.get_by_role("button", name="Import")).to_be_visible()
        page.evaluate(EMPTIED_AT_ONCE, PROMPT)
        page.get_by_role("link", name="Studio").click()
        page.wait_for_function("window.emptied")
        page.reload()
        expect(page.get_by_role("spinbutton", name="How many")).to_have_value("4")
        expect(page.get_by_role("textbox", name="Prompt *")).to_have_value("")
        other = context.new_page()
        other.goto(f"{app.url}/Studio?family=image")
        expect(other.get_by_role("textbox", name="Prompt *")).to_have_value("")


def test_a_picture_from_the_form_to_the_kept_result(browser: Browser, studio: Studio) -> None:
    app, server = studio
    with closing(browser.new_page()) as page:
        at_the_form(page, app)
        run(page, PROMPT)
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
        assert page.evaluate("window.hacked") is None and not violations(page)
        with closing(browser.new_context()) as other:
            asked = other.request.get(address, headers={"Sec-Fetch-Site": "cross-site"})
            assert asked.status == 403, "another site is given nothing"


def png(width: int, height: int) -> bytes:
    made = io.BytesIO()
    Image.new("RGBA", (width, height), "#336699").save(made, "PNG")
    return made.getvalue()


def parts(request: Request) -> dict[str, bytes]:
    """The parts of a form by their names."""
    whole = b"Content-Type: " + request.headers["content-type"].encode() + b"\n\n" + request.raw
    return {
        str(part.get_param("name", header="Content-Disposition")): part.get_payload(decode=True)  # type: ignore[misc]
        for part in message_from_bytes(whole).walk()
        if not part.is_multipart()
    }


def test_only_the_painted_part_of_a_picture_may_change(browser: Browser, studio: Studio) -> None:
    app, server = studio
    with closing(browser.new_page()) as page:
        at_the_form(page, app)
        page.get_by_text("Pictures, clips and sounds").click()
        pictures, masks = (
            page.locator(f'[class*="st-key-studio-row-{name}"] input[type=file]') for name in ("image", "mask")
        )
        pictures.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": png(800, 400)})
        canvas = page.get_by_role("img", name="Paint over")
        expect(canvas).to_be_visible()
        box = canvas.bounding_box()
        assert box
        # a hover waits until the opened box has grown to its end: its picture moves with it until then
        canvas.hover(position={"x": box["width"] / 2, "y": box["height"] / 2})
        page.mouse.down()
        canvas.hover(position={"x": box["width"] * 0.9, "y": box["height"] / 2})
        page.mouse.up()
        expect(page.get_by_role("button", name="Undo")).to_be_enabled()
        run(page, "Make it red")
        made = page.locator('[class*="st-key-studio-run-"]').filter(has_text="Make it red")
        expect(made.locator('[class*="st-key-studio-again-"]')).to_be_visible()  # it has ended, whatever ran before
        (asked,) = [request for request in server.requests if request.path == "/v1/images/edits"]
        sent = parts(asked)
        assert sent["prompt"] == b"Make it red" and sent["image"] == png(800, 400)
        alpha = Image.open(io.BytesIO(sent["mask"])).getchannel("A")
        assert alpha.size == (800, 400) and alpha.getpixel((600, 200)) == 0 and alpha.getpixel((100, 200)) == 255
        slider = made.get_by_role("slider", name="Before and after")
        slider.press("ArrowRight")
        expect(slider).to_have_attribute("aria-valuetext", "51% before")
        before, after = (made.get_by_role("img", name=name, exact=True) for name in ("Before", "After"))
        assert before.evaluate("img => [img.naturalWidth, img.style.clipPath]") == [800, "inset(0px 49% 0px 0px)"]
        assert after.evaluate("img => img.naturalWidth") == 64
        masks.set_input_files({"name": "m.png", "mimeType": "image/png", "buffer": png(80, 40)})
        expect(canvas).to_have_count(0)
        page.get_by_role("button", name="Run", exact=True).click()
        expect(page.get_by_text("80 x 40 pixels, the picture 800 x 400")).to_be_visible()
        assert len([request for request in server.requests if request.path == "/v1/images/edits"]) == 1


def test_a_mesh_and_a_frame_are_drawn_under_the_policy(browser: Browser, studio: Studio) -> None:
    app, server = studio
    policy = re.search(r'Content-Security-Policy "([^"]+)"', (ROOT / "deploy" / "nginx.conf").read_text("utf-8"))
    assert policy
    with closing(browser.new_page()) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.add_init_script(
            "window.broken = [];"
            "addEventListener('securitypolicyviolation', (event) => broken.push(event.blockedURI))"
        )
        at_the_form(page, app)
        page.evaluate(
            """policy => document.head.append(Object.assign(document.createElement("meta"),
                { httpEquiv: "Content-Security-Policy", content: policy }))""",
            policy[1],
        )
        run(page, "A trap")
        expect(page.get_by_text("names files that are not in it")).to_be_visible()
        assert page.locator("model-viewer").count() == 0 and not [url for url in asked if "mesh.js" in url]
        run(page, "A cube")
        page.locator(".viewer").evaluate("place => place.scrollIntoView()")  # it is drawn when it is in view
        viewer = page.locator("model-viewer")
        draw = page.get_by_role("button", name="Draw it")  # no graphics card here: nothing that takes long is begun
        expect(draw).to_be_visible()
        assert viewer.count() == 0 and not [url for url in asked if "mesh.js" in url]
        draw.click()
        expect(viewer).to_have_js_property("loaded", True, timeout=90_000)
        assert viewer.evaluate("viewer => viewer.getDimensions().x") == 1
        viewer.evaluate("viewer => viewer.remove()")  # the rest is not drawn beside it
        run(page, "A clip")
        page.set_viewport_size({"width": 390, "height": 700})  # the form is a screen above the results
        page.get_by_role("button", name="Go on from its last frame").dblclick()
        expect(
            page.get_by_text("some-image-model").filter(has_text="last frame of the results")
        ).to_be_in_viewport()
        expect(page.get_by_role("button", name="Without it")).to_be_focused()
        page.set_viewport_size({"width": 1280, "height": 720})
        run(page, "The sun rises")
        made = page.locator('[class*="st-key-studio-run-"]').filter(has_text="The sun rises")
        expect(made.get_by_role("img", name="Before", exact=True)).to_be_visible()
        edits = [request for request in server.requests if request.path == "/v1/images/edits"]
        frame = Image.open(io.BytesIO(parts(edits[-1])["image"])).convert("RGB")
        assert frame.getpixel((5, 5))[0] > 150 > frame.getpixel((5, 5))[2], "the clip is red"  # type: ignore[index]
        assert set(page.evaluate("broken")) <= {"wasm-eval"}, "a decoder that comes along, and is not needed"
        assert not [
            url for url in asked if not url.startswith((app.url, app.url.replace("http", "ws"), "blob:", "data:"))
        ]


VOICE = """
window.spoken = [];
const said = (utterance) => { spoken.push(utterance.text); setTimeout(() => utterance.onend?.(), 5); };
Object.defineProperty(window, "speechSynthesis", { value: Object.assign(new EventTarget(), {
  getVoices: () => [{}], speak: said, cancel() {}, pause() {}, resume() {} }) });
"""


def test_an_answer_is_read_by_the_browsers_voice_without_marks_and_code(browser: Browser, studio: Studio) -> None:
    app, _ = studio
    with closing(browser.new_page()) as page:
        page.add_init_script(VOICE)  # Chromium has no voice here: that engine is the far end
        page.goto(app.url)
        box = page.locator(".st-key-composer textarea")
        box.fill("Say it")
        box.press("Enter")
        page.get_by_role("button", name="Read aloud").click()
        expect(page.get_by_text("browser's own voice reads aloud")).to_be_visible()
        expect(page.get_by_text("Read to the end.")).to_be_visible()
        assert page.evaluate("spoken") == ["Hello.", "The end of x.", "Really?"]
        page.get_by_role("button", name="Stop reading").click()
        expect(page.get_by_text("browser's own voice reads aloud")).to_have_count(0)
