"""The texts of the Tools page: the debugger of tool calls, its toolbox and its editor.

A constant's name is the id of its text. Placeholders in a template are named; `format` fills them in.
"""

from __future__ import annotations

# ---- the introduction, while the page is empty --------------------------------------------------------------

UNTITLED = "Tools"
PAGE_TITLE = "Give the model a tool"
INTRODUCTION = (
    "A model cannot look at a clock, or into your orders. Here it may ask for a Python function: it writes the "
    "**arguments**, this app runs the **function**, and the **result** goes back to the model, which then "
    "answers. Every step is a row that you can open, stop, change and take back."
)
TWO_TOOLS_EXAMPLE = "Is order 1042 late, and what would 20 % off cost in euro?"
ORDER_EXAMPLE = "What is in order 1031?"
NO_TOOL_EXAMPLE = "Who wrote Hamlet? (No tool is needed here.)"

# ---- how the model in use takes part ------------------------------------------------------------------------

CALLS_NO_TOOLS = (
    ":material/info: **{model} calls no tools**, says its provider, and cannot be held to a JSON schema either. "
    "It can chat here, but it will not see any tool."
)
TOOLS_EMULATED = (
    ":orange-badge[emulated] **{model} does not call tools by itself.** Its answer is held to a JSON schema and "
    "turned into a call. It is offered the first {tools} tools that are on."
)
SMALL_MODEL_PICKS = "A model this small often picks the wrong tool, or none: leave on only what it needs."
MUST_CALL = "Make it call a tool"
USE_MODEL = "Use {model}"

# ---- the bar over a conversation ----------------------------------------------------------------------------

TOOLS_ON_OFFER = "On offer: {tools}"
NO_TOOLS_ON_OFFER = "On offer: nothing"
EXPORT_PYTHON = "Export as Python"
EXPORT_PYTHON_HELP = (
    "One file that needs only requests: the question, the schemas, the loop with its limit of rounds, and the "
    "results of this conversation in place of the functions. The key is not in it."
)
EXPORT_ASKS_MODEL = "It asks {model}, which calls tools by itself."
NO_EXPORT = "No export: {reason}"

# ---- the toolbox --------------------------------------------------------------------------------------------

TOOLBOX = "Toolbox"
TOOLS_ON_OUTSIDE = "{on} of {all} tools are on. Look into them, try them, add your own."
TOOLS_ON_INSIDE = "{on} of {all} tools are on: the model is told of these."
ALL_TOOLS = "All"
USUAL_TOOLS = "The usual four"
OWN_BADGE = ":violet-badge[own]"
OFFER_TOOL = "Offer {tool}"
MODE = "When the model calls it"
MODES = {"auto": "Run at once", "ask": "Ask me first", "mock": "Mock"}
MOCK_RESULT = "What answers in its place"
MOCK_RESULT_PLACEHOLDER = '{"late": false}'
MODEL_IS_TOLD = "What the model is told: the function's name, description and a JSON schema of its arguments"
TRY_TOOL = "Run it yourself, as the model would"
ARGUMENTS_JSON = "Arguments (JSON)"
RUN = "Run"
NOTHING_IN_IT = "(empty)"
OUTCOME_OK = "ok"
OUTCOME_ERROR = "error"
TRIED = "{outcome}, {seconds:.2f} s"
TRIED_AND_CUT = "{outcome}, {seconds:.2f} s, cut at {limit} kB"
MOCK_ASKS = "This mock answers nothing by itself: you are asked each time."
DELETE_TOOL = "Delete"

# ---- the rules of the loop ----------------------------------------------------------------------------------

LOOP_RULES = "How the loop runs"
TOOL_CHOICE = "May the model call?"
TOOL_CHOICES = {"auto": "auto", "none": "none", "required": "required", "function": "This tool"}
TOOL_CHOICE_HELP = (
    "`tool_choice`. auto: the model decides. none: it may not call. required: it must call something. "
    "This tool: it must call that one. A forced choice holds for the first round only and then goes back to auto: "
    "kept up, the model could never answer."
)
FORCED_TOOL = "Which tool"
FORCED_ONCE = "Forced in the first round of each question only, then auto again, or the model could never answer."
PARALLEL_CALLS = "Several calls in one answer"
PARALLEL_CALLS_OPTIONS = {"on": "on", "off": "off"}
PARALLEL_CALLS_HELP = "`parallel_tool_calls`. Not sent unless you choose."
REPAIR = "Send errors in the arguments back at once"
REPAIR_HELP = "Off: a call that does not fit its schema waits for you. It is never run either way."
MONEY_LIMIT = "Stop when one question has cost more than (US dollars)"
MONEY_LIMIT_HELP = "As the server reports it. Servers that report no cost are stopped by the rounds only."
ROUND_LIMIT = "At most {rounds} round of tools for one question."
ROUNDS_LIMIT = "At most {rounds} rounds of tools for one question."
SMALL_MODEL_ROUNDS = "A model this small gets one."

# ---- the editor of own tools --------------------------------------------------------------------------------

