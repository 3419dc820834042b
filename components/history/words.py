"""The texts about saved conversations: the History page, files, the Share dialog, an opened link.

A constant's name is the id of its text. Placeholders in a template are named; `format` fills them in.
"""

from __future__ import annotations

# ---- the History page ---------------------------------------------------------------------------------------

GUEST_KEEPING = (
    "Your conversations are found again in this browser, until {days} days after their last message or until you "
    "leave. Nobody else sees them."
)
GUEST_OF_TAB = (
    "Your conversations are found again as long as this tab is open, or by a private link: see *Come back "
    "later* in the sidebar. Nobody else sees them."
)
NOT_LASTING = "A restart of the app may forget them: export what you want to keep."
SEARCH = "Search"
SEARCH_PLACEHOLDER = "Words in a title or a message"
ORDER = "Order"
ORDERS = {"updated": "Last used", "created": "Newest", "title": "Title"}
TAG_FILTER = "Tag"
TAG_FILTER_PLACEHOLDER = "Any tag"
NOTHING_FOUND = "Nothing found. Try fewer or other words."
NOTHING_YET = "Nothing here yet. Every conversation on the Chat and Tools pages is kept here."
START_ONE = "Start one"
SHOW_MORE = "Show more"
SHOW_NEXT = "Show the next ones"
SHOW_FIRST = "Back to the beginning of the list"

# Messages that earlier versions only hid when they were deleted.
HIDDEN_MESSAGE = "**1 message that you deleted is still kept.**"
HIDDEN_MESSAGES = "**{count:,} messages that you deleted are still kept.**"
HIDDEN_EXPLAINED = (
    "Earlier versions of this playground only hid what was deleted: search and exports still found it. You decide "
    "once what happens to it."
)
SHOW_HIDDEN = "Show what it is"
HIDDEN_LINE = "{role}: {text}"
HIDDEN_ROLES = {"user": "You", "assistant": "Answer", "system": "System", "developer": "System", "tool": "Tool"}
HIDDEN_WITHOUT_TEXT = "no text"
RESTORE_HIDDEN = "Restore"
DELETE_HIDDEN = "Delete for good"
RESTORE_ALL_HIDDEN = "Restore all"
DELETE_ALL_HIDDEN = "Delete all for good"
RESTORED_ONE = "1 message is back in its conversation."
RESTORED_SEVERAL = "{count:,} messages are back in their conversations."

# ---- a conversation in the list -----------------------------------------------------------------------------

UNTITLED = "Untitled"
LATEST_IN_VIEW = "**{title}**"  # under the menu
USED_AND_MESSAGE = "{used} · {messages} message"
USED_AND_MESSAGES = "{used} · {messages} messages"
MORE = "More"
ACTIONS = {"pin": "Pin", "unpin": "Unpin", "rename": "Rename and tag", "export": "Export", "delete": "Delete"}
CHOOSE = "Choose {title}"
CHOSEN = "{count} chosen"
CHOOSE_ALL = "Choose all"
CHOOSE_NONE = "Choose none"
EXPORT_CHOSEN = "Export"
FIRST_AND_MORE = "{first} and {count} more"

# ---- the dialogs of a conversation --------------------------------------------------------------------------

RENAME_TITLE = "Rename and tag"
TITLE_FIELD = "Title"
SUGGEST_TITLE = "Let the model suggest one"
SUGGEST_TITLE_HELP = "One small request to {model}."
SUGGESTING = "Asking"
TAGS_FIELD = "Tags"
SAVE_TITLE_AND_TAGS = "Save"
EXPORT_TITLE = "Export"
NOT_THERE = "This conversation is not there any more."

# ---- files out ----------------------------------------------------------------------------------------------

