"""A transcript whose words are linked to their times in the recording: a custom component that gets data only
(transcript.js). Without the recording, only the text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import streamlit as st

from backend.studio.shelf import KeptFile, Shelf
from backend.studio.transcripts import Transcript
from backend.types import JSON
from components.session import tab
from components.session.studio_runs import Run
from components.studio import words
from components.studio.route import TabLinks

_HERE = Path(__file__).parent
_WORDS = 6_000  # clickable words; the rest is plain text


@cache
def _component() -> Callable[..., object]:
    """The component, registered once per process."""
    css, js = ((_HERE / f"transcript.{ending}").read_text("utf-8") for ending in ("css", "js"))
    return st.components.v2.component("studio_transcript", css=css, js=js)


def draw(run: Run, found: Transcript, shelf: Shelf) -> bool:
    """Draw it; False if it has no times, or the server has no route for its recording."""
    recording = _recording(run, shelf)
    address = tab.one(TabLinks).of(recording, f"recording.{recording.type.ending}") if recording else ""
    if not found.words or not address or recording is None:
        if found.words and recording is None:
            st.caption(words.RECORDING_ELSEWHERE)
        return False
    rows: list[JSON] = [[word.text, word.start, word.speaker, word.doubtful] for word in found.words[:_WORDS]]
    data: dict[str, JSON] = {
        "url": address,
        "video": recording.type.show == "video",
        "words": rows,
        "rest": " ".join(word.text for word in found.words[_WORDS:]),
        "said": {"speaker": words.SPEAKER, "hint": words.SEEK, "doubtful": words.DOUBTFUL},
    }
    _component()(key=f"studio.transcript.{run.job.id}", data=data, height="content")
    return True


def _recording(run: Run, shelf: Shelf) -> KeptFile | None:
    """The file that was transcribed."""
    given = [one for several in run.task.files.values() for one in several]
    found = shelf.find(given[0].id) if given else None
    return found if found and found.type.show in ("audio", "video") else None
