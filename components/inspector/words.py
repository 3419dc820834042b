"""What visitors read in the inspector of an answer, tab by tab.

A constant's name is the id of its words. A template's placeholders are named; `format` fills them in.
"""

from __future__ import annotations

# ---- the dialog and its tabs --------------------------------------------------------------------------------

INSPECTOR_TITLE = "Inspect this answer"
OVERVIEW_TAB = "Overview"
REQUEST_TAB = "Request"
RESPONSE_TAB = "Response"
CHUNKS_TAB = "Chunks"
CODE_TAB = "Code"
DIFF_TAB = "Diff"
TOKENS_TAB = "Tokens"

# ---- parts of several tabs ----------------------------------------------------------------------------------

DOWNLOAD = "Download"
BEGINNING_ONLY = "The first {drawn:,} of {total:,} characters. Copy and Download have all of them."
CUT_TEXT = "{beginning}... ({count:,} characters)"
COLUMN_WHAT = "What"
KEPT_FROM = ":material/history: Kept from {ago}, with the conversation."
TIMELINE_GONE = (
    ":material/history: The timeline is kept for the last answers of a conversation only. What follows is what the "
    "saved message itself holds."
)
REPLY_GONE = (
    ":material/history: The reply's status and headers are kept for the last answers of a conversation only. What "
    "follows is what the saved message itself holds."
)
CHUNKS_GONE = ":material/history: Chunks are kept for the last answers of a conversation only."

# ---- Overview -----------------------------------------------------------------------------------------------

TIMELINE_CHART = "When each part of the answer arrived, in seconds. The table below says it."
TIMELINE_KINDS = {  # of spans
    "waiting": "waiting",
    "reasoning": "reasoning",
    "text": "text",
    "tool call": "tool call",
    "stall": "stall",
}
TIMELINE_ROWS = {  # the row of the chart that a kind of span is drawn in
    "waiting": "waiting",
    "reasoning": "reasoning",
    "text": "text",
    "stall": "text",
    "tool call": "tool calls",
}
TIMELINE_AXIS = "Seconds since the question left"
TIMELINE_TOOK = "Took"
STALLS = ":material/pause_circle: Silences in the middle: {count}, the longest {longest:.1f} s."
TIMELINE_AS_TABLE = "The timeline as a table"
TIMELINE_TABLE = "When everything happened"
COLUMN_SECONDS = "Seconds"
USUAL_START = (
    "The provider measures for everybody right now: first token {typical} (half of all answers), {slowest} "
    "(nine of ten)."
)
USUAL_START_AND_RATE = (
    "The provider measures for everybody right now: first token {typical} (half of all answers), {slowest} "
    "(nine of ten), {rate:.0f} tokens per second (half)."
)
LATER_THAN_MOST = "This answer began later than nine of ten: unlucky, or something between here and there is slow."
LATE_AS_OTHERS = "This answer began late, but within what others see: the model is slow today, not you."
AS_USUAL = "This answer began as usual."
FACTS = "Facts of this answer"
COLUMN_VALUE = "Value"
FACT_MODEL = "Model"
FACT_ENDED = "Ended"
FACT_TOKENS_IN = "Tokens in"
FACT_TOKENS_CACHED = "of them cached"
FACT_TOKENS_OUT = "Tokens out"
FACT_TOKENS_REASONING = "of them reasoning"
FACT_TIME_TO_FIRST = "First token"
FACT_TOTAL_TIME = "Total time"
FACT_RATE = "Tokens per second"
FACT_COST = "Cost"
FACT_REQUEST = "Request"
FACT_WRITTEN = "How it is written"
THOUGHTS_LEFT_BEHIND = (
    "Without what was thought, and what the provider did by itself, in {count} earlier answer(s): another model or "
    "another server made it, and only that one takes it back."
)
EDITED_BY_HAND = "edited by hand"
REQUEST_ID = "Request id, for the provider's support"
CLIENT_REQUEST_ID = "The id we sent along as X-Client-Request-Id: the provider's usage log lists it"

# ---- Request ------------------------------------------------------------------------------------------------