WEB_PAGE = "Web page"
MARKDOWN = "Markdown"
JSON = "JSON"
RESULT = "Studio"
RESULT_ZIP = "Files (zip)"
FILE_OF_RESULT = "A zip with its files, and a JSON with everything that made them. It can be imported again."
FILE_OF_RESULT_LARGE = (
    "A zip with its files, and a JSON with everything that made them. It is larger than the {limit} MB that can be "
    "imported here; the owner of the app can import it on the server."
)
LEFT_OUT = "Not in it: a file of {size} MB. {why}"
KINDS_OF_EXPERIMENTS = {"grid": "Experiment", "suite": "Test suite"}
ANSWERS = "{ended:,} of {total:,} answers"
FILE_OF_EXPERIMENT = (
    "The file holds every request and every answer. It can be imported again, here or elsewhere, and asks the very "
    "same."
)
PRINT = "Print or save as PDF"
FILES_EXPLAINED = (
    "The web page and Markdown hold what is in view, of a comparison all its lanes. JSON holds every branch and "
    "can be imported again."
)
FILES_OF_BLIND = (
    "This blind race waits for a vote: the web page and Markdown do not say whose the answers are. JSON does, for "
    "it holds everything and can be imported again."
)
EXPORT_ALL = "Export all"
EXPORT_ALL_FOUND = "Export all found"
EXPORT_ALL_HELP = (
    "Zips with a JSON file for each conversation and experiment, and the files of results. They can be imported "
    "again. Of a blind race they say whose the answers are, also before a vote."
)
BACKUP_TITLE = "Export"
BACKUP_MEASURING = "Measuring"
BACKUP_EXPLAINED = "A zip with a JSON file for each, attachments and files included. It can be imported again."
BACKUP_PARTS = (
    "{count} zips with a JSON file for each conversation, attachments included. Keep them all: each can be "
    "imported by itself, in any order."
)
BACKUP = "Download"
PART = "Part {number}"
PART_EXPERIMENTS = "Experiments"
PART_RESULTS = "Results of the Studio"
RESULTS_LEFT_OUT = (
    "{count:,} files of results, {size} MB, are not in it: of one run {most} MB go in, and files whose time is "
    "over are gone. What is larger can be downloaded on the Studio page."
)
EXPERIMENTS = "{count:,}, {size} MB"
PART_CONVERSATION = "{count} conversation, {size} MB before packing"
PART_CONVERSATIONS = "{count:,} conversations, {size} MB before packing"
PART_TOO_LARGE = (
    ":material/info: This conversation may be too large for Import. On the server, "
    "`python -m backend.formats.imports FILE` takes it in."
)

# ---- files in -----------------------------------------------------------------------------------------------

IMPORT = "Import"
IMPORT_FILE = "Files with conversations"
IMPORT_PASTED = "Or paste a request: curl, fetch(), HTTP or JSON"
IMPORT_PASTED_HELP = "Its key and its address are not kept. It is sent to the server in use here, and only by you."
IMPORT_PASTE = "Import what is pasted"
PASTED = "what was pasted"
IMPORT_AGAIN = "Also conversations that are here already"
IMPORT_AGAIN_HELP = "Else a conversation that is here, or came in before, does not come in twice."
IMPORT_EXPLAINED = (
    "Exports of this playground, {programs}; messages, requests and training data as JSON or JSONL; requests "
    "inside of logs, HAR files and Postman collections. {limits}"
)
IMPORT_LIMITS = (
    "Several files at once, each up to {limit} MB. Larger ones: on the server, "
    "`python -m backend.formats.imports FILE`."
)
IMPORT_LIMITS_GUEST = (
    "As a guest of this app: several files at once, each up to {limit} MB, and conversations up to {largest} MB. "
    "Larger ones: ask its owner."
)
IMPORTING = "Importing: {count:,} conversations so far"
STOP_IMPORT = "Stop"
IMPORT_STOPPED = "Stopped. Import the same files again to go on"
NOTHING_IMPORTED = "**Nothing was imported from {file}.** {reason}"
IMPORTED_CONVERSATION = "{count:,} conversation imported"
IMPORTED_EXPERIMENT = "{count:,} experiment imported"
IMPORTED_EXPERIMENTS = "{count:,} experiments imported"
IMPORTED_RESULT = "{count:,} result of the Studio imported"
IMPORTED_RESULTS = "{count:,} results of the Studio imported"
IMPORTED_CONVERSATIONS = "{count:,} conversations imported"
ALREADY_HERE = "{count:,} already here"
NOT_IMPORTED = "Not imported ({count:,})"
IMPORT_NOTES = "Imported with something left out ({count:,})"
AND_MORE = "... and {count} more"
OPEN_IMPORTED = "Open"
OPEN_FIRST_IMPORTED = "Open the first"
CLOSE_IMPORTED = "Close"

