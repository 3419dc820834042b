"""What visitors read on the stage and of its scripts: words only, in the order in which they meet them."""

from __future__ import annotations

STAGE = "Stage"
TAB_TITLE = "Stage · Playground"

# Before there is a script.
TITLE = "What will the room see?"
TOUR = "**{title}**: {count} steps. {about}"
OWN = "**The conversation you came from**: {count} of its questions, asked again step by step"
OPEN_FILE = "Open a script"
OPEN_FILE_EXPLAINED = (
    "A file that Export has made: JSON, up to {limit} MB. It is read here and goes nowhere; nothing in it is sent "
    "before you press Next."
)
NOT_OPENED = "This script cannot be used. {reason}"
UNKNOWN_STEPS = "{count} of the steps are of a kind that this playground does not know: they are skipped."

# Before its first step.
BEGIN = "**→** or **Page Down** begins."
# The bar.
BACK = "Back"
NEXT = "Next"
PLACE = "{place} / {count}"
PANIC = "Play the recording in place of this answer (P)"
AGAIN = "This step again"
HOME = "Take this chat home"
START_OVER = "Start over, for the next group"
SCRIPT = "Script"
LEAVE = "Leave the stage"

# A step.
NOBODY_ANSWERS = "No model is connected, and this step has no recording. Leave the stage to connect one."
HELD = "Nobody can answer yet: no model is connected. Leave the stage to connect one."
FROM_THE_ROOM = "A question from the room"
PARAMETER = "{name} {value}"
WITH_PROMPT = "told: {prompt}"

# Taking a chat home.
HOME_TITLE = "Take this chat home"
HOME_EXPLAINED = "Point a camera at it: the link opens this chat, its model and its settings. No server keeps it."
HOME_EMPTY = "Nothing was said yet."
HOME_LOCAL = (
    "There is no code to take home: **{host}** is an address that only this computer or its own network knows. A "
    "phone that opened it would find nothing there. It works where the app has an address on the internet."
)
HOME_KEY = "There is no code to take home: something in this chat looks like a key."
HOME_TOO_LONG = "The whole chat is too long for a code. This one has its settings and first question."
HOME_MUCH_TOO_LONG = "This chat is too long for a code."

# The list of steps.
SCRIPT_TITLE = "Script"
SHOW_COSTS = "Show what answers cost"
NAME = "Title"
STEP = "{place}. {text}"
UNKNOWN_STEP = "a step of a kind that is not known here ({kind}): it is skipped"
DO = "What to do with this step"
WAYS = {"show": "Show it", "edit": "Edit", "up": "Move up", "down": "Move down", "remove": "Remove"}
DONE = "Done"
ADD = {"words": "Add words", "ask": "Add a question"}
NEW_WORDS = "What do you think?"
NEW_PROMPT = "Say hello."
CAPTION = "For the room, in plain words"
REVEAL = "Shown with the next press"
PROMPT = "Question"
CONTINUES = "In the chat of the step before"
MODEL = "Model"
MODEL_PLACEHOLDER = "The one in use"
SYSTEM_PROMPT = "System prompt"
TEMPERATURE = "Temperature"
NOT_SET = "Not set"
UNNAMED = "without a title"
HAS_RECORDING = "It has a recording: {title}"
KEEP_AS_RECORDING = "Keep this answer as its recording"
EXPORT = "Export"
OTHER = "Another script"
