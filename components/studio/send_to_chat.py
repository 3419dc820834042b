"""Sends a result to the chat, attached to a question."""

from __future__ import annotations

import streamlit as st

from backend.attachments import BYTES
from backend.untrusted import string
from components.elements.markdown import plain
from components.session.pages import PATHS
from components.session.session import Session
from components.session.studio_runs import Run
from components.studio import text_results, words


def draw(session: Session, run: Run, name: str) -> None:
    """The button: it attaches pictures and sounds, and other results as text. Chat models read no clips and no
    meshes.
    """
    shelf = session.studio.shelf
    read = run.task.about.gives != "files"
    # Of a document only the text is attached: the pictures of its pages repeat it.
    files = [] if run.task.about.gives == "pages" else run.files
    kept = [shelf.find(string(file.get("id"))) for file in files]
    fitting = [file for file in kept if file and file.type.show in ("image", "audio") and file.bytes <= BYTES]
    if not (fitting or read) or not st.button(
        words.ASK_ABOUT, key=f"studio.ask.{run.job.id}", icon=":material/chat_bubble:", type="tertiary"
    ):
        return
    given = [(file.type.ending, file.path.read_bytes()) for file in fitting]
    if read:
        ending, text = text_results.as_file(run, shelf)
        given += [(ending or "txt", text.encode())] if text or not given else []
    pending = session.composer.pending
    problems = [pending.attach(f"{name}.{ending}", data) for ending, data in given]
    if problem := next(filter(None, problems), ""):
        st.toast(plain(problem), icon=":material/error:")
    else:
        st.switch_page(PATHS["Chat"])
