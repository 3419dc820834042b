"""Makes Back and Forward in the browser move between conversations, not through every change of an address.

The address of a page names its conversation (CONVERSATION) and other state. Streamlit adds an entry to the
browser's history for every change: with a model, a temperature and a conversation one would press Back four times
to
leave. A few lines of JavaScript keep one entry per page and conversation. They also mark an address to which the
visitor has gone Back or Forward (WALKED): without the mark it could be an old one, sent with a late click.

They also keep the address of one page off the next. Streamlit tells the browser a change of the address without
the page it belongs to: one that arrives after the visitor went Back would give that page the parameters of the
other,
and an entry of its own in the history. A new page does not begin with the parameters of the previous one.

And they let typed text be sent before the page is left. A tap leaves a field and requests another page at once;
Streamlit sends the field's text about 12 ms after that, for the page that is left, and stays there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import streamlit as st

CONVERSATION = "c"  # the query parameter with the conversation
WALKED = "walked"  # the mark
_HEARD = 50  # milliseconds after the next frame, in which a field's text is being sent
_JS = f"""
const conversation = (url) => new URL(url, location.href).searchParams.get("{CONVERSATION}") ?? "";
export default function ({{ data: json }}) {{
  if (window.playgroundWalks) return;
  window.playgroundWalks = true;
  const data = JSON.parse(json);
  const page = (url) => data.pages.find((path) => url.pathname.endsWith(`/${{path}}`)) ?? "";
  const foreign = (url) => data.owners.some(([name, of]) => url.searchParams.has(name) && !of.includes(page(url)));
  const [push, put] = [history.pushState.bind(history), history.replaceState.bind(history)];
  const checked = (change) => (state, title, to) => {{
    const url = new URL(to ?? location.href, location.href);
    const same = url.pathname === location.pathname;
    if (foreign(url)) {{
      if (same) return;
      for (const name of [...url.searchParams.keys()]) if (!name.startsWith("embed")) url.searchParams.delete(name);
    }}
    const before = conversation(location.href), after = conversation(url);
    (same && (!before || before === after) ? put : change)(state, title, url.href);
  }};
  history.pushState = checked(push);
  history.replaceState = checked(put);
  window.addEventListener("popstate", () => {{
    const url = new URL(location.href);
    if (url.searchParams.has("{WALKED}")) return;
    url.searchParams.set("{WALKED}", "1");
    history.replaceState(history.state, "", url);
    // Streamlit has read it already: it listened first.
    window.dispatchEvent(new PopStateEvent("popstate", {{ state: history.state }}));
  }});
  let field;  // the one that a press takes the focus from; the message box sends nothing when it is left
  document.addEventListener("pointerdown", () => {{
    field = document.activeElement?.closest("input, textarea:not(.st-key-composer *)");
  }}, {{ capture: true }});
  document.addEventListener("click", (event) => {{
    const link = event.target.closest?.('a[href]:not([href^="#"], [download])');
    if (link?.origin !== location.origin || link.target || !field) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    field = undefined;
    event.preventDefault();
    event.stopImmediatePropagation();
    requestAnimationFrame(() => setTimeout(() => link.click(), {_HEARD}));
  }}, {{ capture: true }});
}}
"""

_walks = st.components.v2.component("walks", js=_JS)


def browser_history(pages: Sequence[str], owners: Mapping[str, Sequence[str]]) -> None:
    """Install it. Use a hidden container: it would take space.

    `pages`: the paths of all pages except the front page. `owners`: parameters that only some pages have, each
    with the paths of those pages, "" for the front page.
    """
    # As text: for a list Streamlit would import pandas.
    known = json.dumps({"pages": pages, "owners": [*owners.items()]})
    _walks(key="walks_script", data=known)
