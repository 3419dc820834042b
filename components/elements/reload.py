"""Has the browser load this page again, without what its address says: a few lines of JavaScript, no build."""

from __future__ import annotations

import streamlit as st

_JS = "export default function () { window.location.replace(window.location.origin + window.location.pathname) }"

_reload = st.components.v2.component("reload", js=_JS)


def reload_page() -> None:
    """Load the page again once this is drawn. It takes no room."""
    with st.container(key="reload"):
        _reload(key="reload_page")
