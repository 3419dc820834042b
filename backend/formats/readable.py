"""A conversation to read, print and share: Markdown, or a web page that is complete in one file.

It contains only the branch in view, for a race that of each lane; `archive.export` is the format that can be
imported again. The page has no script, loads nothing, and its policy forbids both: text from a model, a visitor or
an imported file stays text.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from markupsafe import Markup

from backend import untrusted
from backend.answer import cost
from backend.answer.usage import reported
from backend.formats.archive import Record
from backend.formats.blind import masked
from backend.formats.fences import with_sources_apart
from backend.formats.html import element, join, link, picture, rich, sound, web_address
from backend.formats.parts import Part, answers, is_race, parts
from backend.formats.zip import date
from backend.protocol import wire
from backend.text import clean, fenced
from backend.types import Citation, Media, Message, ToolCall

_CSS = Path(__file__).parents[1] / "data" / "page.css"
_ROLES = {"user": "You", "assistant": "Assistant", "system": "System", "developer": "Developer"}
_KINDS = {"image": "Picture", "audio": "Sound", "file": "File"}
_ENDINGS = {"length": "ended at the length limit", "content_filter": "ended by the provider's content filter"}
_SPECIAL = re.compile(r"[\\`*_\[\]<>#~|$]|&(?=#?\w+;)")
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")


def title_of(record: Record) -> str:
    """The title on one line, or a placeholder."""
    return " ".join(clean(record.title).split()) or "Conversation"


def facts(record: Record) -> str:
    """Metadata of the conversation: its model and its date."""
    day = date(record.created or record.updated, "%d %B %Y").lstrip("0")
    model = "" if is_race(record) else untrusted.text(record.settings.get("model"))  # each lane has its own
    return " · ".join(filter(None, (model, day)))


def figures(message: Message) -> str:
    """The footer of an answer: model, tokens, time, price, and how it ended if it is incomplete."""
    said, timing = reported(message.usage), message.timing
    counts = [
        f"{count:,} tokens {way}" for count, way in ((said.into, "in"), (said.out, "out")) if count is not None
    ]
    time = f"{timing.total:.1f} s" if timing.total is not None else ""
    paid = cost.dollars(message.cost) if message.cost is not None else ""
    ending = _ENDINGS.get(message.finish_reason or "", "")
    if message.state != "done":
        ending = "" if message.failure else message.state  # a failure has a message of its own above the line
    holes = f"pieces that could not be read: {message.unreadable:,}" if message.unreadable else ""
    return " · ".join(filter(None, (clean(message.model or ""), ", ".join(counts), time, paid, ending, holes)))


def _author(message: Message, names: dict[str, str]) -> str:
    if message.role == "tool":
        return f"Result of {message.name or names.get(message.tool_call_id or '') or 'a tool'}"
    return f"{_ROLES[message.role]} ({message.name})" if message.name else _ROLES[message.role]


# ---- Markdown ------------------------------------------------------------------------------------------


def markdown(record: Record) -> str:
    """The branch in view as Markdown, a heading for every message."""
    record = masked(record)
    blocks = [f"# {_words(title_of(record))}", f"*{_words(subtitle)}*" if (subtitle := facts(record)) else ""]
    for part in parts(record):
        blocks += _section(part)
    return clean("\n\n".join(filter(None, blocks))) + "\n"


def _section(part: Part) -> Iterator[str]:
    head = "###" if part.heading else "##"
    if part.heading:
        yield f"## {_words(part.heading)}"
    if part.prompt:
        yield from (f"{head} System prompt", fenced(part.prompt))
    for message in part.messages:
        yield f"{head} {_words(_author(message, part.function_names))}"
        yield from _blocks(message)


def _blocks(message: Message) -> list[str]:
    if message.role == "tool":
        return [fenced(message.content)]
    reasoning, text = wire.thinking(message) if message.role == "assistant" else ("", message.content)
    failure = message.failure
    return [
        _block_quote(f"**Reasoning**\n\n{reasoning.strip()}") if reasoning.strip() else "",
        _whole(text.strip()),
        _block_quote(_words(message.refusal)) if message.refusal else "",
        *(_attachment_text(media) for media in message.media),
        *map(_call_text, message.tool_calls),
        "\n".join(f"{number}. {_citation_text(cited)}" for number, cited in enumerate(message.citations, 1)),
        _block_quote(f"**{_words(failure.title)}** {_words(failure.hint)}") if failure else "",
        f"*{_words(line)}*" if message.role == "assistant" and (line := figures(message)) else "",
    ]


def _call_text(call: ToolCall) -> str:
    """A tool call, as the model wrote it."""
    return f"Calls **{_words(call.name or 'a tool')}**:\n\n{fenced(call.arguments or '{}', 'json')}"


def _attachment_text(media: Media) -> str:
    """An attachment by its name; its data stays in the JSON file, its text is written out."""
    label, url = f"{_KINDS[media.kind]}: **{_words(media.name or 'without a name')}**", web_address(media.url)
    line = f"{label} <{url}>" if url else label
    return f"{line}\n\n{fenced(media.text)}" if media.text else line


def _citation_text(cited: Citation) -> str:
    url = web_address(cited.url)
    return f"[{_words(cited.title or url)}](<{url}>)" if url else _words(f"{cited.title} {cited.url}")


def _words(text: str) -> str:
    """Untrusted text on one line, with all Markdown escaped."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(clean(text).split()))