# ---- the Share dialog ---------------------------------------------------------------------------------------

SHARE = "Share"
SHARE_TITLE = "Share"
SHARED_PART = "What goes into the link"
SHARED_PARTS = {"settings": "Settings only", "messages": "With the messages"}
MESSAGES_GO = "The link holds all {count} messages in view as text, the model, the system prompt and the settings."
SHARED_PARTS_OF_RACE = {"settings": "Settings only", "messages": "With the question"}
QUESTION_GOES = (
    "The link holds the question, the lanes and the settings, and no answers. **Record**, beside Share, makes a "
    "link that shows the answers; the files below hold them, too."
)
ONE_MESSAGE_GOES = "The link holds the question as text, the model, the system prompt and the settings."
SETTINGS_GO = "The link holds the model, the system prompt and the settings, and nothing of what was said."
SHARE_TOOLS = "Tool descriptions too"
SHARE_TOOLS_HELP = "Names, descriptions and arguments, to be read. No tool is switched on by a link."
NO_LINK_SETTINGS_KEY = "**No link: something looks like a key.**\n{places}\n\nTake it out in the sidebar."
NO_LINK_MESSAGES_KEY = (
    "**No link: something looks like a key.**\n{places}\n\nTake it out, or leave the messages out."
)
NO_LINK_SETUP_KEY = "**No link: something looks like a key.**\n{places}\n\nTake it out."
TOO_LONG = (
    "**Too long for a link:** {length:,} characters, and {limit:,} arrive everywhere. Give the file away instead."
)
TOO_LONG_WITH_MESSAGES = (
    "**Too long for a link:** {length:,} characters, and {limit:,} arrive everywhere. Give the file away instead, "
    "or the settings only."
)
NO_LINK_POSSIBLE = (
    "**This chat cannot go as a link:** it has more than 1,000 messages, or a name in it that is unusually "
    "long or has invisible characters. Give the file away instead."
)
NO_LINK_OF_SETUP = "**This cannot go as a link:** a name in it is unusually long, or has invisible characters."
LINK_EXPLAINED = "{length:,} characters, and everything is in them: whoever has the link can read it all."
QR_CODE = "QR code"
QR_CODE_LOCAL = (
    "No code: only this computer or its own network knows the address of this app. A phone would find nothing."
)
NO_QR_CODE = "Too long for a QR code: {length:,} characters, and {limit:,} fit."
PREVIEW = "See exactly what goes"
PREVIEW_SYSTEM_PROMPT = "System prompt"
PREVIEW_MESSAGES = "Messages ({count})"
PREVIEW_CALL = "calls {tool} {arguments}"
EXTRA_JSON = "the extra JSON"
LEFT_OUT = "Left out: {pieces}."
PREVIEW_DATA = "The same as data. No key, no server address, no headers."
SHARE_SETUP = (
    "Whoever opens the link finds this set-up ready to start. Nothing runs by itself, and no answers go along."
)
SHARE_FILE = "The same as a file"
SHARE_AS_FILE = "Or the whole conversation as a file"
KEY_IN_FILE = ":orange[What looks like a key would be in the file as well.]"

# ---- a link that was opened ---------------------------------------------------------------------------------

OPENED = ":material/link: **Opened from a link:** {pieces}."
OPENED_HIDDEN = ":material/visibility_off: In it are words that nobody sees, and models read them: “{words}”."
NOTHING_SENT = "**Nothing was sent.**"
OPENED_MODEL = "model {model}"
OPENED_GRID = "an experiment, requests: {count:,}"
OPENED_SUITE = "a test suite, rows: {count:,}"
NOT_OPENED = ":material/link_off: **The link could not be opened.** {reason}"
MODEL_NEEDS_CHOICE = "{model} is not on {here}: {answering} answers until you choose {there} in the sidebar."
MODEL_NEEDS_KEY = (
    "{model} is not on {here}: {answering} answers until you connect {there} in the sidebar with a key."
)
MODEL_NOT_LISTED = "{model} is not in the list of {here}, which may refuse it."
UNDO_OPENED = "Undo"
CONTENTS = "Contents"
TOOLS_NOT_SWITCHED_ON = "The tools are descriptions only: none is switched on."
DISMISS = "Dismiss"
