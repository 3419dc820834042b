"""Has the browser reload this page without the parameters of its address: a few lines of JavaScript, no build
step.
"""

from __future__ import annotations

import streamlit as st

_JS = "export default function () { window.location.replace(window.location.origin + window.location.pathname) }"

_reload = st.components.v2.component("reload", js=_JS)


def reload_page() -> None:
    """Reload the page once this is drawn. It takes no space."""
    with st.container(key="reload"):
        _reload(key="reload_page")
