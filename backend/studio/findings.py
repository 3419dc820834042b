"""The results of a search in one form, from the formats of several servers: an answer with its sources, pictures,
clips,
the weather, a map, facts. Everything is bounded; an address that is not an http(s) URL is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from backend.protocol.wire import citations
from backend.protocol.wire.chat_reply import unwrapped
from backend.types import JSON
from backend.untrusted import Object, fields, items, line, object_list, objects, string, text

ANSWER = 100_000  # characters
LINKS = 60
PICTURES = 12
FACTS = 40
DAYS = 10
_TITLE = 300
_WEB = re.compile(r"https?://[^\s/?#@]+(?:[/?#]|$)", re.IGNORECASE)
_WEATHER = ("location", "date", "weather", "temperature", "unit", "precipitation", "humidity", "wind")


def of_completion(body: Object) -> dict[str, JSON] | None:
    """An answer of a chat model with its citations; None if there is neither."""
    body = unwrapped(body)
    answer, cited = "", [*citations.in_chunk(body)]
    for choice in object_list(body.get("choices"))[:1]:
        message = fields(choice.get("message"))
        answer = text(message.get("content"), ANSWER)
        cited += citations.in_message(message)
    links: JSON = _links([{"url": one.url, "title": one.title} for one in cited])
    found: dict[str, JSON] = {"answer": answer, "links": links}
    found["images"] = [*_images(body.get("images"))]
    related: list[JSON] = [line(one, _TITLE) for one in items(body.get("related_questions"), 10) if string(one)]
    found["related"] = related
    kept: dict[str, JSON] = {name: value for name, value in found.items() if value}
    return kept or None


def with_follow_up(found: Mapping[str, JSON], kind: str, body: JSON) -> dict[str, JSON]:
    """The findings with the result of one follow-up; an empty list or object adds nothing."""
    name, read = _READERS[kind]
    value = read(body)
    return {**found, **({name: value} if value else {})}


def web(value: object) -> str:
    """An http(s) address, "" for anything else."""
    address = line(value, 2_000)
    return address if _WEB.match(address) else ""


def _links(rows: list[dict[str, JSON]]) -> list[JSON]:
    """Each address once, with the longest of its titles: a plain list of addresses may come beside one with
    titles.
    """
    titles: dict[str, str] = {}
    for row in rows:
        if (url := web(row["url"])) and len(titles) < LINKS:
            titles[url] = max(titles.get(url, ""), line(row.get("title"), _TITLE), key=len)
    return [{"url": url, "title": title} for url, title in titles.items()]


def _images(body: JSON) -> list[JSON]:
    """Pictures with Bagoodex' and with Perplexity's field names."""
    found: list[JSON] = []
    for row in objects(body, PICTURES):
        url = web(row.get("original") or row.get("image_url"))
        page = web(row.get("source") or row.get("origin_url"))
        if url:
            found.append({"url": url, "page": page, "title": line(row.get("title"), _TITLE)})
    return found


def _videos(body: JSON) -> list[JSON]:
    rows = [(web(row.get("link")), line(row.get("title"), _TITLE)) for row in objects(body, LINKS)]
    return [{"url": url, "title": title} for url, title in rows if url]


def _weather(body: Object) -> dict[str, JSON]:
    found = _weather_words(body)
    days: list[JSON] = []
    for row in objects(body.get("forecast"), DAYS):
        degrees = fields(row.get("temperature"))
        day = {
            "day": line(row.get("day"), 40),
            "high": _word(degrees.get("high")),
            "low": _word(degrees.get("low")),
        }
        days.append({**_weather_words({name: row.get(name) for name in _WEATHER if name != "temperature"}), **day})
    return {**found, "forecast": days} if days else found


def _weather_words(body: Object) -> dict[str, JSON]:
    return {name: word for name in _WEATHER if (word := _word(body.get(name)))}


def _map(body: Object) -> dict[str, JSON]:
    found: dict[str, JSON] = {"url": web(body.get("link")), "image": web(body.get("image"))}
    return {name: value for name, value in found.items() if value}


def _facts(body: Object) -> dict[str, JSON]:
    """Facts under any names: null and values that are not text are left out."""
    rows = {line(name, 60): _word(value) for name, value in list(body.items())[:FACTS]}
    return {name: word for name, word in rows.items() if name and word}


def _word(value: JSON) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    return line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)[:2_000], 500)


_READERS: Mapping[str, tuple[str, Callable[[JSON], JSON]]] = {
    "links": ("links", lambda body: _links([{"url": one} for one in items(body, LINKS)])),
    "images": ("images", _images),
    "videos": ("videos", _videos),
    "weather": ("weather", lambda body: _weather(fields(body))),
    "local-map": ("map", lambda body: _map(fields(body))),
    "knowledge": ("facts", lambda body: _facts(fields(body))),
}
KINDS = tuple(_READERS)  # the kinds in Bagoodex' paths
