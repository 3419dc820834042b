"""The content security policy: pictures, media and frames are loaded from this app only.

components/view keeps pictures in model output from loading. Should one get past it, this policy
blocks the request itself. Streamlit sends no Content-Security-Policy of its own, and a page cannot set a header, so
a few trusted lines of JavaScript add the policy to the document before the first answer is drawn.
"""

from __future__ import annotations

import streamlit as st

_POLICY = (
    "img-src 'self' data: blob:; media-src 'self' data: blob:; frame-src 'self' data: blob:; object-src 'none'"
)
_JS = f"""
export default function () {{
  if (document.head.querySelector("meta[data-guard]")) return;
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "{_POLICY}";
  policy.dataset.guard = "";
  document.head.append(policy);
}}
"""

_policy = st.components.v2.component("guard", js=_JS)


def content_policy() -> None:
    """Install the policy. Use a hidden container: it would take space."""
    _policy(key="guard_policy")