def _block_quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _whole(text: str) -> str:
    """A message as written; a code fence left open by an interrupted answer, or by sources behind it, is closed."""
    text = with_sources_apart(text)
    open_ = ""
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if not open_:
            open_ = mark[1] if mark else ""
        elif mark and mark[1].startswith(open_) and line.strip() == mark[1]:
            open_ = ""
    return f"{text}\n{open_}" if open_ else text


# ---- a web page ----------------------------------------------------------------------------------------


def page(record: Record) -> str:
    """The branch in view as one HTML file: light and dark, for screens of any width and for print."""
    record = masked(record)
    title, (whole, *lanes) = title_of(record), parts(record)
    header = element(
        "header",
        element("h1", title, dir="auto"),
        element("p", facts(record), class_="facts"),
        _system_prompt(whole.prompt),
    )
    main = element("main", header, *_articles(whole), *(lane for part in lanes for lane in _lane(part)))
    return Markup("<!doctype html>\n") + element("html", _head(title), element("body", main), lang="en") + "\n"


def texts(record: Record) -> list[str]:
    """The texts of answers in the order of their elements in the page (`.prose`), as Markdown."""
    return answers(masked(record))


@cache
def _style() -> tuple[Markup, str]:
    """The style sheet, and the policy that allows only it, and embedded pictures and sounds."""
    css = _CSS.read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    allowed = f"style-src 'sha256-{digest}'; img-src data:; media-src data:"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    return Markup(css), policy  # noqa: S704  (a file of ours)


def _head(title: str) -> Markup:
    css, policy = _style()
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", css),
    )


def _lane(part: Part) -> list[Markup]:
    return [element("h2", part.heading, class_="lane", dir="auto"), _system_prompt(part.prompt), *_articles(part)]


def _system_prompt(prompt: str) -> Markup:
    """A system prompt in a collapsed section; empty if there is none."""
    return _fold("System prompt", element("div", prompt, class_="typed", dir="auto")) if prompt else Markup()


def _articles(part: Part) -> list[Markup]:
    level = "h3" if part.heading else "h2"
    return [_article(message, _author(message, part.function_names), level) for message in part.messages]


def _article(message: Message, author: str, level: str) -> Markup:
    if message.role == "tool":
        return element("article", _fold(author, element("pre", message.content)), class_="tool")
    label = element(level, author, dir="auto")
    if message.role == "assistant":
        return element("article", label, *_answer(message), class_="assistant")
    text = element("div", message.content, class_="typed", dir="auto") if message.content else Markup()
    return element("article", label, text, *map(_attachment_element, message.media), class_=message.role)


def _answer(message: Message) -> list[Markup]:
    reasoning, text = wire.thinking(message)
    failure, line = message.failure, figures(message)
    return [
        _fold("Reasoning", _prose(reasoning)) if reasoning.strip() else Markup(),
        _prose(text) if text.strip() else Markup(),
        element("p", message.refusal, class_="note") if message.refusal else Markup(),
        *map(_attachment_element, message.media),
        *map(_call, message.tool_calls),
        _sources(message.citations),
        element("p", element("strong", failure.title), " ", failure.hint, class_="note") if failure else Markup(),
        element("p", line, class_="figures") if line else Markup(),
    ]


def _prose(text: str) -> Markup:
    return element("div", rich(text), class_="prose", dir="auto")


def _fold(label: str, content: Markup) -> Markup:
    return element("details", element("summary", label), content)


def _call(call: ToolCall) -> Markup:
    return _fold(f"Calls {call.name or 'a tool'}", element("pre", call.arguments or "{}"))


def _sources(citations: tuple[Citation, ...]) -> Markup:
    entries = [element("li", link(cited.url, cited.title or cited.url)) for cited in citations]
    return element("ol", *entries, class_="sources") if entries else Markup()


def _attachment_element(media: Media) -> Markup:
    """An attachment: embedded where the file holds it, a link where it is elsewhere, otherwise its name."""
    name = media.name or _KINDS[media.kind]
    inside = join([])
    if media.kind == "image" and (url := picture(media.url)):
        inside = element("img", src=url, alt=name)
    elif media.kind == "audio" and (url := sound(media.url)):
        inside = element("audio", src=url, controls="")
    label = link(media.url, f"{_KINDS[media.kind]}: {media.name or media.url}") if web_address(media.url) else name
    caption = element("figcaption", label) if media.name or not inside else Markup()
    text = _fold("Text", element("div", media.text, class_="typed")) if media.text else Markup()
    return element("figure", inside, caption, text, class_=media.kind)
