"""Opens a recording from a file or a link: parsed, searched for keys, tested, and only then played."""

from __future__ import annotations

from backend.demos import document, link
from backend.demos.recording import Recording
from backend.demos.secrets import secrets_in
from backend.demos.trial import rehearse
from backend.untrusted import Unreadable
from components.demos import words
from components.session import tab
from components.session.session import Session


def open_file(session: Session, content: bytes) -> Recording | None:
    """The recording in a file; None if there is none to play, and the session says why."""
    try:
        return _looked_through(session, document.read(content))
    except Unreadable as refused:
        session.plays.problem = str(refused)
        return None


def arrive(session: Session) -> str:
    """Open the recording named in the address, once. Returns the page it plays on, if that is another one.

    Called before any widget is drawn.
    """
    text = tab.address(link.ADDRESS)
    tab.put_address(link.ADDRESS, "")
    if not text:
        return ""
    try:
        recording = _looked_through(session, link.decode(text))
    except Unreadable as refused:
        session.plays.problem = str(refused)
        session.dialogs.open("shelf")
        return ""
    session.plays.begin(recording)
    return "" if recording.page == "Chat" else recording.page


def _looked_through(session: Session, recording: Recording) -> Recording:
    places = secrets_in(recording, rehearse(recording), session.connections.keys)
    if places:
        raise Unreadable(words.KEY_INSIDE.format(place=places[0]))
    return recording
