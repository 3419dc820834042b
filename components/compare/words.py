"""What visitors read on the Compare page: words only, in the order of the page."""

from __future__ import annotations

UNTITLED = "Compare"
NEW_RACE = "New comparison"

# The switch of modes, by their ids.
MODE = "What to compare"
MODES = {"race": "Race", "suite": "Suite"}

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

# The mode Suite.
SUITE_TITLE = "The same inputs, checked again and again"
SUITE_EXPLAINED = (
    "Every row is asked of every lane, and every answer is checked. Run it again after a change of the prompt or "
    "of the model, and see what has become better or worse."
)
SUITE_OPEN = "Open a suite"
SUITE_OPEN_HELP = "YAML or JSON: a suite of this playground, or a configuration of promptfoo. Nothing in it is run."
SUITE_ROWS = "Rows from a table"
SUITE_ROWS_HELP = "CSV with a line of names, or JSONL. A column is a variable."
SUITE_SAVE = "Save"
SUITE_KEPT = "Kept here"
SUITE_KEPT_CHOOSE = "Choose a suite"
SUITE_KEEP = "Keep here, under its name"
SUITE_KEEP_HELP = "Each run does so too, with what came of it."
SUITE_DELETE = "Delete what is kept under this name"
SUITE_SAVE_OWN = "Suite (YAML)"
SUITE_SAVE_PROMPTFOO = "For promptfoo"
SUITE_SAVE_RESULTS = "Results (JSON)"
SUITE_EXAMPLE = "Show an example"
SUITE_EXAMPLE_NAME = "Capitals"
SUITE_EXAMPLE_PROMPT = "What is the capital of {{country}}? Answer with the name of the city only."
SUITE_EXAMPLE_ROWS = (("France", "Paris"), ("Peru", "Lima"), ("Nigeria", "Abuja"), ("Australia", "Canberra"))
SUITE_LEFT_OUT = "Not in the suite, of what is in the file ({count})"
SUITE_NOT_EXPORTED = "Not in the file for promptfoo ({count})"
SUITE_NAME = "Name"
SUITE_PROMPT = "Prompt"
SUITE_PROMPT_HELP = "Write {{country}} for what a row fills in; a row has a column for each variable."
SUITE_ROW_TABLE = "Rows"
SUITE_CHECK_TABLE = "Checks of every row"
SUITE_ROW_NAME = "Name of the row"
SUITE_ROW_CHECKS = "Checks of this row (JSON)"
SUITE_CHECK = "Check"
SUITE_VALUE = "Value"
SUITE_VALUE_HELP = (
    "A text with {{variables}}, a number, a JSON schema, the arguments of a call, or the rule of a grader."
)
SUITE_NOT = "Not"
SUITE_IGNORE_CASE = "Any case"
SUITE_TOOL = "Tool"
SUITE_THRESHOLD = "At least (0-1)"
SUITE_EDITS = "Letters that may differ"
SUITE_CHECKS = {
    "contains": "contains",
    "equals": "equals",
    "regex": "matches a pattern",
    "json": "is JSON (schema)",
    "max_length": "at most … characters",
    "max_cost": "costs at most … $",
    "max_seconds": "takes at most … s",
    "calls": "calls a tool",
    "similar": "is similar to",
    "graded": "graded by a model",
}
SUITE_GRADING = "Who grades, and how"
SUITE_GRADER = "Model that grades"
SUITE_GRADER_EMPTY = "The model of the sidebar"
SUITE_GRADING_PROMPT = "Grading prompt"
SUITE_GRADING_HELP = "{{output}} is the answer, {{rubric}} the value of the check. What grading costs is counted."
SUITE_LANES = "Asked of {count} lanes: {names}. A lane is set up under **Race**."
SUITE_LANE = "Asked of one lane: {names}. Lanes are set up under **Race**."
SUITE_RUN = "Run {count} answers"
SUITE_FAILED = "Again what did not pass ({count})"
SUITE_STOP = "Stop"
SUITE_REFUSED = "Nothing was run or changed."
SUITE_PROGRESS = "{done} of {total}"
SUITE_PROGRESS_LEFT = "{done} of {total}, about {seconds} s left"
SUITE_CHANGED = "{better} better and {worse} worse than in the run before."
SUITE_SAME = "As in the run before."
SUITE_ONLY_MISSED = "Only what did not pass"
SUITE_ROW = "Row"
SUITE_CHOOSE = "Click a cell to read its answer and its request."
SUITE_STATES = {"waiting": "–", "passed": "✓ pass", "failed": "✕ fail", "error": "! no answer"}
SUITE_CHANGES = {"": "", "new": "", "better": " (was not)", "worse": " (passed before)"}
SUITE_ANSWER = "Answer"
SUITE_NO_ANSWER = "No answer came."
SUITE_CALL = "Call of {tool}"
SUITE_REQUEST = "The request"
SUITE_SECONDS = "{seconds} s"
SUITE_COST_UNKNOWN = "cost not known"
