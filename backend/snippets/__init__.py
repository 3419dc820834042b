"""A request as code to paste: curl, Python with requests, Python with an SDK, JavaScript with fetch.

    code(LANGUAGES["requests"], request, "https://api.aimlapi.com/v1")

The code sends the same body that the app sends (tests/unit/snippets/test_snippets.py executes every kind) and
prints the answer: as it arrives if the request streams. It never contains a key: the code reads one from the
environment, and nothing here accepts one. It does NOT retry, count or store anything: that is the app's work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from backend.snippets import curl, javascript, openai_sdk, python_requests
from backend.snippets.snippet_request import SnippetRequest, request_for_snippet
from backend.types import ChatRequest, WireFormat

__all__ = ["LANGUAGES", "Language", "code"]


@dataclass(frozen=True)
class Language:
    """A language or library for a snippet. `highlighter` is its name for st.code, `extension` has no dot."""

    id: str
    label: str
    highlighter: str
    extension: str
    write: Callable[[SnippetRequest], str] = field(repr=False, compare=False)
    # the writer for a wire format that needs another one
    labels: Mapping[WireFormat, str] = field(default_factory=dict)

    def label_for(self, format_: WireFormat) -> str:
        return self.labels.get(format_, self.label)


LANGUAGES: Mapping[str, Language] = {
    language.id: language
    for language in (
        Language("curl", "curl", "bash", "sh", curl.write),
        Language("requests", "Python (requests)", "python", "py", python_requests.write),
        Language(
            "openai",
            "Python (openai SDK)",
            "python",
            "py",
            openai_sdk.write,
            {"messages": "Python (anthropic SDK)"},
        ),
        Language("fetch", "JavaScript (fetch)", "javascript", "mjs", javascript.write),
    )
}


def code(language: Language, request: ChatRequest, base_url: str, own_headers: Iterable[str] = ()) -> str:
    """The program that sends `request` to `base_url`, with further headers of these names: it reads their
    values, like the key, from the environment. Raises BadInput for what cannot be sent.
    """
    return language.write(request_for_snippet(request, base_url, own_headers))
