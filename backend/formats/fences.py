"""Code blocks as models end them: with the sources of the code behind the closing fence.

To Markdown such a line ends nothing, and the rest of the answer would be code. The view in the browser has the same
rule (`components/view/src/fences.js`).
"""

from __future__ import annotations

import re

_SOURCED = re.compile(
    r"^([ \t>]*(?:`{3,}|~{3,}))[ \t]*"
    r"((?:\s?(?:\[\^?\w{1,20}\]|\(?\[[^\[\]\n]{1,200}\]\([^()\s]{1,500}\)\)?|【[^【】\n]{1,80}】)){1,20})[. \t]*$",
    re.MULTILINE,
)


def with_sources_apart(markdown: str) -> str:
    """The text with such sources in a paragraph of their own after the fence: "``` [1]" is no fence that opens."""
    return _SOURCED.sub(r"\1\n\n\2", markdown) if "``" in markdown or "~~" in markdown else markdown
