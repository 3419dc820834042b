"""The texts of the inspector of an answer, tab by tab.

A constant's name is the id of its text. Placeholders in a template are named; `format` fills them in.
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
WIRE_OF_CELL = (
    ":material/history: What went over the wire was not kept with this answer: there was no room for it, or the "
    "answer came with a file or from an earlier run."
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

# ---- What just happened? ------------------------------------------------------------------------------------

EXPLAINED_TITLE = "What just happened?"
RECORDED_RUN = "{badge}: nothing was sent just now, and it costs nothing now."
NOTHING_KNOWN = "Nothing is known of how this answer came. It came with a link or a file, or was written by hand."
ALL_FIGURES = "All figures"

# What was sent
SENT_QUESTION = "Your question was sent{more}."
SENT_CONVERSATION = "Your question was sent, together with the conversation before it ({count} messages){more}."
SENT_RESULTS = (
    "What the tools gave was sent back, together with the conversation before it ({count} messages){more}."
)
SENT_TO_GO_ON = "The beginning of this answer was sent back, with the request to go on{more}."
SENT_BY_HAND = "A request that was edited by hand was sent{more}."
NEVER_SENT = "Nothing was sent: the answer ended before the request could leave."
SENT_UNDER_PROMPT = "under a system prompt"
SENT_WITH_TOOLS = "with {count} tools to choose from"
SENT_WITH_TOOL = "with 1 tool to use"
SENT_WITH_SETTINGS = "with {settings} set"
SENT_SETTING = "{name} {value}"
SENT_TOKENS = ": {count} tokens (pieces of words) in all"
LIST_COMMA = ", "
LIST_AND = " and "

# Where
WENT_HERE = "{model} answered on the computer that this app runs on, so nothing was sent to anybody else."
WENT_TO = "It went to {model} at {host}{tries}."
WENT_TO_MODEL = "It went to {model}{tries}."
WENT_TO_HOST = "It went to {host}{tries}."
AT_TRY = ", which took {count} tries"

# How long
TOOK_FIRST = "The first word came after {first}, and all of it took {total}."
TOOK_TOTAL = "It took {total}."
TOOK_FIRST_ONLY = "The first word came after {first}."

ONE_SECOND = "1 second"
SECONDS_TAKEN = "{seconds} seconds"

# What it cost
COST_REPORTED = "It cost {amount}, as the provider reports."
COST_ESTIMATED = "It cost about {amount}, by the list price."
COST_ESTIMATED_PENDING = "It cost about {amount} by the list price; the provider's bill comes later."
COST_PENDING = "What it cost is not known yet: the provider's bill comes later."
COST_NOTHING_HERE = "It cost nothing: a model on this computer sends no bill."
COST_NOTHING = "It cost nothing."
COST_UNKNOWN = "What it cost is not known: the provider did not say, and there is no list price."

# Why it ended
ENDED_WHOLE = "It ended because the model had said all it wanted to say."
ENDED_AT_LIMIT = "It ended because it reached the longest answer allowed."
ENDED_AT_LIMIT_OF = "It ended because it reached the limit of {count} tokens that was set."
ENDED_CONTEXT_FULL = "It ended because the model has no room for a longer conversation."
ENDED_PAUSED = "It ended because the provider paused it."
ENDED_FILTERED = "It ended because the provider's content filter stopped it."
ENDED_REFUSED = "It ended because the model declined to answer."
ENDED_FOR_TOOL = "It ended because the model asks for the tool {names}."
ENDED_FOR_TOOLS = "It ended because the model asks for the tools {names}."
ENDED_FOR_SOME_TOOL = "It ended because the model asks for a tool."
ENDED_STOPPED = "It ended because you pressed Stop; what had arrived is kept."
ENDED_STOPPED_THEN = "It ended because Stop was pressed; what had arrived is kept."
ENDED_INTERRUPTED = "It ended because this app was closed or restarted in the middle; what had arrived is kept."
ENDED_FAILED = "It ended with an error before the first word: {title}"
ENDED_CUT_OFF = "It ended with an error in the middle: {title} What had arrived is kept."
ENDED_FAILED_SOMEHOW = "It ended with an error."
ENDED_OTHERWISE = "It ended for a reason that the provider calls “{reason}”."
CAN_GO_ON = "{ended} Continue lets it go on."
WITH_HOLES = "{ended} Some of it could not be read and is missing."

# ---- Request ------------------------------------------------------------------------------------------------

REQUEST_OF_CELL = "What was sent, as it is kept with its experiment. Its headers are not."
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
NO_PROBABILITIES_FAILED = "**There is nothing to colour, because this answer failed.** {title}"
PROBABILITIES_REFUSED = "{model} will probably refuse them, or leave them out. {reason}"
BEING_WRITTEN = "The answer is being written. Its words are coloured as they come."
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
