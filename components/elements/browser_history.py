"""Back and Forward in the browser walk from one conversation to another, not through every change of an address.

The address of a page names its conversation (CONVERSATION) and much besides. Streamlit makes an entry in the
browser's history of every change: with a model, a temperature and a conversation one would press Back four times to
leave. A few lines of JavaScript keep one entry per page and conversation. They also mark an address to which the
visitor has gone Back or Forward (WALKED): without the mark it could be an old one, sent with a late click.
"""

from __future__ import annotations

import streamlit as st

CONVERSATION = "c"  # the parameter of the address that names the conversation
WALKED = "walked"  # the mark
_JS = f"""
const conversation = (url) => new URL(url, location.href).searchParams.get("{CONVERSATION}") ?? "";
export default function () {{
  if (window.playgroundWalks) return;
  window.playgroundWalks = true;
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {{
    const same = new URL(url, location.href).pathname === location.pathname;
    const before = conversation(location.href), after = conversation(url);
    if (same && (!before || before === after)) history.replaceState(state, title, url);
    else push(state, title, url);
  }};
  window.addEventListener("popstate", () => {{
    const url = new URL(location.href);
    if (url.searchParams.has("{WALKED}")) return;
    url.searchParams.set("{WALKED}", "1");
    history.replaceState(history.state, "", url);
    // Streamlit has read it already: it listened first.
    window.dispatchEvent(new PopStateEvent("popstate", {{ state: history.state }}));
  }});
}}
"""

_walks = st.components.v2.component("walks", js=_JS)


def browser_history() -> None:
    """Put it in place. In a container that is not seen: it would take room."""
    _walks(key="walks_script")
