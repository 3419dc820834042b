"""kill -9 while a clip is being made: the next process finds it by its id, and pays nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from basics import ROOT
from fake_api import Reply, Request, reply
from sqlalchemy import text
from stores import open_store
from studio import StudioAPI, files

from backend.jobs.workers import Jobs
from backend.keys.endpoint import Endpoint
from backend.studio.families import KIND
from backend.studio.shelf import Shelf
from backend.studio.work import Making
from backend.transport.client import ChatClient

PROGRAM = """
import sys
from pathlib import Path
from backend.jobs.job import Draft, JobTask
from backend.jobs.workers import Jobs
from backend.keys.endpoint import Endpoint
from backend.store import Store
from backend.studio.shelf import Shelf
from backend.studio.task import Task
from backend.studio.work import Making
from backend.transport.client import ChatClient

database, folder, url = sys.argv[1:]
path = "/v2/video/generations"
task = Task("video", "m", path, path + "?generation_id={id}", body={"model": "m", "prompt": "A kite"})
work = Making(ChatClient(Endpoint(url, "sk-test")), Shelf(Path(folder), "anna"), "here", pauses=(0.05,))
jobs = Jobs(Store.open(database))
jobs.join(jobs.submit("anna", Draft("studio", "A kite", {}, [JobTask(task.kept())]), work))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there the end of a process does not say who ended it")
@pytest.mark.slow
def test_a_clip_arrives_after_the_process_that_asked_for_it_was_killed(tmp_path: Path) -> None:
    done: list[bool] = []

    def far(request: Request) -> Reply:
        if request.path.startswith("/made/"):
            return reply(files()["clip.mp4"])
        if not done:
            return reply({"id": "a:b/c", "status": "generating", "meta": {"usage": {"usd_spent": 0.5}}})
        return reply({"id": "a:b/c", "status": "completed", "video": [f"{api.origin}/made/clip.mp4"]})

    database = f"sqlite:///{tmp_path / 'kept.db'}"
    with StudioAPI(far) as api:
        command = [sys.executable, "-c", PROGRAM, database, str(tmp_path), api.url]
        process = subprocess.Popen(command, cwd=ROOT)
        try:
            while len(api.requests) < 2 and process.poll() is None:
                time.sleep(0.02)
            assert process.poll() is None, "it waits for the clip"
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        done.append(True)
        store = open_store(database)
        store.edit(lambda connection: connection.execute(text("UPDATE jobs SET beat = 0")) and None)
        jobs, shelf = Jobs(store), Shelf(tmp_path, "anna")
        (job,) = jobs.saved_jobs("anna").all(KIND)
        work = Making(ChatClient(Endpoint(api.url, "sk-test")), shelf, "here", pauses=(0.0,))
        jobs.go_on("anna", job.id, work)
        jobs.join(job.id, 20.0)
        (step,) = jobs.saved_jobs("anna").steps(job.id)
        jobs.close()
        store.close()
    assert (step.state, step.usd) == ("done", 0.5)
    assert [request.method for request in api.requests].count("POST") == 1
    assert shelf.used_bytes == len(files()["clip.mp4"])
