"""The texts of the Chat page, and around every conversation, in the order of the page."""

from __future__ import annotations

from components.session.setup import Missing

# The bar, and the title of the browser's tab.
NEW_CHAT = "New chat"
UNTITLED = "New chat"
TAB_TITLE = "{title} · Playground"
RENAME = "Rename"

# The list of keys.
SHORTCUTS = "Keyboard shortcuts"
SHORTCUTS_HELP = "All keys that do something: press ?"
WHAT_A_KEY_DOES = "What it does"
KEYS = {
    "Writing": {
        "Enter, Ctrl + Enter": "Send the message",
        "Shift + Enter": "A new line",
        "Esc": "Stop the answer",
        "↑ in the empty box": "Go to the last message",
    },
    "Reading": {
        "↑ ↓": "From message to message, and back to the box",
        "Home, End": "First and last message",
        "Tab": "To what can be done with the message",
    },
    "Editing a message": {
        "Ctrl + Enter": "Send or save it",
        "Esc": "Leave it as it was",
    },
    "Watching a recorded run in steps": {
        "Space": "Play the next part",
    },
    "On the stage": {
        "Page Down, →, Space": "Next",
        "Page Up, ←": "Back",
        "P, or Esc twice": "Play the recording in place of the answer",
    },
    "Everywhere": {
        "?": "This list",
        "Tab at the top of the page": "Skip to the message box",
        "Esc": "Close what is open",
    },
}

# On the stage: an answer that failed.
NO_ANSWER = "No answer came."

# An empty page.
GREETING_TITLE = "What would you like to ask?"
CONNECT_INSTEAD = "Or connect **AI/ML API** in the sidebar with a key."
ANSWERS_HERE = (
    "**{model}** answers right here, with no key and no account: real, but tiny and often wrong. "
    "For Gemini and 400+ others, connect **AI/ML API** in the sidebar with a key."
)
SMALL_MODEL = "a small model"
KEY_FIRST = "**{model}** answers through {where} as soon as your key is here."
MISSING_KEY_HELP = "Kept in this browser session only, sent to this server only."
ANSWERS = "**{model}** answers, through {where}. Its settings are in the sidebar."
CHOOSE_MODEL = "Choose a model in the sidebar, or type the id of one."
TYPE_ADDRESS = "Any OpenAI-compatible server answers here as soon as you type its address."
ADDRESS = "Address of the server"
ADDRESS_PLACEHOLDER = "https://api.example.com/v1"
EXAMPLES = (
    "Explain what an API is to a ten-year-old.",
    "Write a haiku about the sea.",
    "Write a Python function that reverses a string.",
    "Give me three ideas for a birthday party.",
)
TEMPERATURES = "One question, three temperatures: see what temperature does"
MORE_PROMPTS = "More ready-made prompts"

# The transcript.
LABELS = {  # by role, for screen readers
    "user": "Your message",
    "assistant": "Answer",
    "system": "System message",
    "developer": "Developer message",
    "tool": "Result of a tool",
}
ENDED = "Answer: {ending}."
ENDED_WORD = "Answer: {ending}, {count} word."
ENDED_WORDS = "Answer: {ending}, {count:,} words."
ENDED_CHARACTERS = "Answer: {ending}, {count:,} characters."
TOOL_RESULT = "Result of {tool}"
THE_TOOL = "the tool"
CALLS = "Calls **{tool}**"
CALLS_WITH = "Calls **{tool}** {arguments}"
SOME_TOOL = "a tool"

# While an answer shows nothing yet.
WAITING = "Waiting for the first word"
WAITING_FOR = "Waiting for the first word for {seconds} s"
LOADING = "Waiting for the first word for {seconds} s: the model may be loading"
RETRYING = "{reason} Trying again in {seconds} s (try {attempt} of {tries})."
PREPARING = "{text}"
PREPARING_SHARE = "{text} {share:.0%}"

# Pictures, sounds and documents of a message.
PICTURE = "Picture"
PICTURE_SIZE = "{width:,} x {height:,}, about {tokens:,} tokens"
DOCUMENT = "{name} ({size})"
DOCUMENT_READ_AS = "{name} ({size}, read as {encoding})"
UNNAMED_DOCUMENT = "Document"
PAGE = "{count:,} page"
PAGES = "{count:,} pages"
CHARACTERS = "{count:,} characters"
PDF = "PDF"
NO_TEXT = "No text in it: the model gets the file itself."
CANNOT_BE_SHOWN = {  # by kind
    "image": ":material/image: Picture in a format that cannot be shown.",
    "audio": ":material/volume_up: Sound in a format that cannot be shown.",
}
CANNOT_BE_SHOWN_SIZE = {
    "image": ":material/image: Picture in a format that cannot be shown, {size:,} bytes.",
    "audio": ":material/volume_up: Sound in a format that cannot be shown, {size:,} bytes.",
}
SAVE_FILE = "Save"