REQUEST_GONE = (
    ":material/history: What was sent is kept for the last answers of a conversation only. This is what would be "
    "sent in its place now, with the settings of now."
)
BODY_CUT = (
    ":material/content_cut: Not all of the body is kept: the longest texts, pictures or sounds were too large. In "
    "their place is how long they were."
)
BODY_NOT_KEPT = (
    ":material/content_cut: The body was too large to be kept. This is what would be sent in its place now, with "
    "the settings of now."
)
SENT_AGAIN = "Sent {count} times: this is the last try."
NOTHING_SENT = "Nothing left this computer: the answer ended before the request could be sent."
BODY = "**Body**"
EDIT_BODY = "Change the body and send it again"
BODY_TOO_LONG = "This body has {count:,} characters, too many for a text box. Download it instead."
BODY_FIELD = "Request body (JSON)"
SEND_EDITED = "Send edited"
SEND_EDITED_HELP = "Sent exactly as it stands here, with your key. The answer becomes a branch beside this one."
BODY_NOT_JSON = "Not JSON: {reason}."
BODY_NOT_JSON_AT = "Not JSON: line {line}, column {column}: {reason}."
BODY_NO_OBJECT = 'A body is an object: {"model": ..., "messages": [...]}.'
BODY_LACKS_FIELDS = 'A body needs "model" (a text) and "messages" (a list), or "input" for the Responses format.'

# ---- Response -----------------------------------------------------------------------------------------------

NO_REPLY = "No reply came."
ERROR = "**Error**"
MESSAGE = "**The assembled message**"
SEE_TOKENS = "{count:,} tokens: see Tokens"

# ---- Chunks -------------------------------------------------------------------------------------------------

NO_CHUNKS = "No chunk arrived."
CHUNK_RECEIVED = "{count:,} chunk, times in seconds since the question left."
CHUNKS_RECEIVED = "{count:,} chunks, times in seconds since the question left."
CHUNKS_FORGOTTEN = "{count:,} of them were more than is kept: of these only the number or the times are known."
CHUNKS_TABLE = "Every chunk with its time"
COLUMN_NUMBER = "#"
COLUMN_AT = "At"
COLUMN_AFTER = "After"
COLUMN_SIZE = "Size"
COLUMN_RAW = "As it came"

# ---- Code ---------------------------------------------------------------------------------------------------

LANGUAGE = "Language"
CODE_ASKS_PROVIDER = (
    "The model on this computer is reached through this app only: the code asks AI/ML API instead. Choose a model "
    "of theirs in it."
)
CODE_OF_NOW = "Made with the settings of now: what was sent then is not kept any more."

# ---- Diff ---------------------------------------------------------------------------------------------------

NO_OTHER_ANSWER = "There is no other answer yet. Regenerate this one, with another setting perhaps, then compare."
CONVERSATION = "Of the conversation"
THIS_CONVERSATION = "This one"
NO_TITLE = "(no title)"
COMPARE_WITH = "Compare with"
OTHER_ANSWER = "{number}. {model}: {beginning}"
NO_TEXT = "(no text)"
UNKNOWN_MODEL = "unknown model"
COLUMN_OTHER = "Other"
COLUMN_THIS = "This"
REQUESTS = "**Requests**"
REQUESTS_OF_NOW = "Not every request is kept: what is not is made with the settings of now."
REQUESTS_NOT_KEPT = "Not both requests are kept, so they cannot be compared."
SAME_REQUEST = "The same request, to the letter."
REQUESTS_TABLE = "What was asked differently"
TEXTS = "**Texts**"
SAME_TEXT = "Word for word the same."
TEXTS_EXPLAINED = "Struck out: only in the other answer. Underlined: only in this one."
COST_AND_TIME = "**Cost and time**"
FIGURES_TABLE = "Figures of both answers"

# ---- Tokens -------------------------------------------------------------------------------------------------

HEAT_MAP_EXPLAINED = (
    "The more colour, the less certain the model was. Point at a word, or tap it, to see what else was likely."
)
FIRST_TOKENS_ONLY = "The first {drawn:,} of {total:,} tokens. The table has all of them."
CHOOSE_PLACE = "Choose a token to see its alternatives, and to go on from one of them."
TOKENS_AS_TABLE = "All tokens as a table"
TOKENS_TABLE = "All tokens with their probabilities"
COLUMN_TEXT = "Token"
COLUMN_CERTAIN = "Certain"
COLUMN_INSTEAD = "Instead"
NO_PROBABILITIES = (
    "**This answer came without token probabilities.** They are sent only when asked for, and not every model "
    "gives them."
)
PROBABILITIES_NOT_LISTED = "The documents of {model} do not list them: it will probably refuse or leave them out."
ASK_FOR_PROBABILITIES = "Ask again with token probabilities"
ASK_LOCAL_FOR_PROBABILITIES = "Ask the model on this computer, which gives them"
ALTERNATIVES = "**What else could it have said** instead of “{token}” ({probability})?"
NO_ALTERNATIVES = "The model reported no alternatives here."
ALTERNATIVE = "“{token}” {probability}"
CHOOSE_ALTERNATIVE = "Choose one: the answer goes on from there, as a branch beside this one."
LEAST_CERTAIN = "**Least certain words**"
LEAST_CERTAIN_TABLE = "The words the model was least sure of"
COLUMN_WORD = "Word"
LEAST_PROBABILITY = "under 0.1 %"
