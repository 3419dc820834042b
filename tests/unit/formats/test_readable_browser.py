"""The web page of a conversation in a real browser: harmless, readable on any screen and on paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from basics import cases, collections
from playwright.sync_api import Page, Request
from talks import SVG, TALK, answer, record

from backend.formats import readable
from backend.types import Citation, Failure, Media, Message, ToolCall

# ---- in a browser --------------------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "![x](https://tracker.example/pixel.png) [![x](https://tracker.example/2.png)](https://tracker.example)",
    "<style>@import url(https://tracker.example/a.css);body{background:url(https://tracker.example/b)}</style>",
    "<link rel=stylesheet href=https://tracker.example/c.css><meta http-equiv=refresh content='0;url=https://x.example'>",
    "<base href=https://tracker.example/><form action=https://tracker.example><button>x</button></form>",
    '```"><script>alert(1)</script>\nx\n```',
    "</style></title></head></main><script>alert(1)</script>",
    "<details open ontoggle=alert(1)>x</details>",
    "[x](javascript:alert(1)) <javascript:alert(1)> [y](data:text/html,<script>alert(1)</script>)",
    f"![x]({SVG})",
    "<audio src=https://tracker.example/s.mp3 autoplay></audio><video poster=https://tracker.example/p></video>",
]


@pytest.fixture
def page(fresh: Page) -> Page:
    """A tab that nobody else listens to."""
    return fresh


def opened(page: Page, path: Path) -> tuple[list[str], list[str], list[str]]:
    """Dialogs, requests and errors of opening a file from the disk."""
    dialogs: list[str] = []
    requests: list[str] = []
    errors: list[str] = []

    def asked(request: Request) -> None:
        if not request.url.startswith("data:"):
            requests.append(request.url)

    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", asked)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    page.wait_for_timeout(300)
    return dialogs, requests, errors


def harmless(page: Page, texts: list[str], folder: Path) -> None:
    everywhere = [
        made
        for text in texts
        for made in (
            Message(
                "user",
                text,
                name=text[:40],
                media=(Media("image", text, text, text), Media("file", "", text, text)),
            ),
            Message(
                "assistant",
                text,
                reasoning=text,
                model=text,
                refusal=text,
                citations=(Citation(text, text),),
                tool_calls=(ToolCall("c", text, text),),
                failure=Failure(text, text),
                finish_reason=text,
                media=(Media("audio", text, text, text),),
            ),
            Message("tool", text, name=text),
        )
    ]
    path = folder / "page.html"
    hostile = record(*everywhere, title=texts[0], system_prompt="\n".join(texts), model=texts[-1])
    path.write_text(readable.page(hostile), "utf-8")
    dialogs, requests, errors = opened(page, path)
    assert dialogs == []
    assert requests == [path.as_uri()]
    assert errors == []
    assert page.evaluate("document.querySelectorAll('script, iframe, object, embed, form, link, base').length") == 0
    assert page.locator("article").count() == len(everywhere)


def test_hostile_content_does_nothing_when_the_file_is_opened(page: Page, tmp_path: Path) -> None:
    harmless(page, HOSTILE, tmp_path)


@pytest.mark.parametrize("collection", collections("markdown_payloads.jsonl"))
def test_no_recorded_attack_runs_when_the_file_is_opened(page: Page, tmp_path: Path, collection: Path) -> None:
    harmless(page, [case["text"] for case in cases(collection)], tmp_path)


def test_the_page_fits_a_screen_of_any_width_in_light_and_dark(page: Page, tmp_path: Path) -> None:
    wide = "| " + " | ".join("column" * 3 for _ in range(12)) + " |\n" + "|---" * 12 + "|\n"
    path = tmp_path / "page.html"
    path.write_text(readable.page(answer(f"{wide}\n\n```\n{'x' * 300}\n```\n\n{'y' * 300}")), "utf-8")
    assert opened(page, path) == ([], [path.as_uri()], [])
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    for scheme, colour in (("light", "rgb(253, 252, 249)"), ("dark", "rgb(21, 24, 27)")):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == colour


def test_on_paper_every_fold_is_open_and_the_paper_is_white(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(readable.page(TALK), "utf-8")
    page.goto(path.as_uri())
    assert not page.get_by_text("Let me think.").is_visible()
    page.emulate_media(media="print", color_scheme="dark")
    assert page.get_by_text("Let me think.").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf().startswith(b"%PDF")
