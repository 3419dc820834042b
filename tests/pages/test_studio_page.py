"""The Studio page as a visitor uses it, through AppTest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from basics import KEY
from fake_api import Reply, Request, reply
from stores import forget_the_process
from streamlit.testing.v1 import AppTest
from studio import StudioAPI, files
from visiting import Open, everything, well

from backend.jobs.job import Draft, Job, JobTask
from backend.jobs.workers import STOPPED
from backend.studio.families import KIND
from backend.studio.task import Given, Handle, Task
from backend.types import Message
from components.session import services
from components.studio.files import TAKEN

STUDIO = "pages/6_Studio.py"
PATIENCE = 30.0
PROMPT = "A fox *reads* <b>a</b> newspaper"


def serve(request: Request) -> Reply:
    path = request.path.partition("?")[0]
    if path.endswith("/models"):
        return reply(
            {"data": [{"id": "chatty"}, {"id": "some-image-model"}, {"id": "text-embedding-x"}, {"id": "tts-1"}]}
        )
    if path.startswith("/made/"):
        return reply(files()[path.removeprefix("/made/")])
    if path.endswith(("/images/generations", "/images/edits")):
        host = request.headers["host"]
        links = [{"url": f"http://{host}/made/{name}.png"} for name in ("red", "blue")]
        return reply({"data": links[: (request.body or {}).get("n", 1)]}, headers={"x-aimlapi-usd-spent": "0.04"})
    if path.endswith("/audio/speech"):
        return reply(files()["tone.wav"], headers={"Content-Type": "audio/wav"})
    if path.endswith("/embeddings"):
        vectors = [[1.0, 0.0, 0.1], [0.9, 0.1, 0.1], [0.0, 1.0, 0.0]]
        odd = {"A levy": [0.1, 0.9, 0.0], "Of another length": [1.0]}
        rows = [
            {"index": place, "embedding": odd.get(text, vectors[place])}
            for place, text in enumerate(request.body["input"])
        ]
        return reply({"data": rows})
    if "generation_id=far" in request.path:
        return reply(
            {"id": "far", "status": "completed", "video": f"http://{request.headers['host']}/made/clip.mp4"}
        )
    return reply({"error": {"message": "Not here"}}, 404)


@pytest.fixture
def server() -> Iterator[StudioAPI]:
    with StudioAPI(serve) as made:
        yield made


def opened(visit: Open, server: StudioAPI, family: str = "image", **more: str) -> AppTest:
    return visit(STUDIO, query={"family": family}, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=server.url, **more)


def posts(server: StudioAPI) -> list[Request]:
    return [request for request in server.requests if request.method == "POST"]


def captions(at: AppTest) -> str:
    """Those over the message box, too."""
    return "\n".join(caption.value for caption in at.caption).replace("\\", "")


def finished(at: AppTest, owner: str = "local") -> tuple[AppTest, Job]:
    job, *_ = services.jobs().saved_jobs(owner).all(KIND)
    services.jobs().join(job.id, PATIENCE)
    return well(at.run()), job


def test_a_picture_is_asked_for_kept_and_found_again(visit: Open, server: StudioAPI) -> None:
    at = opened(visit, server)
    assert at.selectbox(key="studio.image:model").value == "some-image-model", "its name says what it makes"
    at.text_area(key="studio.image.prompt").set_value(PROMPT)
    at.number_input(key="studio.image.n").set_value(2)
    well(at.button(key="studio.run").click().run())
    at, _ = finished(at)
    (asked,) = posts(server)
    assert asked.body == {"model": "some-image-model", "prompt": PROMPT, "n": 2}, "what is not set is not sent"
    shelf = services.shelf("local")
    assert shelf.used_bytes == len(files()["red.png"]) + len(files()["blue.png"])
    again = opened(visit, server)
    assert "0.04" in everything(again).replace("\\", "")
    assert not again.exception and len(again.download_button) == 3, "two pictures, and what made them"
    run_id = services.jobs().saved_jobs("local").all(KIND)[0].id
    well(again.button(key=f"studio.use.{run_id}").click().run())
    assert again.text_area(key="studio.image.prompt").value == PROMPT
    assert again.number_input(key="studio.image.n").value == 2
    asking = opened(visit, server)
    well(asking.button(key=f"studio.ask.{run_id}").click().run())
    attached = asking.session_state["session"].composer.pending.attached
    assert [one.media.kind for one in attached] == ["image", "image"], "they go along with the next question"
    well(again.button(key=f"studio.forget.{run_id}").click().run())
    assert shelf.used_bytes == 0 and not services.jobs().saved_jobs("local").all(KIND)


def test_a_missing_field_is_named_and_nothing_is_asked(visit: Open, server: StudioAPI) -> None:
    at = opened(visit, server, "speech")
    well(at.button(key="studio.run").click().run())
    assert "Text is missing" in at.error[0].value.replace("\\", "")
    at.text_area(key="studio.speech.input").set_value("x" * 5_000)
    well(at.button(key="studio.run").click().run())
    assert "4,096" in at.error[0].value.replace("\\", "")
    assert not posts(server)


def test_a_query_ranks_the_texts_of_a_run_and_goes_with_it(visit: Open, server: StudioAPI) -> None:
    at = opened(visit, server, "embeddings")
    at.text_area(key="studio.embeddings.input").set_value("A small dog\nA little puppy\n\nTax law")
    well(at.button(key="studio.run").click().run())
    at, run = finished(at)
    assert posts(server)[0].body["input"] == ["A small dog", "A little puppy", "Tax law"]
    nearest = at.dataframe[0].value.iloc[0].tolist()
    assert nearest[:2] == ["A small dog", "A little puppy"] and nearest[2] > 0.9

    def ask(query: str) -> None:
        at.text_input(key=f"studio.query.{run.id}").set_value(query)
        well(at.button(key=f"studio.rank.{run.id}").click().run())
        finished(at)

    ask("  ")
    assert len(posts(server)) == 1, "nothing is asked by nothing"
    ask(" A levy ")
    assert posts(server)[1].body == {**posts(server)[0].body, "input": ["A levy"]}, "the same model and settings"
    assert at.dataframe[1].value.iloc[:, 0].tolist() == ["Tax law", "A little puppy", "A small dog"]
    ask("A levy")
    assert len(posts(server)) == 2, "the same text is paid for once"
    ask("x" * 100_000)
    assert len(posts(server)[2].body["input"][0]) == 8_000
    ask("Of another length")
    assert len(at.dataframe) == 1 and "another length" in at.error[0].value
    assert len(services.jobs().saved_jobs("local").all(KIND)) == 2, "of its queries the last is kept"
    well(at.button(key=f"studio.forget.{run.id}").click().run())
    assert services.shelf("local").used_bytes == 0 and not services.jobs().saved_jobs("local").all(KIND)


def test_a_result_whose_file_is_gone_says_so(visit: Open, server: StudioAPI) -> None:
    at = opened(visit, server, "embeddings")
    at.text_area(key="studio.embeddings.input").set_value("One\nTwo")
    well(at.button(key="studio.run").click().run())
    at, _ = finished(at)
    services.shelf("local").clear()
    assert "not here any more" in everything(well(at.run()))


def test_a_server_without_the_endpoint_says_so_and_the_draft_stays(visit: Open, server: StudioAPI) -> None:
    at = opened(visit, server, "moderation")
    at.text_area(key="studio.moderation.input").set_value("Hello")
    well(at.button(key="studio.run").click().run())
    at, _ = finished(at)
    assert "has nothing at moderations" in at.error[0].value.replace("\\", "")
    assert at.text_area(key="studio.moderation.input").value == "Hello"


@pytest.mark.parametrize("orderly", [False, True])
def test_a_clip_left_by_a_dead_process_is_found_again(orderly: bool, visit: Open, server: StudioAPI) -> None:
    """Its id was kept: the first page that sees it goes on, and nothing is begun anew."""
    at = opened(visit, server)
    saved = services.jobs().saved_jobs("local")
    path = "/v2/video/generations"
    task = Task("video", "m", path, path + "?generation_id={id}", body={"model": "m"})
    digest = at.session_state["session"].connections.configured.endpoint.digest
    id_ = saved.add(Draft(KIND, "A kite", {"server": digest}, [JobTask(task.as_json())]), services.Bounds(), "dead")
    step = saved.take(id_, "dead")
    assert not isinstance(step, str)
    saved.keep_handle(id_, "dead", 0, Handle("far", time.time(), 0.75).dump())
    if orderly:
        saved.put_back(id_, "dead", 0, 0)
        saved.end(id_, "dead", "paused", STOPPED)
    forget_the_process(services.journals().store)
    well(at.run())
    services.jobs().join(id_, PATIENCE)
    (done,) = saved.steps(id_)
    assert (done.state, done.usd) == ("done", 0.75) and not posts(server)
    assert services.shelf("local").used_bytes == len(files()["clip.mp4"])


def test_a_picture_of_the_results_goes_into_the_next_run(visit: Open, server: StudioAPI) -> None:
    at = opened(visit, server)
    at.text_area(key="studio.image.prompt").set_value("A fox")
    well(at.button(key="studio.run").click().run())
    at, job = finished(at)
    well(at.button(key=f"studio.input.{job.id}").click().run())
    assert "With the picture" in everything(well(at.run()))
    at.text_area(key="studio.image.prompt").set_value("Make it blue")
    well(at.button(key="studio.run").click().run())
    at, again = finished(at)
    edit = posts(server)[-1]
    assert edit.path == "/v1/images/edits" and files()["red.png"] in edit.raw
    session = at.session_state["session"]
    before = services.shelf("local").used_bytes
    session.studio.kept.forget(session.studio.kept.one(again.id))
    assert before > services.shelf("local").used_bytes > 0, "the first result keeps its file"


def test_an_answer_is_read_aloud_by_a_model_and_goes_on_to_a_picture(visit: Open, server: StudioAPI) -> None:
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=server.url)
    session = at.session_state["session"]
    chat = session.chats.current.conversation
    said = Message("assistant", "# A fox\n\nIt **reads**.\n\n```py\nprint(1)\n```")
    answer = chat.add(said, chat.add(Message("user", "Hi"), None))
    session.actions.do("speak", answer)
    services.jobs().join(session.chains.reading.run, PATIENCE)
    assert "tts-1 reads aloud" in captions(well(at.run()))
    (asked,) = posts(server)
    assert asked.body == {"model": "tts-1", "input": "A fox.\nIt reads.", "voice": "alloy"}, (
        "neither marks nor code"
    )
    well(at.button(key="aloud.stop").click().run())
    assert "reads aloud" not in captions(at)
    session.actions.do("picture", answer)
    well(at.run())
    assert at.text_area(key="studio.image.prompt").value == "A fox.\nIt reads."


def test_without_a_model_that_speaks_the_browser_reads_and_dictation_is_not_offered(visit: Open) -> None:
    with StudioAPI(lambda request: reply({"data": [{"id": "chatty"}]})) as server:
        at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=server.url)
        session = at.session_state["session"]
        session.chains.do("speak", Message("assistant", "`x = 1`"))
        assert "no words to read" in captions(well(at.run()))
        session.chains.do("speak", Message("assistant", "Hello."))
        assert "browser's own voice reads aloud" in captions(well(at.run()))
        assert "No dictation" in captions(at) and not posts(server)
        refused = session.chains
        refused.reading = replace(refused.reading, problem="**No** credit")
        assert r"The model does not: **No** credit" in captions(well(at.run()))


def test_a_chat_address_with_a_studio_model_leads_to_the_studio(visit: Open) -> None:
    at = visit(query={"model": "flux/schnell"}, AIMLAPI_API_KEY=KEY)
    assert "works in the studio" in everything(at)


def test_a_guest_is_not_given_what_has_no_price(visit: Open, server: StudioAPI) -> None:
    at = opened(visit, server, PLAYGROUND_SHARED="1", PLAYGROUND_GUEST_MODELS="*")
    at.text_area(key="studio.image.prompt").set_value(PROMPT)
    well(at.button(key="studio.run").click().run())
    assert "closed to guests" in at.error[0].value.replace("\\", "")
    assert not posts(server)


def test_the_owner_may_open_what_has_no_price(visit: Open, server: StudioAPI) -> None:
    at = opened(
        visit, server, PLAYGROUND_SHARED="1", PLAYGROUND_GUEST_MODELS="*", PLAYGROUND_GUEST_PRICE_LIMIT="none"
    )
    at.text_area(key="studio.image.prompt").set_value(PROMPT)
    well(at.button(key="studio.run").click().run())
    owner = at.session_state["session"].owner
    services.jobs().join(services.jobs().saved_jobs(owner).all(KIND)[0].id, PATIENCE)
    assert posts(server) and services.ledger().usage(owner).micros == 40_000, "as the server says"


def test_without_a_server_the_page_says_what_it_needs_and_a_link_leads_to_it(visit: Open) -> None:
    at = visit(STUDIO)
    assert "come from a server" in everything(at)
    assert "embeddings" in at.query_params["family"], "what this computer can do is here"
    at = visit(STUDIO, query={"family": "video", "model": "alibaba/wan-2-6-t2v"})
    assert at.selectbox(key="studio.video:model").value == "alibaba/wan-2-6-t2v"
    assert "needs a key" in everything(at)
    at.text_area(key="studio.video.prompt").set_value("A kite")
    well(at.button(key="studio.run").click().run())
    at.session_state[TAKEN] = Given("0" * 32, "cat.png")
    well(well(at.run()).button(key="studio.frame.model").click().run())
    assert str(at.selectbox(key="studio.video:model").value).startswith("alibaba/wan"), "one that takes a picture"
    assert not [found for found in at.button if found.key == "studio.frame.model"]
    assert at.error and not services.jobs().saved_jobs("local").all(KIND)


def test_a_draft_from_the_browser_fills_only_the_fields_it_fits(visit: Open, server: StudioAPI) -> None:
    at = opened(visit, server)
    given = {"prompt": "A fox\x00", "n": "three", "size": "9x9", "quality": "high", "nonsense": [1]}
    at.session_state["studio.draft.waiting"] = {
        f"studio.image.{name}{'.some-image-model' if name in ('size', 'quality') else ''}": value
        for name, value in given.items()
    } | {"studio.image.image.file": "cat.png"}
    well(at.run())
    assert "cat" in at.warning[0].value, "else it would be run without its picture"
    well(at.button(key="studio.lost.go").click().run())
    assert not at.warning
    assert at.text_area(key="studio.image.prompt").value == "A fox"
    assert at.number_input(key="studio.image.n").value is None
    assert at.session_state["studio.image.quality.some-image-model"] == "high"
    assert not at.session_state["studio.image.size.some-image-model"]
    at.text_area(key="studio.image.prompt").set_value(f"My key is {KEY}")
    well(at.run())
    assert KEY not in str(at.session_state["studio.draft.now"])
