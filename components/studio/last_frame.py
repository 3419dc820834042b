"""The last frame of a clip, extracted by the browser (media.js), as the beginning of the next clip."""

from __future__ import annotations

from functools import partial

from backend import errors
from backend.studio import fetching
from components.session import tab
from components.session.session import Session
from components.studio import files, words
from components.studio.attempting import attempt, set_toast
from components.studio.files import Frame

_MOST = files.UPLOAD * 4 // 3 + 100  # characters of one in Base64


def take(session: Session, name: str, given: str) -> None:
    """In a callback: `given` is a data URI from the browser, untrusted as anything from there."""
    attempt(partial(_take, session, name, given))


def _take(session: Session, name: str, given: str) -> None:
    """Store the frame. Raises NoRoom, BadInput."""
    shelf = session.studio.shelf
    if len(given) > _MOST or not given.startswith("data:image/"):
        raise errors.BadInput(title=words.FRAME_UNUSABLE, hint="")
    try:
        kept = fetching.decode(given, shelf)
    except fetching.NoFile:
        raise errors.BadInput(title=words.FRAME_UNUSABLE, hint="") from None
    if kept.type.show != "image":
        shelf.delete([kept.id])
        raise errors.BadInput(title=words.FRAME_UNUSABLE, hint="")
    before = tab.value(files.TAKEN)
    if isinstance(before, Frame):  # nothing else refers to it
        shelf.delete([before.id])
    tab.put(files.TAKEN, Frame(kept.id, words.FRAME_NAME.format(name=name)))
    set_toast(words.FRAME_TAKEN, "movie")
