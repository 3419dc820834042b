"""A run by the model on this machine: embeddings only."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend.jobs.job import Hands
from backend.local import SMOLLM2, LocalModel, LocalServer, embeddings
from backend.studio import replies
from backend.studio.replies import Reply
from backend.studio.task import Task
from backend.studio.work import Making
from backend.transport.call import Call


@dataclass(frozen=True)
class LocalVectors(Making):
    """The same by the model on this machine, which returns embeddings and costs nothing."""

    model: LocalModel = SMOLLM2
    server: LocalServer | None = None

    def _send_task(self, task: Task, hands: Hands, call: Call) -> Reply:
        body = embeddings(task.body, self.model, call, self.server)
        return replace(replies.read(body, task.about, aimlapi=False), usd=0.0)
