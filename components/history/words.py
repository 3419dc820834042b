"""What visitors read about kept conversations: the History page, files, the Share dialog, a link that was opened.

A constant's name is the id of its words. A template's placeholders are named; `format` fills them in.
"""

from __future__ import annotations

# ---- the History page ---------------------------------------------------------------------------------------

PAGE_TITLE = "History"
GUEST_KEEPING = "Your conversations are kept as long as this browser tab is open. Nobody else sees them."
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

# ---- a conversation in the list -----------------------------------------------------------------------------

UNTITLED = "Untitled"
USED_AND_MESSAGES = "{used} · {messages} messages"
MORE = "More"
ACTIONS = {"pin": "Pin", "unpin": "Unpin", "rename": "Rename and tag", "export": "Export", "delete": "Delete"}
CHOOSE = "Choose {title}"
CHOSEN = "{count} chosen"
CHOOSE_ALL = "Choose all"
CHOOSE_NONE = "Choose none"
EXPORT_CHOSEN = "Export"
DELETED = "Deleted: {title}"
AND_MORE = " and {count} more"
UNDO_DELETE = "Undo"

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
PRINT = "Print or save as PDF"
FILES_EXPLAINED = (
    "The web page and Markdown hold what is in view. JSON holds every branch and can be imported again."
)
EXPORT_ALL = "Export all"
EXPORT_ALL_FOUND = "Export all found"
EXPORT_ALL_HELP = "A zip with a JSON file for each conversation. It can be imported again."

# ---- files in -----------------------------------------------------------------------------------------------

IMPORT = "Import"
IMPORT_FILE = "A file with conversations"
IMPORT_EXPLAINED = (
    "Exports of this playground, of ChatGPT and of Open WebUI; OpenAI-style messages as JSON or JSONL. A request "
    "that the inspector gave away comes with its tools and all other fields."
)
NOTHING_IMPORTED = "**Nothing was imported from {file}.** {reason}"
IMPORTED_CONVERSATION = "{count:,} conversation imported"
IMPORTED_CONVERSATIONS = "{count:,} conversations imported"
OPEN_IMPORTED = "Open"
OPEN_FIRST_IMPORTED = "Open the first"
CLOSE_IMPORTED = "Close"

# ---- the Share dialog ---------------------------------------------------------------------------------------

SHARE = "Share"
SHARE_TITLE = "Share"
SHARED_PART = "What goes into the link"
SHARED_PARTS = {"settings": "Settings only", "messages": "With the messages"}
SHARE_TOOLS = "Tool descriptions too"
SHARE_TOOLS_HELP = "Names, descriptions and arguments, to be read. No tool is switched on by a link."
NO_LINK_SETTINGS_KEY = "**No link: something looks like a key.**\n{places}\n\nTake it out in the sidebar."
NO_LINK_MESSAGES_KEY = (
    "**No link: something looks like a key.**\n{places}\n\nTake it out, or leave the messages out."
)
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
LINK_EXPLAINED = "{length:,} characters, and everything is in them: whoever has the link can read it all."
QR_CODE = "QR code"
NO_QR_CODE = "Too long for a QR code: {length:,} characters, and {limit:,} fit."
PREVIEW = "See exactly what goes"
PREVIEW_SYSTEM_PROMPT = "System prompt"
PREVIEW_MESSAGES = "Messages ({count})"
PREVIEW_CALL = "calls {tool} {arguments}"
EXTRA_JSON = "the extra JSON"
LEFT_OUT = "Left out: {pieces}."
PREVIEW_DATA = "The same as data. No key, no server address, no headers."
SHARE_AS_FILE = "Or the whole conversation as a file"
KEY_IN_FILE = ":orange[What looks like a key would be in the file as well.]"

# ---- a link that was opened ---------------------------------------------------------------------------------

OPENED = ":material/link: **Opened from a link:** {pieces}. **Nothing was sent.**"
OPENED_MODEL = "model {model}"
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
