"""Vectors from the real model on this machine, with no key and no network."""

from __future__ import annotations

from pathlib import Path

from studio import StepHands

from backend.keys.endpoint import Endpoint
from backend.local import SMOLLM2, LocalServer
from backend.studio import vectors
from backend.studio.local_vectors import LocalVectors
from backend.studio.shelf import Shelf
from backend.studio.task import Task
from backend.transport.client import ChatClient
from backend.untrusted import fields, parsed, string


def test_the_local_model_gives_vectors_in_which_like_is_near_like(server: LocalServer, tmp_path: Path) -> None:
    shelf, client = Shelf(tmp_path, "anna"), ChatClient(Endpoint(""))
    work = LocalVectors(client, shelf, "here", model=SMOLLM2, server=server)
    texts = ["A small dog", "A little puppy", "Tax law"]
    task = Task("embeddings", SMOLLM2.id, "embeddings", body={"model": SMOLLM2.id, "input": [*texts]})
    outcome = work(task.as_json(), StepHands())
    assert (outcome.state, outcome.usd) == ("done", 0.0), outcome.result
    kept = shelf.find(string(fields(outcome.result["vectors"])["id"]))
    assert kept is not None
    found = vectors.read(parsed(kept.path.read_text()))
    assert vectors.nearest(vectors.similarities(found))[0][:2] == (0, 1)
    client.close()
