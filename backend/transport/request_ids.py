"""The request id that a provider's support asks for, from the response headers; the most specific header first."""

from __future__ import annotations

from collections.abc import Mapping

_HEADERS = (
    "x-inference-id",  # AI/ML API
    *("x-request-id", "request-id"),  # OpenAI, Groq, xAI and most others; Anthropic
    *("apim-request-id", "x-ms-request-id", "x-amzn-requestid", "x-goog-request-id"),  # Azure, AWS, Google
    *("x-github-request-id", "mistral-correlation-id", "x-debug-trace-id"),  # GitHub models, Mistral, Cohere
    *("nvcf-reqid", "msh-request-id", "x-ds-trace-id", "x-log-id"),  # NVIDIA, Moonshot, DeepSeek, Zhipu
    *(
        "x-tt-logid",
        "minimax-request-id",
        "trace-id",
        "x-siliconcloud-trace-id",
    ),  # Volcengine, MiniMax, SiliconFlow
    *("x-generation-id", "x-litellm-call-id", "x-portkey-trace-id", "x-vercel-id"),  # OpenRouter and other gateways
    *("x-trace-id", "x-correlation-id", "x-kong-request-id", "x-client-request-id"),  # proxies
)


def request_id(headers: Mapping[str, str], ours: str) -> str:
    """The server's request id; if it sent none, `ours`, the one in the request."""
    return next((headers[name][:128] for name in _HEADERS if headers.get(name)), ours)
