"""The input of a snippet: the body that is sent, the address, the name of the key's variable.

Addresses are typed by visitors and may come from a link: invisible characters are percent-encoded, and a password
in one is left out, as the app's own client does not use it either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from backend import errors
from backend.keys.endpoint import Endpoint
from backend.protocol import wire
from backend.protocol.body import encode
from backend.protocol.wire.anthropic_request import ANTHROPIC_VERSION
from backend.types import JSON, ChatRequest, WireFormat

DEEPEST = 60  # levels of a body; Python rejects source with 200 open brackets
_USERINFO = re.compile(r"^([\w+.-]+://)?[^/?#]*@")


@dataclass(frozen=True)
class SnippetRequest:
    """`key_needed` is False where servers without a key are common: the code then runs with the variable unset."""

    body: dict[str, JSON]
    base_url: str
    url: str
    variable: str
    key_needed: bool
    format: WireFormat = "chat"
    anthropic: bool = False  # the wire format, which may require a version header
    # the name of the header, and the prefix before the key
    key_header: tuple[str, str] = ("Authorization", "Bearer ")
    # the visitor's headers, with the variables of their values
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def format_headers(self) -> dict[str, str]:
        """The headers that the wire format requires."""
        return {"anthropic-version": ANTHROPIC_VERSION} if self.anthropic else {}

    @property
    def streaming(self) -> bool:
        return self.body.get("stream") is True

    @property
    def has_tools(self) -> bool:
        return bool(self.body.get("tools"))


def request_for_snippet(request: ChatRequest, base_url: str, own_headers: Iterable[str] = ()) -> SnippetRequest:
    """The input for a snippet. `own_headers`: names of further headers. Raises BadInput for a body that cannot
    be written as JSON or source code.
    """
    endpoint = Endpoint(_visible(base_url).rstrip("/"))
    variable = "AIMLAPI_API_KEY" if endpoint.is_aimlapi else "API_KEY"
    return SnippetRequest(
        _body(request),
        endpoint.root,
        endpoint.url(wire.path(request)),
        variable,
        endpoint.is_aimlapi or endpoint.is_anthropic,
        request.dialect.format,
        endpoint.is_anthropic or request.dialect.format == "messages",
        endpoint.key_header,
        {name: re.sub(r"\W", "_", f"HEADER_{name}".upper()) for name in own_headers},
    )


def _body(request: ChatRequest) -> dict[str, JSON]:
    """The body in JSON's own types. Lone surrogates are replaced: the openai SDK cannot send one."""
    try:
        text = json.dumps(json.loads(encode(wire.payload(request))), ensure_ascii=False)
        whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        body: dict[str, JSON] = json.loads(whole)
    except RecursionError:
        raise _too_deep() from None
    if _deeper_than(DEEPEST, body):
        raise _too_deep()
    return body


def _too_deep() -> errors.BadInput:
    return errors.BadInput(
        title="This request is nested too deeply to be written as code.",
        hint=f"Keep tools and extra fields to {DEEPEST} levels.",
    )


def _deeper_than(levels: int, value: JSON) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_deeper_than(levels - 1, item) for item in items)


def _visible(address: str) -> str:
    """An address that pastes as it looks: no control character, no space, nothing that reverses text."""
    shown = (
        part if part.isprintable() and part != " " else quote(part, errors="replace") for part in address.strip()
    )
    return _USERINFO.sub(lambda match: match[1] or "", "".join(shown))
