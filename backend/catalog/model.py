"""Facts about one model. None means "not known", which is never the same as "no".

They come from two sources: the provider's documentation (bundled) and the server's own list (live). Many of
the documented schemas are one generic superset: a field listed there is a hint and no promise (`generic`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from backend.types import MediaKind, PriceKind, WireFormat

Range = tuple[float, float]

# Per kind of attachment: the content parts of a schema, the capability, and the words of a list of modalities.
_PARTS: Mapping[MediaKind, frozenset[str]] = {
    "image": frozenset({"image_url", "image"}),
    "audio": frozenset({"input_audio"}),
    "file": frozenset({"file", "document"}),
}
_CAPABILITY: Mapping[MediaKind, str] = {"image": "vision", "audio": "audio_input", "file": "file"}
_MODALITIES: Mapping[MediaKind, frozenset[str]] = {
    "image": frozenset({"image"}),
    "audio": frozenset({"audio"}),
    "file": frozenset({"file", "pdf", "document"}),
}
# Capabilities that AI/ML API's own list covers: if it omits one of these, the model lacks it.
_SERVER_SAYS = frozenset({"streaming", "structured_output", "tools", "parallel_tool_calls", "vision", "file"})


@dataclass(frozen=True)
class ModelInfo:
    """One model. Sizes are in tokens, prices in US dollars per million tokens; None means unknown."""

    id: str
    aliases: tuple[str, ...] = ()
    name: str = ""
    developer: str = ""
    context_length: int | None = None
    retired: bool = False
    capabilities: frozenset[str] | None = None
    parameters: frozenset[str] | None = None  # wire names that the model's own schema lists
    parts: frozenset[str] | None = None  # content parts it lists for user messages
    roles: frozenset[str] | None = None
    limits: Mapping[str, Range] = field(default_factory=dict, hash=False)  # wire name -> lowest, highest
    default_max_tokens: int | None = None  # the server's default for max_tokens
    generic: bool = False  # its schema is a superset for many models: what it lists is a hint
    chat: bool = True  # it can chat
    answers_on: WireFormat = "chat"  # its only endpoint, if that is not /chat/completions
    unlisted: bool = False  # documented but in no list of models: offered only if the server lists it
    documented_as: tuple[str, ...] = ()  # names in old documentation: they find it, but are not sent
    listed_as: tuple[str, ...] = ()  # its id and aliases in the server's own list; (): known from the documentation
    former_id: str = ""  # its id in the documentation, if the server's list has only other names
    inputs: frozenset[str] | None = None  # modalities the server's own list names
    confirmed: bool = False  # the capabilities were completed from the server's own list
    price_in: float | None = None
    price_out: float | None = None
    # prices of tokens other than ordinary text
    other_prices: Mapping[PriceKind, float] = field(default_factory=dict, hash=False)
    price_varies: bool = False  # the prices are the lowest of several bands
    max_output: int | None = None

    @property
    def short_name(self) -> str:
        """The id without its developer."""
        return self.id.rpartition("/")[2]

    @property
    def names(self) -> tuple[str, ...]:
        """The id and all other names that can be requested."""
        return (self.id, *self.aliases)

    @cached_property
    def haystack(self) -> str:
        """The text that a search matches, in lower case."""
        return "\n".join((*self.names, *self.documented_as, self.name, self.developer)).lower()

    # ---- what it can do -------------------------------------------------------------------------------

    def takes(self, kind: MediaKind) -> bool | None:
        """Whether a user message may contain a picture, a sound or a document. None: not known."""
        if self.inputs and self.inputs & _MODALITIES[kind]:
            return True
        if self.parts is not None and not self.generic:
            return bool(self.parts & _PARTS[kind])
        if kind != "file" and self.inputs:  # most lists have no modality for documents
            return False
        return self._can(_CAPABILITY[kind])

    def can(self, capability: str) -> bool | None:
        """Whether it has a capability: tools, reasoning, web_search, structured_output, vision, audio_input,
        file ... None: not known.
        """
        for kind, name in _CAPABILITY.items():
            if name == capability:
                return self.takes(kind)
        if capability == "tools" and not self.generic and self.lists("tools"):
            return True
        return self._can(capability)

    def _can(self, capability: str) -> bool | None:
        if self.capabilities is None:
            return None
        if capability in self.capabilities:
            return True
        documented = self.parameters is not None and not self.generic
        return False if documented or (self.confirmed and capability in _SERVER_SAYS) else None

    # ---- what may be sent to it -----------------------------------------------------------------------

    def lists(self, parameter: str) -> bool | None:
        """Whether its schema lists this wire name. If `generic`, yes is only a hint. None: no schema known."""
        return None if self.parameters is None else parameter in self.parameters

    def limit(self, parameter: str) -> Range | None:
        """The lowest and highest value its schema allows; None: not known."""
        return self.limits.get(parameter)
