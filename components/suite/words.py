"""The texts of the mode Suite of the Compare page."""

from __future__ import annotations

TITLE = "The same inputs, checked again and again"
EXPLAINED = (
    "Every row is asked of every lane, and every answer is checked. Run it again after a change of the prompt or "
    "of the model, and see what has become better or worse."
)
OPEN = "Open a suite"
OPEN_HELP = "YAML or JSON: a suite of this playground, or a configuration of promptfoo. Nothing in it is run."
ROWS = "Rows from a table"
ROWS_HELP = "CSV with a line of names, or JSONL. A column is a variable."
SAVE = "Save"
KEPT = "Kept here"
KEPT_CHOOSE = "Choose a suite"
KEEP = "Keep here, under its name"
KEEP_HELP = "Each run does so too."
DELETE = "Delete what is kept under this name"
SAVE_OWN = "Suite (YAML)"
SAVE_PROMPTFOO = "For promptfoo"
SAVE_RESULTS, SAVE_TABLE = "Results (JSON)", "Table (CSV)"
EXAMPLE = "Show an example"
EXAMPLE_NAME = "Capitals"
EXAMPLE_PROMPT = "What is the capital of {{country}}? Answer with the name of the city only."
EXAMPLE_ROWS = (("France", "Paris"), ("Peru", "Lima"), ("Nigeria", "Abuja"), ("Australia", "Canberra"))
LEFT_OUT = "Not in the suite, of what is in the file ({count})"
NOT_EXPORTED = "Not in the file for promptfoo ({count})"
NAME = "Name"
PROMPT = "Prompt"
PROMPT_HELP = "Write {{country}} for what a row fills in; a row has a column for each variable."
ROW_TABLE = "Rows"
CHECK_TABLE = "Checks of every row"
ROW_NAME = "Name of the row"
ROW_CHECKS = "Checks of this row (JSON)"
CHECK = "Check"
VALUE = "Value"
VALUE_HELP = "A text with {{variables}}, a number, a JSON schema, the arguments of a call, or the rule of a grader."
NOT = "Not"
IGNORE_CASE = "Any case"
TOOL = "Tool"
THRESHOLD = "At least (0-1)"
EDITS = "Letters that may differ"
CHECKS = {
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
GRADING = "Who grades, and how"
GRADER = "Model that grades"
GRADER_EMPTY = "The model of the sidebar"
GRADING_PROMPT = "Grading prompt"
GRADING_HELP = "{{output}} is the answer, {{rubric}} the value of the check. What grading costs is counted."
LANES = "Asked of {count} lanes: {names}. A lane is set up under **Race**."
LANE = "Asked of one lane: {names}. Lanes are set up under **Race**."
RUN = "Run {count} answers"
RUN_ONE = "Run 1 answer"
RUN_NOTHING = "Run"
NOTHING = "Write a prompt, or open a suite: then there is something to run."
CAP = "Limit, in US dollars"
CAP_HELP = "No request begins that could take the run beyond it. Empty: no limit."
ONE_REQUEST = "1 request"
REQUESTS = "{count:,} requests"
COSTS = "{requests}: at most about {usd}"
COSTS_OPEN = "{requests}: about {usd}; more where answers are longer than {tokens} tokens"
FREE = "{requests}, at no cost"
UNPRICED = "{requests}; nobody says what they cost, so the limit in dollars cannot be kept"
FAILED = "Again what did not pass ({count})"
REFUSED = "Nothing was run or changed."
CHANGED = "{better} better and {worse} worse than in the run it is compared with."
SAME = "As in the run it is compared with."
COMPARED = "Compared with the run of"
COMPARED_NOT = "no other run"
RUN_OF = "{number} · {when} · {ended} of {total}"
ONLY_MISSED = "Only what did not pass"
ROW = "Row"
CHOOSE = "Click a cell to read its answer and its request."
STATES = {"waiting": "–", "passed": "✓ pass", "failed": "✕ fail", "error": "! no answer"}
CHANGES = {"": "", "new": "", "better": " (was not)", "worse": " (passed before)"}
ANSWER = "Answer"
CALL = "Call of {tool}"
REQUEST = "The request"
INSPECT = "Inspect"
SECONDS = "{seconds} s"
COST_UNKNOWN = "cost not known"
