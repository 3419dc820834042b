"""What can go wrong, one class per thing the reader can do about it.

An `APIError` is words first: `title` says what happened, for a reader who has never written code; `hint` what to
do next; `detail` holds the provider's own words (hostile text: show it as plain text); `request_id` is what support
asks for. No text in here ever holds a key: what comes from outside passes the client's Redactor.
"""

from backend.errors.body import error_in, message_in, request_id_in
from backend.errors.classification import from_response, from_stream, retry_after
from backend.errors.kinds import (
    DETAIL_LIMIT,
    AddressNotFound,
    AnswerTooLarge,
    APIError,
    BadInput,
    BadRequest,
    CertificateRefused,
    ConnectionFailed,
    ContextTooLong,
    CutOff,
    Forbidden,
    KeyMissing,
    KeyRefused,
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
    side,
)

__all__ = [
    "DETAIL_LIMIT",
    "APIError",
    "AddressNotFound",
    "AnswerTooLarge",
    "BadInput",
    "BadRequest",
    "CertificateRefused",
    "ConnectionFailed",
    "ContextTooLong",
    "CutOff",
    "Forbidden",
    "KeyMissing",
    "KeyRefused",
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
    "error_in",
    "from_response",
    "from_stream",
    "message_in",
    "request_id_in",
    "retry_after",
    "side",
]
