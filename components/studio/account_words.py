"""The texts about assistants and threads that a server stores for an account."""

from __future__ import annotations

ACCOUNT = "Assistants and threads"
ASSISTANT, THREAD = "Assistant", "Thread"
NO_ASSISTANTS = "No assistants. A run without one makes one."
NO_THREADS = "No threads yet. Each run that is given none begins one, and is found here; no server lists them."
NO_NAME, CHOOSE, LISTING = "without a name", "Choose one", "Asking the server ..."
NOT_LISTED = "The server does not list them. {problem}"
LIST_AGAIN, USE_ASSISTANT = "Ask again", "Use it"
IN_FORM_ASSISTANT = "The form has this assistant now, and begins a new thread."
IN_FORM_THREAD = "The form has this thread now: write the next message."
DELETE_THERE = {
    "assistants": "The assistant is deleted at the server for good. Its threads stay.",
    "threads": "The thread is deleted at the server for good, with its messages. Results here stay.",
}
DELETED_THERE = "Deleted at the server."
