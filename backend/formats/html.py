"""HTML that cannot forget to escape, and models' Markdown as such HTML. For files that are opened elsewhere.

MarkupSafe's `Markup` is a string that is already HTML; every other string is escaped where it becomes part of one,
so a
mistake shows as visible markup on the page and is never interpreted. That is why this is not a template with a
filter
to remember.
It does NOT check addresses given as attributes: `web_address` and `picture` do that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import Markup

from backend.formats.fences import with_sources_apart
from backend.text import clean

LONGEST = 200_000  # characters of Markdown that are parsed: a hostile text takes seconds, a real answer is shorter
FORMULA = 2_000  # maximum length of a formula
ADDRESS = 4_000  # maximum length of an address, as in components/view/src/addresses.js
_REST = r"[^\s\x00-\x20\x7f<>\"\\^`{|}]*"
_WEB = re.compile(rf"https?://[^\s/?#@<>\"\\^`{{|}}]+(?:[/?#]{_REST})?", re.IGNORECASE)
_MAIL = re.compile(rf"mailto:[^\s:/?#@<>\"]+@[^\s:/?#@<>\"]+(?:\?{_REST})?", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/\s]+=*", re.IGNORECASE)
_SOUND = re.compile(
    r"data:audio/(?:wav|x-wav|mpeg|mp3|mp4|ogg|flac|webm|aac|opus);base64,[A-Za-z0-9+/\s]+=*", re.IGNORECASE
)
_CLOSING = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}
_VOID = ("br", "hr", "img", "meta")


def element(tag: str, *children: str, **attributes: str) -> Markup:
    """An element. A child that is not Markup is text; `class_` is `class`; an attribute of "" has no value."""
    markup = Markup().join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), value) if value else f" {name}"
        for name, value in attributes.items()
    )
    opening = Markup("<{}{}>").format(tag, markup)
    return opening if tag in _VOID else Markup("{}{}</{}>").format(opening, join(children), tag)


def join(children: Iterable[str]) -> Markup:
    """Several pieces as one; anything that is not Markup is escaped."""
    return Markup().join(child if isinstance(child, Markup) else clean(child) for child in children)


def web_address(url: str) -> str:
    """The address if it is safe for a link, otherwise "". One with a user name before its host is misleading."""
    if len(url) > ADDRESS or not (_WEB.fullmatch(url) or _MAIL.fullmatch(url)):
        return ""
    try:
        return url if urlsplit(url).netloc or url[:7].lower() == "mailto:" else ""
    except ValueError:  # brackets around what is no IPv6 address
        return ""


def picture(url: str) -> str:
    """The data: address of a bitmap picture (an SVG is a document), otherwise ""."""
    return url if _PICTURE.fullmatch(url) else ""


def sound(url: str) -> str:
    """The data: address of a sound, otherwise ""."""
    return url if _SOUND.fullmatch(url) else ""


def link(url: str, text: str) -> Markup:
    """A link that sends no referrer; only the text if the address is not safe."""
    good = web_address(url)
    return element("a", text, href=good, rel="noopener noreferrer") if good else join([text])


def rich(text: str) -> Markup:
    """A model's Markdown as HTML. Raw HTML in it is shown as text, a remote picture becomes a link; nothing is
    loaded.
    """
    text = clean(text)
    if len(text) > LONGEST:
        return element("div", text, class_="typed")
    return Markup(_parser().render(with_sources_apart(text)))  # noqa: S704  (the parser escapes: raw HTML is switched off)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.validateLink = lambda url: bool(web_address(url) or picture(url))  # type: ignore[method-assign]
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.core.ruler.push("tame", _tame)
    return parser


def _formula(state: StateInline, silent: bool) -> bool:
    r"""Keep a formula as written: to Markdown, `\(` is an escaped bracket and `_` may be emphasis."""
    begun = state.pos
    closing = _CLOSING.get(state.src[begun : begun + 2])
    end = state.src.find(closing, begun + 3, begun + FORMULA) if closing else -1
    if end < 0:
        return False
    if not silent:
        state.push("code_inline", "code", 0).content = state.src[begun : end + 2]
    state.pos = end + 2
    return True


def _tame(state: StateCore) -> None:
    """After parsing: turn what would load something into a link, and inline styles, which the page's policy
    forbids, into classes.
    """
    for token in state.tokens:
        side = str(token.attrs.pop("style", "")).removeprefix("text-align:")
        if side in ("right", "center"):
            token.attrs["class"] = side
        if token.type == "fence" and (language := token.info.split(maxsplit=1)[:1]):
            token.attrs["data-language"] = language[0]
        if token.children:
            token.children = list(_safe_tokens(token.children))


def _safe_tokens(tokens: list[Token]) -> Iterator[Token]:
    linked = False  # links do not nest
    for token in tokens:
        if token.type == "image" and not picture(url := str(token.attrs["src"])):
            text = Token("text", "", 0, content=f"Picture: {token.content or url}")
            yield from _linked(text, url) if web_address(url) and not linked else [text]
            continue
        if token.type in ("link_open", "link_close"):
            linked = token.type == "link_open"
        if token.type == "link_open":
            url = web_address(str(token.attrs["href"]))
            token.attrs = {"href": url, "rel": "noopener noreferrer"} if url else {}
        yield token


def _linked(text: Token, url: str) -> list[Token]:
    attributes: dict[str, str | int | float] = {"href": url, "rel": "noopener noreferrer"}
    return [Token("link_open", "a", 1, attrs=attributes), text, Token("link_close", "a", -1)]
