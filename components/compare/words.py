"""What visitors read on the Compare page: words only, in the order of the page."""

from __future__ import annotations

UNTITLED = "Compare"
NEW_RACE = "New comparison"

# The switch of modes, by their ids.
MODE = "What to compare"
MODES = {"race": "Race"}

# The empty page.
TITLE = "One question, several answers"
EXPLAINED = (
    "Every lane answers the same question at the same time, each in a conversation of its own. "
    "What a lane does not set for itself, it takes from the sidebar."
)
TEMPERATURES = "One question, three temperatures: see what temperature does"
PROMPTS = "One question, two system prompts: see what an instruction does"

# What the starters ask.
TEMPERATURES_QUESTION = "Begin a story about a lighthouse, in one or two sentences."
TEMPERATURES_SHOW = {
    0.0: "Always the most likely word: ask again, and it says the same.",
    0.7: "Mostly likely words: another answer each time, and still a sensible one.",
    1.5: "Unlikely words too: surprising, and sooner or later nonsense.",
}
PROMPTS_QUESTION = "Why is the sky blue?"
PROMPTS_COMPARED = ("Answer in one short sentence.", "Answer as a pirate would, in two sentences.")

# Over the lanes.
ADD_LANE = "Add a lane"
REFUSED = "**{title}** No lane was asked.\n\n{hint}"
LANES_OF = "{count} lanes"
LANES = "Lanes"  # the row of tabs, for screen readers

# The head of a lane.
LANE = "{letter} · {name}"
NO_MODEL = "no model"
MORE = "More"
STOP_LANE = "Stop"
ACTIONS = {
    "chat": "Go on with this one in Chat",
    "regenerate": "Answer again",
    "remove": "Remove this lane",
}
CHIP = "{name} {value}"
CHIP_UNSET = "no {name}"
CHIP_PROMPT = "prompt: {text}"
CHIP_NO_PROMPT = "no system prompt"
FIRST_WORD = "first word {seconds} s"
SPEED = "{speed} words/s"
WAITS = "{seconds} s"
NOT_ASKED = "not asked yet"
STATES = {
    "running": "answering",
    "done": "complete",
    "stopped": "stopped",
    "failed": "failed",
    "interrupted": "interrupted",
}
FASTEST = "fastest start"
MOST_WORDS = "fastest writing"
CHEAPEST = "cheapest"
TIED = "{what} (tied)"
ALL_WITH = "all with {chips}"
COST_UNKNOWN = "which one was cheapest is not known: not every server says what an answer cost"
SHARED_COMPUTER = "they share this computer and wait for one another, so none is called the fastest"

# The settings of a lane.
WHERE = "Where it runs"
MODEL = "Model"
MODEL_PLACEHOLDER = "The id of a model"
AS_SIDEBAR = "As in the sidebar: {value}"
NOT_SENT = "not set"
TEMPERATURE = "Temperature"
MAX_TOKENS = "Longest answer, in tokens"
OWN_PROMPT = "A system prompt of its own"
SYSTEM_PROMPT = "System prompt"
PROMPT_DIFFERENCE = "What differs from the sidebar's"
AS_OTHERS = "As in the sidebar"

# The composer.
MESSAGE_TO_ALL = "Ask all {count} lanes"
MESSAGE_TO_BOTH = "Ask both lanes"
STOP_ALL = "Stop all"
