"""Runs axe-core (https://github.com/dequelabs/axe-core) on a page. Its file is in axe-playwright-python."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

# By rule: the elements that may break it, and why. They are Streamlit's own HTML, which no style sheet or attribute
# of ours reaches, or meant to be so.
KNOWN = {
    "region": {
        ".pg-skip, [data-testid=stSkipToContent]": "a way past the landmarks lies before them",
        "[role=menu], #stFloatingOverlayPortal": "Streamlit hangs menus and tooltips below the body",
    },
    "presentation-role-conflict": {
        "[data-testid=stFileUploaderDropzone]": "Streamlit gives its place for files a name and no role (minor)",
    },
    "aria-dialog-name": {"[data-testid=stToast]": "Streamlit names its notes by a title that they have not"},
    "scrollable-region-focusable": {"[data-testid=stCode] > pre": "what is around it has the focus and scrolls it"},
    "heading-order": {".pg-body *": "the headings of an answer begin where its model begins"},
    "color-contrast": {
        "[data-testid=stSlider]:has(:disabled) *": "what cannot be used may be faint, also the label beside it",
    },
}
_FOUND = """async ({ rules, known }) => {
  const options = { resultTypes: ["violations"], elementRef: true };
  if (rules) options.runOnly = { type: "rule", values: rules };
  const { violations } = await axe.run(document.querySelector("[role=dialog]") ?? document, options);
  const meant = (rule, { element }) => (known[rule] || []).some((selector) => element.matches(selector));
  return violations.flatMap(({ id, impact, nodes }) => nodes
    .filter((node) => !meant(id, node))
    .map((node) => `${id} (${impact}): ${node.html.slice(0, 200)} ${node.any[0]?.message ?? ""}`));
}"""


@cache
def _script() -> str:
    return Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")


def violations(page: Page, *rules: str) -> list[str]:
    """What breaks a rule of axe-core, or one of these, and is not known. Of a page with a dialog, the dialog."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_script())
    known = {rule: list(elements) for rule, elements in KNOWN.items()}
    broken: list[str] = page.evaluate(_FOUND, {"rules": rules or None, "known": known})
    return broken
