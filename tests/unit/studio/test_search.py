"""A search through the real backend: what a question finds, whoever answers it, and what is kept of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_api import Reply, Request, html, reply
from studio import StepHands, StudioAPI, answers_by_path, files, making, of_family, worked_off

from backend.studio import findings
from backend.studio.form_requests import tasks_of
from backend.studio.queries import NoSite, narrowed
from backend.studio.searching import Searching
from backend.studio.task import Task
from backend.types import JSON

BAGOODEX = "bagoodex/bagoodex-search-v1"


def task(model: str = "perplexity/sonar", **more: Any) -> Task:
    body = {"model": model, "messages": [{"role": "user", "content": "Pisa?"}], **more}
    return Task("search", model, "/v1/chat/completions", body=body)


def found(answer: Any, folder: Path, model: str = "perplexity/sonar") -> dict[str, Any]:
    with StudioAPI(answer) as api, making(api, folder, kind=Searching) as work:
        outcome, _ = worked_off(work, task(model))
    assert outcome.state == "done", outcome.result
    result: Any = {**outcome.result, **dict(outcome.result["result"])}  # type: ignore[arg-type]
    return result


@pytest.mark.parametrize(
    ("site", "phrase", "without", "query"),
    [
        ("", "", "", "moon landing"),
        ("nasa.gov", "one small step", "hoax  -film", 'moon landing "one small step" site:nasa.gov -hoax -film'),
        ("https://www.NASA.gov/a?b", 'say "this"', ' - "', 'moon landing "say this" site:www.nasa.gov'),
        ("site:nasa.gov", "\n", "", "moon landing site:nasa.gov"),
    ],
)
def test_a_query_is_built_from_the_documented_operators(site: str, phrase: str, without: str, query: str) -> None:
    given: dict[str, JSON] = {"query": " moon landing ", "site": site, "phrase": phrase, "without": without}
    asked = Task("search", BAGOODEX, "/v1/chat/completions", body={"model": BAGOODEX, **given})
    (made,) = tasks_of(asked, asked.about.own)
    assert made.body == {"model": BAGOODEX, "messages": [{"role": "user", "content": query}]}


@pytest.mark.parametrize("site", ["nasa", "a.b/ c.d", "javascript:alert(1)", "..", "a.b -x", "a." * 90])
def test_a_site_that_is_none_is_refused_in_words(site: str) -> None:
    with pytest.raises(NoSite, match="is no site"):
        narrowed("moon", {"site": site})


@pytest.mark.parametrize("row", of_family("search"), ids=lambda row: str(row["scenario"]))
def test_a_documented_search_ends_with_all_that_it_found(row: Any, tmp_path: Path) -> None:
    with StudioAPI(answers_by_path([row])) as api, making(api, tmp_path, kind=Searching) as work:
        outcome, waited = worked_off(
            work, Task("search", BAGOODEX, "/v1/chat/completions", body=row["request"]["body"])
        )
        kept = [work.shelf.find(file["id"]) for file in outcome.result["files"]]  # type: ignore
        assert all(file and file.path.read_bytes() in files().values() for file in kept)
    assert (outcome.state, outcome.usd, waited) == ("done", 0.01, 1)
    assert api.requests[0].body == row["request"]["body"]
    result: Any = outcome.result["result"]
    assert result["answer"] == row["responses"][0]["body"]["choices"][0]["message"]["content"]
    shown = json.dumps(result, ensure_ascii=False)
    for response in row["responses"][1:]:
        for word in words(response["body"]):
            assert word in shown
    asked_in_vain = {"links", "images", "videos", "weather", "local-map", "knowledge"} - {
        response["request"]["path"].rpartition("/")[2].partition("?")[0] for response in row["responses"][1:]
    }
    assert set(result.get("missing", ())) == asked_in_vain


def words(value: Any) -> list[str]:
    """Every text in a body that a visitor is to see."""
    if isinstance(value, dict):
        return [
            word
            for name, one in value.items()
            if name not in ("thumbnail", "source_name", "type")
            for word in words(one)
        ]
    if isinstance(value, list):
        return [word for one in value for word in words(one)]
    return [value] if isinstance(value, str) and value else []


def test_a_model_that_cites_gives_links_with_their_titles_and_pictures(tmp_path: Path) -> None:
    answer = {
        "id": "x",
        "choices": [{"message": {"content": "56 m [1].", "annotations": [
            {"type": "url_citation", "url_citation": {"url": "https://b.example/", "title": "B"}}]}}],
        "citations": ["https://a.example/", "https://b.example/"],
        "search_results": [{"title": "A", "url": "https://a.example/"}],
        "images": [{"image_url": "https://files.invalid/red.png", "origin_url": "https://a.example/p"}],
        "related_questions": ["How old?", 7],
        "usage": {"cost": {"total_cost": 0.006}},
    }  # fmt: skip
    result = found(reply(answer), tmp_path)
    assert result["links"] == [
        {"url": "https://a.example/", "title": "A"}, {"url": "https://b.example/", "title": "B"}
    ]  # fmt: skip
    assert result["related"] == ["How old?"]
    assert result["files"][0]["page"] == "https://a.example/p"


@pytest.mark.parametrize(
    "images",
    [
        [{"original": "javascript:alert(1)"}, {"original": "file:///etc/passwd"}, {"original": 7}, "x", None],
        [{"original": "https://127.0.0.1/a.png"}, {"original": "https://files.invalid/page.html"}],
        {"original": "https://files.invalid/red.png"},
    ],
)
def test_pictures_that_are_none_are_not_kept(images: Any, tmp_path: Path) -> None:
    answer = {"choices": [{"message": {"content": "Hi"}}], "images": images, "citations": ["javascript:alert(1)"]}
    with StudioAPI(reply(answer)) as api, making(api, tmp_path, html("Sign in"), kind=Searching) as work:
        outcome, _ = worked_off(work, task())
    assert outcome.state == "done" and outcome.result["files"] == []
    assert "javascript" not in json.dumps(outcome.result["result"]) and not work.shelf.used_bytes


def test_a_large_picture_is_left_where_it_is(tmp_path: Path) -> None:
    answer = {"choices": [{"message": {"content": "Hi"}}], "images": [{"original": "https://files.invalid/a.png"}]}
    large = files()["red.png"].ljust(6_000_000, b"\0")
    with StudioAPI(reply(answer)) as api, making(api, tmp_path, reply(large), kind=Searching) as work:
        outcome, _ = worked_off(work, task())
    assert outcome.result["files"] == [] and not work.shelf.used_bytes


def test_busy_follow_ups_are_asked_again_and_what_is_refused_is_said(tmp_path: Path) -> None:
    busy = [reply("Slow", 429), reply("Down", 503)]

    def answer(request: Request) -> Reply:
        if request.method == "POST":
            return reply({"id": "a/b", "choices": [{"message": {"content": "Hi"}}]})
        if busy:
            return busy.pop()
        return reply(["https://a.example/"]) if "/links" in request.path else reply({"message": "Retired"}, 404)

    result = found(answer, tmp_path, BAGOODEX)
    assert result["links"] == [{"url": "https://a.example/", "title": ""}] and len(result["missing"]) == 5


@pytest.mark.parametrize(
    "body", [None, [], "x", 7, {"forecast": 7}, {"a": {"b": []}}, [[[]]], {"temperature": True}]
)
def test_any_body_is_read(body: Any) -> None:
    for kind in findings.KINDS:
        json.dumps(findings.with_follow_up({}, kind, body))
    assert findings.of_completion(body if isinstance(body, dict) else {}) is None


def test_a_search_goes_on_after_the_process_was_killed_and_is_paid_once(tmp_path: Path) -> None:
    (row, *_) = of_family("search")
    with StudioAPI(answers_by_path([row])) as api, making(api, tmp_path, kind=Searching) as work:
        hands = StepHands()
        with pytest.raises(Exception, match="0 s"):
            work(task(BAGOODEX).as_json(), hands)
        outcome, _ = worked_off(work, task(BAGOODEX), StepHands(hands.kept[-1]))
    assert [request.method for request in api.requests].count("POST") == 1
    assert outcome.result["result"]["answer"].startswith("The tower")  # type: ignore
