"""The metadata of a result as JSON beside its files: for a person to read, or a script to repeat it."""

from __future__ import annotations

import json
import time

from backend.jobs.job import JobStep
from backend.studio.task import Task
from backend.types import JSON


def sidecar_json(task: Task, step: JobStep, began: float) -> str:
    """The JSON. `began`: seconds since 1970. Input files are named, not included."""
    files: dict[str, JSON] = {name: [given.name for given in several] for name, several in task.files.items()}
    notes = {name: step.result[name] for name in ("seed", "generation", "beside") if step.result.get(name)}
    made: dict[str, JSON] = {
        "model": task.model,
        "path": task.path,
        "request": dict(task.body),
        **({"files": files} if files else {}),
        **notes,
        "usd": step.usd,
        "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
    }
    return json.dumps(made, ensure_ascii=False, indent=1)
