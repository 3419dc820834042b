"""The texts about recorded runs, in the order in which visitors meet them."""

from __future__ import annotations

# The ways in.
WATCH = "Watch a recorded run"
WATCH_CARD = "Watch a recorded run: see what models do with tools, without a key"
STAGE = "Stage"
STAGE_HELP = "Show it to a room: large, step by step, and nothing private"
RECORD = "Record"
RECORD_HELP = "Keep this conversation as a run that plays again, without a network and without a key"

# The shelf.
SHELF_TITLE = "Recorded runs"
SHELF_EXPLAINED = (
    "They play in the real page, as they arrived. Nothing is sent, no key is needed, nothing is counted."
)
LINE = "**{title}** ({seconds} s). {about}"
OPEN_FILE = "Open a recording"
OPEN_FILE_EXPLAINED = (
    "A file that Record has made: JSON, up to {limit} MB. It is read and played here; it goes nowhere."
)
NOT_PLAYED = "This cannot be played. {reason}"
KEY_INSIDE = "Something in it looks like a key ({place}). A recording with a key in it is not played."

# The playback bar.
RECORDED = "Recorded on {day} with {model}"
RECORDED_THEN = "Recorded with {model}"
COMPOSED = "Composed for this demo"
COMPOSED_HELP = "Written by hand in the shape of a provider's answer: no model said this."
RECORDED_HELP = "What you see arrived then, and arrives now as it did. Nothing is sent, and nothing is counted."
SPEED = "Speed"
SPEEDS = {"1": "1×", "2": "2×", "4": "4×", "steps": "Steps"}
PAUSE = "Pause"
CONTINUE = "Continue"
NEXT = "Next"
AGAIN = "Play again"
OTHERS = "Other runs"
CLOSE = "Close"
SHARE = "Share"
ASK_ON = "Ask on in a new chat"

# The dialog that records and shares a recording.
RECORD_TITLE = "Record"
SHARE_TITLE = "This recording"
NAME = "Title"
NO_RECORDING = "This cannot be recorded. {reason}"
KEY_FOUND = (
    "No recording is made: something in it looks like a key.\n\n{places}\n\nDelete the message, and try again."
)
MORE_PLACES = "and {count} more"
EXPLAINED = (
    "Kept: the questions, the bytes of each answer with their times, the results of tools. Not kept: keys, "
    "headers, addresses of servers, ids of requests and accounts."
)
EARLIER = "The first {count} messages are kept as words only: how their answers came is not known any more."
SAVE = "Save as a file"
LINK_FITS = "Or give it away as a link: {length:,} characters. All of it is in the link, no server keeps it."
LINK_TOO_LONG = "Too long for a link ({length:,} characters, a link has {limit:,} at most): give the file away."
PREVIEW = "Exactly what is kept"
TRY = "Play it now"
