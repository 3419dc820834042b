"""Suggests the intended base URL for an address without a chat API: for well-known providers by their host,
including
their pages for keys; for all others by convention.

    instead_of("https://api.groq.com")           -> https://api.groq.com/openai/v1
    instead_of("http://localhost:11434/api")     -> http://localhost:11434/v1

It is only offered: no key is sent to an address that its owner did not choose.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

from backend.keys.endpoint import AZURE, Endpoint, host, is_near, path_in

# Globs of hosts -> host and path of the API, "*" for the same host. Each as the provider documents it.
_KNOWN: Mapping[tuple[str, ...], str] = {
    ("api.openai.com", "platform.openai.com", "openai.com", "chatgpt.com"): "api.openai.com/v1",
    ("api.aimlapi.com", "aimlapi.com"): "api.aimlapi.com/v1",
    ("openrouter.ai", "api.openrouter.ai"): "openrouter.ai/api/v1",
    ("api.groq.com", "console.groq.com", "groq.com"): "api.groq.com/openai/v1",
    ("api.anthropic.com", "console.anthropic.com", "platform.claude.com", "claude.ai"): "api.anthropic.com/v1",
    ("generativelanguage.googleapis.com", "aistudio.google.com", "ai.google.dev", "gemini.google.com"): (
        "generativelanguage.googleapis.com/v1beta/openai"
    ),
    ("api.mistral.ai", "console.mistral.ai", "mistral.ai"): "api.mistral.ai/v1",
    ("api.deepseek.com", "platform.deepseek.com", "chat.deepseek.com", "deepseek.com"): "api.deepseek.com/v1",
    ("api.x.ai", "console.x.ai", "x.ai", "grok.com"): "api.x.ai/v1",
    ("api.together.xyz", "api.together.ai", "together.ai"): "api.together.xyz/v1",
    ("api.fireworks.ai", "app.fireworks.ai", "fireworks.ai"): "api.fireworks.ai/inference/v1",
    ("api.deepinfra.com", "deepinfra.com"): "api.deepinfra.com/v1/openai",
    ("api.cohere.ai", "api.cohere.com", "dashboard.cohere.com"): "api.cohere.ai/compatibility/v1",
    ("api.perplexity.ai", "perplexity.ai"): "api.perplexity.ai",
    ("router.huggingface.co", "api-inference.huggingface.co", "huggingface.co"): "router.huggingface.co/v1",
    ("integrate.api.nvidia.com", "build.nvidia.com"): "integrate.api.nvidia.com/v1",
    ("api.cerebras.ai", "cloud.cerebras.ai"): "api.cerebras.ai/v1",
    ("api.sambanova.ai", "cloud.sambanova.ai"): "api.sambanova.ai/v1",
    ("api.moonshot.ai", "platform.moonshot.ai"): "api.moonshot.ai/v1",
    ("api.moonshot.cn", "platform.moonshot.cn"): "api.moonshot.cn/v1",
    ("open.bigmodel.cn",): "*/api/paas/v4",
    ("api.z.ai", "z.ai"): "api.z.ai/api/paas/v4",
    ("dashscope*.aliyuncs.com",): "*/compatible-mode/v1",
    ("models.github.ai",): "*/inference",
    ("ollama.com",): "*/v1",
    tuple(f"*{name}" for name in AZURE): "*/openai/v1",
}
_ALSO_RIGHT = ("/deployments/", "/coding/")  # Azure's older form, Z.ai's plans
# Ollama's and LM Studio's native APIs, which are different ones.
_OWN_API = re.compile(r"/api(?:/v0)?(?:/(?:chat|generate|tags))?$")
_ENDPOINT = re.compile(r"/(?:chat|embeddings|rerank|engines|images/\w+|audio/\w+)$")  # endpoints without a chat API


def instead_of(base_url: str) -> str:
    """The base URL to try instead of one at which nothing was found, "" if none can be suggested. The query is
    kept on the same server.
    """
    address, _, query = base_url.partition("?")
    address = address.rstrip("/")
    other = _known_base(address) or _usual(address)
    same_server = query and Endpoint(other).origin == Endpoint(address).origin
    return "" if other == address else f"{other}?{query}" if same_server else other


def _known_base(address: str) -> str:
    name = host(address).removeprefix("www.")
    rows = (base for globs, base in _KNOWN.items() if any(fnmatchcase(name, glob) for glob in globs))
    base = next(rows, "")
    _, slash, path = base.partition("/")
    same_path = name.startswith("api.") and slash and address.endswith(f"{name}/{path}")
    if same_path or any(part in address for part in _ALSO_RIGHT):
        return address
    return f"https://{base.replace('*', name)}" if base else ""


def _usual(address: str) -> str:
    if path_in(address):  # an endpoint that this server lacks
        return Endpoint(address).root
    if is_near(address) and (own := _OWN_API.search(address)):
        return f"{address[: own.start()]}/v1"
    address = _ENDPOINT.sub("", address)
    return address if "/v1" in address else f"{address}/v1"
