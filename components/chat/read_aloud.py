"""Reading aloud and dictation above the message box: an answer is read by a speech model or by the browser's own
voice, and
a recording is transcribed. Each line names the model that does it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend.answer import cost
from backend.untrusted import string
from components.chat import words
from components.elements.markdown import plain
from components.elements.watching import watch
from components.session import tab
from components.session.chains import Dictation, ReadAloud
from components.session.session import Session
from components.session.studio_runs import Run
from components.studio import media

_HERE = Path(__file__).parent
_VOICE_WORDS = {
    "pause": words.PAUSE_READING,
    "go": words.GO_ON_READING,
    "none": words.NO_VOICE,
    "over": words.READ_TO_THE_END,
}
_MICROPHONE = "dictation.recording"


@cache
def _voice() -> Callable[..., object]:
    """The text-to-speech component, registered once per process."""
    css, js = ((_HERE / f"voice.{ending}").read_text("utf-8") for ending in ("css", "js"))
    return st.components.v2.component("voice", css=css, js=js)


@cache
def _typing() -> Callable[..., object]:
    """The component that inserts text into the message box, after what has been typed there meanwhile."""
    return st.components.v2.component("typing", js=(_HERE / "typing.js").read_text("utf-8"))


def draw(session: Session, over_box: DeltaGenerator) -> None:
    """Draw the reader and the recorder, if they are in use."""
    if reading := session.chains.reading:
        _reading(session, reading, over_box)
    if session.chains.recorder:
        _dictation(session, over_box)


def _line(told: str, label: str, key: str, close: Callable[[], None]) -> None:
    """The status as Markdown, and the button that ends it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.caption(told, width="stretch")
        st.button(label, key=key, on_click=close, icon=":material/close:", type="tertiary")


# ---- read aloud ---------------------------------------------------------------------------------------------


def _reading(session: Session, reading: ReadAloud, over_box: DeltaGenerator) -> None:
    run = session.studio.kept.one(reading.run) if reading.run else None
    failure = _failure(run)
    with over_box.container(border=True, key="aloud", gap="xsmall"):
        _line(_reader(reading, run, failure), words.STOP_READING, "aloud.stop", session.chains.hush)
        if run and not failure:
            _player(session, run)
        elif reading.text:
            data = {"text": reading.text, "words": _VOICE_WORDS}
            _voice()(key=f"voice.{reading.number}", data=data, height="content")


def _reader(reading: ReadAloud, run: Run | None, failure: str) -> str:
    """The reading model or voice as Markdown; and why it is the browser if a model was requested."""
    if not reading.text:
        return words.NOTHING_TO_READ
    problem = reading.problem or failure
    if problem:
        return words.BROWSER_READS_INSTEAD.format(problem=plain(problem))
    if run is None:
        return words.BROWSER_READS
    sentence = words.MODEL_READS.format(model=plain(reading.model))
    if run.step.usd is not None:
        sentence += words.READING_COST.format(cost=plain(cost.dollars(run.step.usd)))
    return sentence + (words.READING_CUT if reading.cut else "")


def _failure(run: Run | None) -> str:
    """Why a model cannot read it; "" while it can."""
    if run is None or run.at_work:
        return ""
    if run.step.state != "done":
        return string(run.step.result.get("error")) or words.NO_SOUND
    return next((string(file.get("problem")) for file in run.files if "problem" in file), "")


def _player(session: Session, run: Run) -> None:
    shelf, key = session.studio.shelf, f"aloud.{run.job.id}"
    kept = next((shelf.find(string(file.get("id"))) for file in run.files), None)
    growing = None if kept else shelf.growing(run.task.mark)
    if not media.sound(kept or growing, words.READ_ALOUD_FILE, key, growing=kept is None, play=True):
        if kept:  # the server does not have the route for files
            st.audio(kept.path.read_bytes(), autoplay=True)
        else:
            st.caption(words.VOICE_COMES if run.at_work else words.NO_SOUND)
    if run.at_work:
        watch(lambda _: _has_more(session, run, playing=growing is not None))


def _has_more(session: Session, run: Run, *, playing: bool) -> bool:
    """Whether there is more of a run than was drawn: its beginning, or its end."""
    now = session.studio.kept.one(run.job.id)
    return (
        now is None or not now.at_work or (not playing and session.studio.shelf.growing(run.task.mark) is not None)
    )


# ---- dictation ----------------------------------------------------------------------------------------------


def dictate_button(session: Session) -> None:
    """A button that opens the recorder above the message box; a sentence if there is no transcription model."""
    model = session.studio.able("transcription")
    if model is None:
        st.caption(words.NO_DICTATION)
        return
    st.button(
        words.DICTATE,
        key="dictate",
        help=words.DICTATE_HELP.format(model=plain(model.label)),
        on_click=session.chains.show_recorder,
        args=(True,),
        icon=":material/speech_to_text:",
    )


def _on_recording() -> None:
    if recording := tab.upload(_MICROPHONE):
        Session.current().chains.write_down(recording.getvalue())


def _dictation(session: Session, over_box: DeltaGenerator) -> None:
    """The recorder, which stays for the next sentence, and the state of the last recording."""
    dictation = session.chains.dictation
    run = session.studio.kept.one(dictation.run) if dictation and dictation.run else None
    with over_box.container(border=True, key="dictation", gap="xsmall"):
        close = partial(session.chains.show_recorder, False)
        _line(_writer(session, dictation, run), words.CLOSE, "dictation.close", close)
        st.audio_input(words.DICTATE, key=_MICROPHONE, on_change=_on_recording, label_visibility="collapsed")
        if run and run.at_work:
            watch(lambda _: (now := session.studio.kept.one(run.job.id)) is None or not now.at_work)
        elif run and (text := session.chains.transcribed_text(run)):
            _typing()(key=f"typing.{run.job.id}", data={"text": text, "id": run.job.id})


def _writer(session: Session, dictation: Dictation | None, run: Run | None) -> str:
    """The transcribing model, or why the last recording failed; as Markdown."""
    model = session.studio.able("transcription")
    if dictation and not (run and (run.at_work or session.chains.transcribed_text(run))):
        return words.NOT_WRITTEN_DOWN.format(
            problem=plain(dictation.problem or _failure(run) or words.NOTHING_HEARD)
        )
    if run and run.at_work:
        return words.WRITES_DOWN.format(model=plain(dictation.model if dictation else ""))
    return words.DICTATE_HELP.format(model=plain(model.label if model else ""))
