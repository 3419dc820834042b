"""Keeps uploads of admitted tabs only, and no more of them than a small host has memory for.

Streamlit accepts uploads from any connected tab, before any page has run, and keeps them in memory until the
tab is closed: 20 MB at a time, without a limit on the number. So files of a tab that is not admitted are dropped,
and
of the others the oldest that were not sent: those of a message are released when it is.
"""

from __future__ import annotations

from backend import attachments
from components.elements import streamlit_internals

_OF_TAB = attachments.COUNT * attachments.BYTES  # bytes: as much as the files of one message
_OF_ALL = 300 * 2**20  # bytes
_REMEMBERED = 1_000  # admitted tabs; beyond that, those that have closed are forgotten
_admitted: set[str] = set()


def keep(admitted: bool) -> None:
    """Keep the uploads of this tab from now on; or keep none, and drop those that have arrived."""
    tab = streamlit_internals.tab_id()
    if not tab:
        return
    streamlit_internals.limit_uploads(_admitted.__contains__, _OF_TAB, _OF_ALL)
    if admitted:
        _admitted.add(tab)
        _forget_closed()
    else:
        _admitted.discard(tab)
        streamlit_internals.remove_uploads()


def _forget_closed() -> None:
    if len(_admitted) > _REMEMBERED:
        _admitted.intersection_update([tab for tab in _admitted if streamlit_internals.is_connected(tab)])
