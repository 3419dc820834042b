"""Errors: one class for each action that the reader can take.

An `APIError` explains itself: `title` says what happened, for a reader who has never written code; `hint` what to
do next; `detail` is the provider's own message (hostile text: show it as plain text); `request_id` is what support
asks for. No text in here ever contains a key: what comes from outside passes the client's Redactor.
"""

from backend.errors.body import error_in, message_in, request_id_in
from backend.errors.classification import from_response, from_stream
from backend.errors.kinds import (
    DETAIL_LIMIT,
    AddressNotFound,
    AnswerTooLarge,
    APIError,
    BadInput,
    BadRequest,
    CertificateRefused,
    ConnectionFailed,
    ContentFiltered,
    ContextTooLong,
    CutOff,
    Forbidden,
    InternalFault,
    KeyMissing,
    KeyRefused,
    LimitUsedUp,
    LocalModelFailed,
    ModelNotFound,
    NotAnAnswer,
    OutOfCredit,
    RateLimited,
    Redirected,
    ServerTrouble,
    Side,
    TimedOut,
    TooLarge,
    ToolCallFailed,
    WrongScheme,
    side,
    title,
)
from backend.errors.signs import is_filter
from backend.errors.waits import retry_after

__all__ = [
    "DETAIL_LIMIT",
    "APIError",
    "AddressNotFound",
    "AnswerTooLarge",
    "BadInput",
    "BadRequest",
    "CertificateRefused",
    "ConnectionFailed",
    "ContentFiltered",
    "ContextTooLong",
    "CutOff",
    "Forbidden",
    "InternalFault",
    "KeyMissing",
    "KeyRefused",
    "LimitUsedUp",
    "LocalModelFailed",
    "ModelNotFound",
    "NotAnAnswer",
    "OutOfCredit",
    "RateLimited",
    "Redirected",
    "ServerTrouble",
    "Side",
    "TimedOut",
    "TooLarge",
    "ToolCallFailed",
    "WrongScheme",
    "error_in",
    "from_response",
    "from_stream",
    "is_filter",
    "message_in",
    "request_id_in",
    "retry_after",
    "side",
    "title",
]
