"""The error classes, one for each action that the reader can take, with their texts."""

from __future__ import annotations

from typing import Literal

from backend.keys.pasted import endpoint_base
from backend.types import Failure

Side = Literal["you", "provider", "network", "here"]
DETAIL_LIMIT = 2_000  # characters of the provider's own message that are kept


class APIError(Exception):
    """A request that did not become a whole answer. Subclasses set the texts and whether to retry."""

    title = "The answer could not be fetched."
    hint = "Try again."
    side: Side = "provider"
    retryable = False

    def __init__(
        self,
        detail: str = "",
        *,
        title: str = "",
        hint: str = "",
        status: int | None = None,
        request_id: str = "",
        retry_after: float | None = None,
        retryable: bool | None = None,
        body: str = "",
    ) -> None:
        super().__init__(title or self.title)
        self.title = title or self.title
        self.hint = hint or self.hint
        self.detail = detail[:DETAIL_LIMIT]
        self.body = body[:DETAIL_LIMIT]
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.retryable = self.retryable if retryable is None else retryable

    def failure(self) -> Failure:
        """The error as a value that is stored with a message."""
        kind = type(self).__name__
        return Failure(self.title, self.hint, self.detail, self.request_id, kind, self.body, self.retry_after)


class KeyMissing(APIError):
    title = "This connection needs an API key."
    hint = "Paste your key under Connection, or choose the model that runs here: it needs none."
    side = "you"


class KeyRefused(APIError):
    title = "The server did not accept the API key."
    hint = "Check that the key is complete and belongs to this server, then paste it again under Connection."
    side = "you"


class OutOfCredit(APIError):
    title = "The account behind this key has no credit left."
    hint = "Top up at the provider, use another key, or choose the model that runs here."
    side = "you"


class Forbidden(APIError):
    title = "This key is not allowed to do that."
    hint = "The key may be limited to some models. Try another model or another key."
    side = "you"


class ModelNotFound(APIError):
    title = "The server does not know this model."
    hint = "It may be retired or misspelt. Choose another model in the sidebar."
    side = "you"


class AddressNotFound(APIError):
    title = "There is no chat service at this address."
    hint = "Check the base URL under Connection: it usually ends in /v1."
    side = "you"
    # For a reply in JSON that does not say what is missing: title and hint.
    OR_MODEL = (
        "The server found no such model, or no chat service at this address.",
        "The model may be retired: choose another one. Else check the base URL under Connection.",
    )


class ResponsesOnly(AddressNotFound):
    """A model or tool that OpenAI offers only at its /responses endpoint."""

    title = "This model is not answered on /chat/completions."
    hint = "It is asked on /responses: write the base URL with /responses at its end, or choose another model."


class BadRequest(APIError):
    title = "The server refused the request as it was."
    hint = "A setting or a message does not suit this model. Reset the settings, or try another model."
    side = "you"


class ContentFiltered(APIError):
    """The provider's filter stopped a request, or its answer."""

    title = "The provider's content filter stopped this."
    hint = "Say it in other words, or choose another model."
    side = "you"


class ToolCallFailed(APIError):
    """The model wrote a call that its own server could not parse. Another try may succeed."""

    title = "The model tried to call a tool and wrote something that is no call."
    hint = "Call again; a lower temperature or another model may help."


class AnswerNotJSON(APIError):
    """The server enforces JSON and the model did not produce it. A retry may succeed."""

    title = "The model was to answer in JSON and wrote something that is none."
    hint = "Another try may turn out well, or another model; or ask without a response format."


class ContextTooLong(APIError):
    title = "The conversation is too long for this model."
    hint = "Start a new chat, shorten the prompt, or choose a model with a larger context."
    side = "you"


class TooLarge(APIError):
    title = "The request is too large for the server."
    hint = "Shorten the conversation or the prompt, or remove attachments."
    side = "you"


class RateLimited(APIError):
    title = "Too many requests: the provider asks to slow down."
    hint = "Wait a moment, then try again."
    retryable = True


class LimitUsedUp(APIError):
    """An hourly, daily or monthly limit: a short wait does not help."""

    title = "The provider's limit for this hour, day or month is used up."
    hint = "It begins anew later. Until then use another key or model, or the model that runs here."
    side = "you"


