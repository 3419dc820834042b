"""Results of the Studio on the page History: found, opened, deleted with a way back, given away and back."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest
from studio import files
from visiting import Open, everything, well

from backend.jobs.job import Bounds, Draft, Job, JobTask, StepOutcome
from backend.studio import run_files
from backend.studio.families import KIND
from backend.studio.task import Task
from components.session import deletions, services

HISTORY, STUDIO = "pages/4_History.py", "pages/6_Studio.py"


@pytest.fixture
def kept(visit: Open) -> tuple[AppTest, Job]:
    """The page, and a picture of the Studio."""
    visit()
    with services.shelf("local").new() as file:
        file.write(files()["red.png"])
        picture = file.keep()
    task = Task("image", "flux/schnell", "/v1/images/generations", body={"prompt": "A fox reads"})
    outcome = StepOutcome("done", {"files": [{"id": picture.id, "show": "image"}]}, 0.04)
    draft = Draft(KIND, "A fox reads", {"prompt": "A fox reads"}, [JobTask(task.as_json(), known=outcome)])
    saved = services.jobs().saved_jobs("local")
    saved.add(draft, Bounds(), "", at_rest=("done", "", 1_000.0))
    (job,) = saved.all(KIND)
    return visit(HISTORY), job


def links(at: AppTest) -> list[str]:
    return [link.proto.query_string for link in at.get("page_link") if "=" in link.proto.query_string]


def test_a_result_is_found_and_opened_where_it_was_made(kept: tuple[AppTest, Job], visit: Open) -> None:
    at, job = kept
    assert links(at) == [f"run={job.id}"] and "0.04" in everything(at).replace("\\", "")
    assert links(well(at.text_input(key="history.search").set_value("FOX").run()))
    assert not links(well(at.text_input(key="history.search").set_value("nothing such").run()))
    opened = visit(STUDIO, query={"run": job.id})
    assert opened.query_params["family"] == "image" and "run" not in opened.query_params
    assert "A fox reads" in everything(opened)


def test_a_deleted_result_keeps_its_file_until_undo_ends(
    kept: tuple[AppTest, Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    at, job = kept
    session, shelf = at.session_state["session"], services.shelf("local")
    session.studio.kept.delete(job.id, job.title)
    assert not links(well(at.run())) and shelf.used_bytes
    session.deletions.undo(session.deletions.undoable.id)
    assert links(well(at.run())) and shelf.used_bytes
    monkeypatch.setattr(deletions, "UNDO", 0.0)
    session.studio.kept.delete(job.id, job.title)
    for _ in range(200):
        if not shelf.used_bytes:
            break
        deletions.time.sleep(0.02)
    assert not shelf.used_bytes


def test_queries_go_with_their_run_and_come_back_with_it(kept: tuple[AppTest, Job]) -> None:
    at, _ = kept
    saved, session = services.jobs().saved_jobs("local"), at.session_state["session"]
    ids: list[str] = []
    for of in ("", "the run"):
        task = Task("embeddings", "m", "embeddings", body={"input": ["a"]}, query_of=ids[0] if of else "")
        draft = Draft(KIND, of or "Texts", {}, [JobTask(task.as_json(), known=StepOutcome("done", {}, 0.0))])
        before = {job.id for job in saved.all(KIND)}
        saved.add(draft, Bounds(), "", at_rest=("done", "", 1_000.0))
        ids += [job.id for job in saved.all(KIND) if job.id not in before]
    session.studio.kept.delete(ids[0], "Texts")
    assert not session.studio.kept.all("embeddings")
    session.deletions.undo(session.deletions.undoable.id)
    assert {run.job.id for run in session.studio.kept.all("embeddings")} == set(ids)


def test_a_backup_brings_a_result_back(kept: tuple[AppTest, Job]) -> None:
    at, job = kept
    saved, shelf = services.jobs().saved_jobs("local"), services.shelf("local")
    well(at.button(key="export.all").click().run())
    assert "Results of the Studio" in [button.label for button in at.get("download_button")]
    data = run_files.packed([(job, saved.steps(job.id))], shelf)
    session = at.session_state["session"]
    session.studio.kept.forget(session.studio.kept.one(job.id))
    assert not shelf.used_bytes
    key = next(uploader.key for uploader in at.file_uploader)
    well(at.file_uploader(key=key).set_value(("results.zip", data, "application/zip")).run())
    assert "1 result of the Studio imported" in " ".join(element.value for element in at.success)
    assert shelf.used_bytes == len(files()["red.png"]) and links(at)