OWN_TOOLS = "Own tools"
EDIT_TOOL = "Edit"
EDITOR_TITLE = "Your own tool"
START_FROM = "Start from"
SIGNATURE = "A Python signature"
SIGNATURE_FIELD = "Paste a function; its body does not matter"
SIGNATURE_PLACEHOLDER = (
    'def get_weather(city: str, unit: Literal["celsius", "fahrenheit"] = "celsius"):\n    """The weather."""'
)
MAKE_SCHEMA = "Make the schema"
SCHEMA_FIELD = "Name, description and JSON schema"
NOT_JSON = ":small[:red[:material/error: This is not JSON]]"
NOT_JSON_BECAUSE = ":small[:red[:material/error: This is not JSON: {reason}]]"
SCHEMA_FINE = ":small[:green[:material/check: Nothing to complain about.]]"
BEHAVIOUR = "What answers in place of a function"
BEHAVIOURS = {"ask": "Ask me each time", "fixed": "Always the same", "rules": "By its arguments"}
RULES_FIELD = "Rules: the first whose values stand among the arguments"
RULES_PLACEHOLDER = '[\n {"when": {"city": "Oslo"}, "result": "snow"}\n]'
FIXED_RESULT = "The result"
OTHERWISE_RESULT = "Else (empty: ask me)"
SAVE_TOOL = "Save"
CANCEL = "Cancel"
EXPORT_AND_IMPORT = "Export and import"
EXPORT_TOOLS = "Export my tools"
IMPORT_TOOLS = "A file of tools: exported here, or the tools of a request to OpenAI, Anthropic or an MCP server"
IMPORTED_TOOLS = "Tools from the file: {count}."
FIELDS_NOT_JSON = "The schema or the rules are not JSON."
DEFINITION_NO_OBJECT = "The definition is a JSON object."
RULE_SHAPE = 'Each rule is {"when": {...}, "result": "..."}.'
NAME_TAKEN = "There is a tool named {tool} already."

# ---- the row of a call --------------------------------------------------------------------------------------

STATES = {
    "invalid": ":red-badge[:material/error: does not fit]",
    "waiting": ":green-badge[fits] :orange-badge[:material/front_hand: waiting for you]",
    "running": ":blue-badge[:material/progress_activity: running]",
    "ok": ":green-badge[ok]",
    "error": ":red-badge[error]",
}
NOT_FINISHED = ":gray-badge[not finished, not run]"
NOT_RUN = ":gray-badge[not run]"
UNNAMED_TOOL = "a tool"
CALL_WITH_RESULT = "{call} → {result}"
NOT = "not {what}"
EDITED_BY_YOU = ":violet-badge[edited by you]"
ORIGINS = {"mock": "mock", "typed": "result typed by you", "rejected": "rejected by you", "sent back": "not run"}
ON_PURPOSE = "on purpose: {fault}"
REPAIRED_AFTER_ROUND = ":green-badge[repaired after {rounds} round]"
REPAIRED_AFTER_ROUNDS = ":green-badge[repaired after {rounds} rounds]"
ARGUMENTS = "Arguments"
ARGUMENTS_PARSED = "Parsed"
ARGUMENTS_AS_WRITTEN = "As written"
NOTHING_WRITTEN = "(nothing)"
RESULT = "Result"
RESULT_CUT = "Result, cut at {limit} kB"

# ---- what a visitor may do with a call ----------------------------------------------------------------------

SEND_ERROR = "Send the error to the model"
EDIT_ARGUMENTS = "Edit arguments"
RUN_WITH_THESE = "Run with these"
TYPE_RESULT = "Type the result"
USE_AS_RESULT = "Use as the result"
REJECT = "Reject"
REJECT_REASON = "Why not? The model reads it (optional)"
REJECT_CALL = "Reject this call"
MAKE_IT_FAIL = "Make it fail"
MAKE_IT_FAIL_HELP = "What goes wrong with tools in the field."
REWIND = "Rewind to here"
REWIND_EXPLAINED = (
    "Change one of the two. What came after stays as a branch: the arrows under the answer lead back."
)
GO_ON_WITH_RESULT = "Go on with this result"

# ---- below the calls of a round -----------------------------------------------------------------------------

STOPPED_AFTER_ROUND = (
    "**The model kept asking for tools and was stopped after {rounds} round.** Ask in other words, or try "
    "another model."
)
STOPPED_AFTER_ROUNDS = (
    "**The model kept asking for tools and was stopped after {rounds} rounds.** Ask in other words, or try "
    "another model."
)
STOPPED_BY_COST = (
    "**Stopped: this question has cost {cost}, the limit is {limit}.** To go on, raise the limit in the toolbox."
)
HALTED = "Stopped here. Nothing goes to the model until you say so."
IN_DOUBT = "Stopped here. What had begun before a restart may have run already: look before you run it again."
GO_ON = "Go on"
AS_SENT = "As sent"
AS_SENT_EXPLAINED = "Exactly what went to the server in this round. A call and its result have the same number."
BROUGHT_TOOLS = "Tools of the imported request that are on offer now: {count}."
BROUGHT_IS_OTHER = "{tool} is the one that is here already: the request describes it in another way."
NOT_ALL_KEPT = "Not all of this request is kept any more. The inspector shows what there is."
NOT_TO_BE_SHOWN = "This request cannot be shown."
REST_OF_BODY = "**the rest of the body**"
RUN_AGAIN = "Run again {times} times"
RUN_AGAIN_HELP = (
    "The same request {times} times side by side: which tool does the model choose, with which arguments? Nothing "
    "of it goes into the conversation."
)
RUN_AGAIN_ANSWERS = "**The same request again: {answers} of {total} answers.**"
RUN_AGAIN_COST = "They cost {cost}."
COLUMN_RUNS = "Runs"
COLUMN_CHOSEN = "Chosen"
COLUMN_ARGUMENTS = "Arguments"
RUNS_OF_TOTAL = "%d of {total}"  # the table fills in the number