class ServerTrouble(APIError):
    title = "The provider has trouble answering."
    hint = "This is on the provider's side. Try again, or try another model."
    retryable = True


class ConnectionFailed(APIError):
    title = "The server could not be reached."
    hint = "Check the internet connection and the address under Connection, then try again."
    side = "network"
    retryable = True


class CertificateRefused(APIError):
    title = "The server's certificate could not be trusted."
    hint = (
        "Nothing was sent. Check the address; a proxy may be in the way. To trust a company's own certificate "
        "authority, give SSL_CERT_FILE, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE the path of its PEM file and start "
        "this app again."
    )
    side = "network"


class WrongScheme(APIError):
    """http:// for an https server, or the reverse."""

    title = "The server speaks https, and its address begins with http://."
    hint = "Write https:// in place of http:// under Connection."
    side = "you"
    # For an http server at an https address: title and hint.
    PLAIN = (
        "The server speaks no https, and its address begins with https://.",
        "Nothing was sent. Check the address under Connection. For a server of your own network write http:// "
        "there; elsewhere everybody on the way could read the key.",
    )


class TimedOut(APIError):
    title = "The server took too long."
    hint = "Try again; a smaller prompt or another model may answer sooner."
    side = "provider"


class CutOff(APIError):
    title = "The answer was cut off before it was complete."
    hint = "Try again, or go on from here."
    side = "network"


class NotAnAnswer(APIError):
    """A 200 reply with HTML, without content, or with something other than a chat completion."""

    title = "The server sent something that is not an answer."
    hint = (
        "Check the base URL under Connection: it may point to a web page instead of an API. If it is right, this "
        "is on the provider's side."
    )

    @classmethod
    def page(cls, detail: str) -> NotAnAnswer:
        """The error for a web page: a site at the address, or a captive portal on the way."""
        return cls(
            detail,
            title="The server sent a web page instead of an answer.",
            hint="Check the base URL under Connection: it may point to a web page instead of an API. In a hotspot "
            "that wants a sign-in, sign in there first. Otherwise this is on the provider's side.",
        )


class AnswerTooLarge(APIError):
    title = "The answer grew past the limit and was stopped."
    hint = "Set max tokens to ask for less."


class Redirected(APIError):
    title = "The server tried to send the request somewhere else."
    hint = "Redirects are not followed, because the key would go along. Use the final address as base URL."
    side = "you"
    POINTS_TO = "It points to "

    def points_to(self, address: str) -> None:
        """Name the target: an API endpoint, or a page such as a sign-in."""
        self.detail = "\n".join(filter(None, (f"{self.POINTS_TO}{address}", self.detail)))[:DETAIL_LIMIT]
        if not endpoint_base(address):
            self.hint = (
                "Redirects are not followed, because the key would go along. Check the base URL under Connection; "
                "in a hotspot that wants a sign-in, sign in there first."
            )


class BadInput(APIError):
    title = "The request cannot be sent like this."
    side = "you"


class InternalFault(APIError):
    """A defect of this program."""

    title = "The playground itself failed on this answer."
    hint = "This is a fault of this app, not of your provider. Try again; its log says where it happened."
    side = "here"


class LocalModelFailed(APIError):
    title = "The model on this machine could not start."
    hint = "Try again, or connect AI/ML API with a key."
    side = "here"


def title(name: str) -> str:
    """The title of the error class with this name; "" for an unknown name."""
    return next((cls.title for cls in _classes(APIError) if cls.__name__ == name), "")


def side(name: str) -> Side | None:
    """The side at fault for the error class with this name; None for an unknown name."""
    return next((cls.side for cls in _classes(APIError) if cls.__name__ == name), None)


def by_name(name: str) -> type[APIError]:
    """The error class with this name. Raises KeyError."""
    return {cls.__name__: cls for cls in _classes(APIError)}[name]


def _classes(cls: type[APIError]) -> list[type[APIError]]:
    return [cls, *(below for subclass in cls.__subclasses__() for below in _classes(subclass))]
