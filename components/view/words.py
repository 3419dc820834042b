"""The texts in the view of a conversation."""

# Under a message.
ACTIONS = {
    "copy": "Copy",
    "answer": "Get an answer",
    "regenerate": "Regenerate",
    "continue": "Continue",
    "speak": "Read aloud",
    "edit": "Edit",
    "inspect": "Inspect",
    "explain": "What just happened?",
    "colours": "Coloured words",
    "ask colours": "Ask again with coloured words",
    "picture": "Make a picture of this",
    "vectors": "Compare its sentences",
    "round": "As sent, run again",
    "add": "Add a message below",
    "delete": "Delete this message",
    "delete below": "Delete everything below",
}
COPIED = "Copied"
MORE_ACTIONS = "More"
SHOW_RAW = "Show raw text"
SHOW_RENDERED = "Show rendered"
PREVIOUS = "Previous"
NEXT = "Next"

# In a message.
REASONING = "Reasoning"
REASONING_ARRIVES = "Reasoning ..."
SOURCES = "Sources"
TOOL = "A tool"
ARRIVING = "streaming"
SHOW_ALL = "Show all"
SHOW_LESS = "Show less"

# Beside the conversation.
TO_THE_END = "To the end"

# Only for screen readers.
ANSWERING = "The answer is being written."
ANSWERED = "The answer is complete."