# Under a message: which of several it is, the quiet line. Its actions are in components/view/words.py.
BRANCH = "{number} / {count}"
FIGURES = {  # by the id of the word in the glossary
    "tokens_in": "{value} tokens in",
    "tokens_cached": "{value} of them cached",
    "tokens_out": "{value} tokens out",
    "tokens_reasoning": "{value} of them reasoning",
    "first_token": "first token {value}",
    "speed": "{value} tokens/s",
    "steps": "done by the provider: {value}",
    "finish_reason": "finish_reason: {value}",
    "request_id": "Request: {value}",
    "by_hand": "request edited by hand",
}
SIMPLE_FIGURES = {
    "tokens_in": "{value} pieces of words sent (tokens in)",
    "tokens_cached": "{value} of them kept ready there (cached)",
    "tokens_out": "{value} pieces of words written (tokens out)",
    "tokens_reasoning": "{value} of them to think with (reasoning)",
    "first_token": "first word after {value} (first token)",
    "speed": "{value} pieces a second (tokens/s)",
    "steps": "done by the provider: {value}",
    "finish_reason": "why it ended: {value} (finish_reason)",
    "request_id": "number of this request: {value}",
    "by_hand": "request edited by hand",
}
SECONDS = "{seconds} s"
STEPS_OF_A_KIND = "{name} {count} times"

# The editor of a message, and the form for a new one.
EDITED_MESSAGE = "Edit message"
SEND_EDITED = "Send"
SAVE_UNASKED = "Save without asking"
SAVE_EDITED = "Save"
CANCEL = "Cancel"
ADDED_ROLE = "Role"
ADDED_NAME = "Name (optional)"
ADDED_NAME_HELP = "For a tool message: the id of the call it answers."
ADDED_MESSAGE = "Message"
ADD = "Add"

# An answer that failed.
FAILED = "**{title}**\n\n{quote}{hint}"
FAILED_KEPT = "**{title}** What arrived before is kept above.\n\n{quote}{hint}"
QUOTE = "The server says: “{sentence}”\n\n"
SIDES = {
    "you": "This can be put right on your side.",
    "provider": "This is on the provider's side.",
    "network": "This is on the way between this app and the server.",
    "here": "This is on the computer this app runs on.",
}
WAIT_AND_RETRY = "Wait {seconds} s and retry"
RETRY_SHORTER = "Retry without the older half"
AGAIN = {"again": "Try again", "call_again": "Call again", "topped_up": "I have topped up: try again"}
RETRY_WITHOUT = "Retry without `{parameter}`"
RETRY_INSTEAD = "Retry with `{parameter}` instead"
REMEDIES = {  # by the kind of a remedy
    "bare": "Retry without any settings",
    "fold_system": "Retry with the system prompt in the first question",
    "no_stream": "Retry without streaming",
    "no_images": "Retry without the pictures",
    "strict_alternation": "Retry with neighbouring messages joined",
    "filled": "Retry with a word in each empty message",
    "thoughts": "Retry with the model's thoughts",
    "no_prefill": "Retry with a request to continue",
}
EDIT_QUESTION = "Edit the question"
USE_INSTEAD = "Use {model} instead"
USE_ADDRESS = "Use {address}"
USE_LOCAL = "Use the model on this computer"
ENTER_KEY = "Enter a key"
KEY = "API key for this server"
KEY_PLACEHOLDER = "Paste and press Enter"
KEY_SENDS = "The question is asked again with it."
DETAILS = "Details"
SERVERS_WORDS = "The server's own words"
NETWORKS_WORDS = "What went wrong, in technical words"
SERVERS_REPLY = "Its reply as it came"
REQUEST_ID = "Request id, for the provider's support"

