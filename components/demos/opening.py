"""A recording from elsewhere, a file or a link: read, looked through, tried out, and only then played."""

from __future__ import annotations

from backend.demos import document, link
from backend.demos.recording import Recording
from backend.demos.secrets import secrets_in
from backend.demos.trial import rehearsed
from backend.untrusted import Unreadable
from components.demos import words
from components.session import tab
from components.session.session import Session


def open_file(session: Session, content: bytes) -> Recording | None:
    """The recording in a file; None where there is none to play, and the session says why."""
    try:
        return _looked_through(session, document.read(content))
    except Unreadable as refused:
        session.plays.problem = str(refused)
        return None


def arrive(session: Session) -> str:
    """Open the recording that the address names, once. Gives the other page that it plays on.

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
    places = secrets_in(recording, rehearsed(recording), session.connections.keys)
    if places:
        raise Unreadable(words.KEY_INSIDE.format(place=places[0]))
    return recording
