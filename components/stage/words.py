"""The texts of the stage and of its scripts, in the order in which visitors meet them."""

from __future__ import annotations

STAGE = "Stage"
TAB_TITLE = "Stage · Playground"

# Before there is a script.
TITLE = "What will the room see?"
TOUR = "**{title}**: {count} steps. {about}"
OPENS = "**→**, **Page Down** or the space bar opens the first one."
OWN = "**The conversation you came from**: {count} of its questions, asked again step by step"
EMPTY = "**A script of your own**, from its first step"
EMPTY_TITLE = "My script"
KEPT = "Your scripts ({count})"
KEPT_EXPLAINED = "What was opened or edited here is kept, and nobody else sees it."
KEPT_HERE = "{name} (on the stage)"
DO_WITH_KEPT = "What to do with the script {name}"
KEPT_WAYS = {"rename": "Rename", "delete": "Delete"}
OPEN_FILE = "Open a script"
OPEN_FILE_EXPLAINED = (
    "A file that Export has made: JSON, up to {limit} MB. It is read here and goes nowhere; nothing in it is sent "
    "before you press Next."
)
NOT_OPENED = "This script cannot be used. {reason}"
UNKNOWN_STEPS = "{count} of the steps are of a kind that this playground does not know: they are skipped."

# Before its first step.
BEGIN = "**→**, **Page Down** or the space bar begins."

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
NOT_ASKED = {
    "nobody": "No model is connected, and this step has no recording. Leave the stage to connect one.",
    "tools": "This step cannot be asked here, and it has no recording: {names} cannot be used on the stage.",
    "no tools": "This step cannot be asked, and it has no recording: the model that is connected calls no tools.",
    "models": "This race cannot be run here, and it has no recording: {names} cannot be asked.",
}
HELD = "Nobody can answer yet: no model is connected. Leave the stage to connect one."
FROM_THE_ROOM = "A question from the room"
PARAMETER = "{name} {value}"
WITH_PROMPT = "told: {prompt}"
WITH_TOOL = "may use {name}"

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
ADD = {"words": "Add words", "ask": "Add a question", "race": "Add a race"}
NEW_WORDS = "What do you think?"
NEW_PROMPT = "Say hello."
NEW_RACE = "Invent a name for a café."
CAPTION = "For the room, in plain words"
REVEAL = "Shown with the next press"
PROMPT = "Question"
CONTINUES = "In the chat of the step before"
MODEL = "Model"
MODEL_PLACEHOLDER = "The one in use"
SYSTEM_PROMPT = "System prompt"
TEMPERATURE = "Temperature"
NOT_SET = "Not set"
TOOLS = "Tools that the model may use"
TOOLS_HELP = (
    "Functions of this app, which run at once. Tools of your own, of servers, and those that read the web cannot "
    "be used on the stage, where nobody is asked before a call: record such a run on the Tools page, and let it "
    "play here."
)
TOOLS_NOT_HERE = (
    "This step also names {names}. That cannot be used on the stage, so the step is not asked: its recording "
    "plays, where it has one. Leave the name out, and it is asked."
)
LEAVE_OUT = "Leave it out"
LANES = "Lanes"
LANE_TITLE = "**Lane {letter}**"
LANE_MODEL = "Model of lane {letter}"
LANE_TEMPERATURE = "Temperature of lane {letter}"
LANE_PROMPT = "System prompt of lane {letter}"
AS_ALL = "As all lanes"
UNNAMED = "without a title"
HAS_RECORDING = "It has a recording: {title}"
KEEP_AS_RECORDING = "Keep this answer as its recording"
EXPORT = "Export"
OTHER = "Another script"