# Above the composer: an answer that runs, messages that wait, a message that is held, what is attached.
STOP = "Stop"
QUEUED = "Next: {messages}"
NOT_SENT = "Not sent: {messages}"
FIRST_OF_SEVERAL = "{first} (+{more})"
SEND_IT = "Send it"
SEND_THEM = "Send them"
DISCARD = "Discard"
FILE_PROBLEM = ":material/warning: {problem}"
NOT_TAKEN_BEFORE = ":material/visibility_off: **{model}** does not take {kinds}, and earlier messages have some."
NOT_TAKEN = ":material/visibility_off: **{model}** does not take {kinds}."
KINDS = {"image": "pictures", "audio": "sound", "file": "PDF files"}
AND = " and "
MISSING: dict[Missing, str] = {
    "address": ":material/link: Type the server's address, then send.",
    "key": ":material/key: Put your key in, then send.",
    "model": ":material/smart_toy: No model is chosen. Type the id of a model in the sidebar, then send.",
}
NOT_SENT_YET = "Not sent yet: {message}"
USE_ABLE = "Use {model}"
SEND = "Send"
SEND_ANYWAY = "Send anyway"
SEND_WITHOUT = "Send without it"
EDIT_HELD = "Edit"
RECORDING = "Recording"
READ_AS = "Read as"
READ_AS_HELP = "The file does not tell its encoding: this one is likeliest. What you see is what is sent."
GUESSED = ":material/translate: **{name}** is not UTF-8, so how it is written was guessed. It begins:"
ABOUT_TOKENS = "about {tokens:,} tokens"
REMOVE = "Remove"

# The composer.
MESSAGE_TO = "Message {model}"
THE_MODEL = "the model"

# Under the composer: ways to attach more, what was spent.
ATTACH = "Attach"
CHOOSE_FILES = "Files and pictures"
RECORD = "Record"
ATTACH_HINT = "You can also paste or drop files into the message box."
PICTURE_LINK = "Picture from the web"
PICTURE_LINK_HELP = "The provider fetches it. This app and your browser do not."
PICTURE_LINK_PLACEHOLDER = "https://..."
ATTACH_PROBLEM = ":red[{problem}]"
CAMERA = "Camera"
TAKE_PICTURE = "Take a picture"
PICTURE_DETAIL = "How closely pictures are looked at"
PICTURE_DETAIL_HELP = "Sent as `detail`. Low: about 85 tokens a picture. High: up to 1,105, for small print."
SESSION = "Session: {spent}"
CHAT = "chat: {spent}"
ONLY_CHAT = "Chat: {spent}"
SPENT_OVER = "over {amount}"
SPENT_TOKENS = "{tokens_in} tokens in, {tokens_out} out"
SPENT_TOKENS_OUT = "~{tokens_out} tokens out"  # the input tokens were not reported
NEXT_TOKENS = "next: ~{tokens} tokens"
NEXT_PRICED = "next: ~{tokens} tokens, ~{amount} before the answer"
NEXT_TYPED = "next: what you type, {amount} for 1,000 tokens"
TOO_LONG_AHEAD = "About {tokens} tokens: {model} takes {limit}. Shorten it, or choose another model."
TOO_LARGE_AHEAD = "{name} is larger than {most} MB and does not go along. Choose a smaller file."
AND_A_FILE = "{next}, and a file"
AND_FILES = "{next}, and {count} files"
SPENDING_HELP = (
    "Session: what was asked in this tab since it was loaded, and chat: all answers of this conversation; reported "
    "where the server says so, else by list price (~); over, when the cost of some is not known. "
    "Next: what is sent with your next message: the conversation so far, what is attached and, while you type, "
    "what you type. Tokens are an estimate: each model counts them in its own way."
)

# Reading aloud and dictation, above the message box.
MODEL_READS = "{model} reads aloud."
READING_COST = " It cost {cost}."
READING_CUT = " It reads the beginning: the whole is too long for it."
BROWSER_READS = "This browser's own voice reads aloud: the connection has no model that speaks."
BROWSER_READS_INSTEAD = "This browser's own voice reads aloud. The model does not: {problem}"
NOTHING_TO_READ = "There are no words to read in this answer: code and formulas are left out."
VOICE_COMES = "The voice is on its way."
NO_SOUND = "No sound came with the answer."
READ_ALOUD_FILE = "read-aloud"
STOP_READING = "Stop reading"
PAUSE_READING = "Pause"
GO_ON_READING = "Go on"
NO_VOICE = "This browser has no voice of its own."
READ_TO_THE_END = "Read to the end."
DICTATE = "Dictate"
DICTATE_HELP = "{model} writes down what you say, into the message box."
NO_DICTATION = "No dictation: the connection has no model that writes recordings down."
WRITES_DOWN = "{model} writes down what you said."
NOT_WRITTEN_DOWN = "Not written down: {problem}"
NOTHING_HEARD = "No words were heard."
CLOSE = "Close"
