"""Lists of models that a page is drawn with, for the tests."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

MODELS = "pages/3_Models.py"


def page_text(at: AppTest) -> str:
    texts = (*at.main.markdown, *at.main.caption, *at.main.info, *at.main.warning, *at.main.header)
    return "\n".join(found.value for found in texts).replace("\\", "")
