"""Keeps the uploads of admitted tabs only.

Streamlit takes uploads from any tab that is connected, before any page has run: 20 MB at a time, into memory. So
where access is limited, files of a tab that is not admitted are dropped. It does NOT limit what an admitted tab
uploads.
"""

from __future__ import annotations

from components.elements import streamlit_internals

_REMEMBERED = 1_000  # admitted tabs; beyond that, those that have closed are forgotten
_admitted: set[str] = set()


def keep(admitted: bool) -> None:
    """Keep the uploads of this tab from now on; or keep none, and drop those that came."""
    tab = streamlit_internals.tab_id()
    if not tab:
        return
    streamlit_internals.limit_uploads(_admitted.__contains__)
    if admitted:
        _admitted.add(tab)
        _forget_closed()
    else:
        _admitted.discard(tab)
        streamlit_internals.remove_uploads()


def _forget_closed() -> None:
    if len(_admitted) > _REMEMBERED:
        _admitted.intersection_update([tab for tab in _admitted if streamlit_internals.is_connected(tab)])
