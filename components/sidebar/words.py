"""The texts of the sidebar: the connection, the system prompt, the prompt library, parameters, presets.

The names of parameters and their help are not here: they are in backend/parameters, beside what is sent.
"""

from __future__ import annotations

from backend.library.prompts import Kind

# ---- the connection -------------------------------------------------------------------------------------

CONNECTION_LINE = "{where} · {state}"  # while it is collapsed
FREE = "free"
KEY_SET = "key set"
KEY_OF_OWNER = "the owner's key"
KEY_MISSING = "no key yet"
NO_KEY_NEEDED = "no key needed"
CHANGE_CONNECTION = "Connection"  # errors and other pages refer to it by that name
CHANGE_CONNECTION_HELP = "Another server or key, or the model on this computer"
CONNECTION_DONE = "Done"
CONNECTION = "Where the model runs"
CONNECTION_HELP = "AI/ML API has 400+ models and needs a key. The model on this computer is small and free."

# The model on this computer
LOCAL_MODEL = "{model}, {about}"
BETTER_MODEL = "Better model ({size})"
BETTER_MODEL_HELP = "{model}, fetched once: better at code and facts."
CONNECT = "Connect {where}"
CONNECT_HELP = "Gemini and 400+ other models, with an API key."

# A server with an address of its own
BASE_URL_PLACEHOLDER = "https://api.example.com/v1"
BASE_URL_HELP = "Any OpenAI-compatible server. A key you enter goes to this address only."
BASE_URL_MISSING = "Type the server's address and press Enter."

# The key
KEY_STATE = ":material/key: {state}"
FORGET_KEY = "Forget my key"
API_KEY = "Your API key"
OWN_API_KEY = "Use your own key instead"
API_KEY_PLACEHOLDER = "Paste and press Enter"
API_KEY_HELP = "Kept in this browser session only, sent to this server only."
API_KEY_HELP_AIMLAPI = (
    "Kept in this browser session only, sent to this server only. Get one at aimlapi.com/app/keys."
)

# Custom headers
EXTRA_HEADERS = "Extra headers"
HEADERS_SENT = "Sent to this server with every request: {names}"
FORGET_HEADERS = "Forget them"
HEADER = "One header, as a name and a value"
HEADER_PLACEHOLDER = "X-Gateway-Key: value"
HEADER_HELP = "For a company's gateway. Kept in this browser session only, sent to this server only, never shown."
TEST_CONNECTION = "Test connection"

# ---- the system prompt ----------------------------------------------------------------------------------

SYSTEM_PROMPT_PLACEHOLDER = "How to behave, for example: Answer in one sentence."
SYSTEM_PROMPT_FOLDED = (
    ":material/info: This model takes no system message: the prompt stands before your first one."
)

# ---- the prompt library ---------------------------------------------------------------------------------

# The button that opens it, and the result of its last use
PROMPTS = "Prompts"
PROMPTS_HELP = "Ready-made prompts, and your own."
SYSTEM_PROMPT_NOW = "Now: {name}. Undo brings back what stood here before."
UNDO_REPLACED = "Undo"
USED_AS_SYSTEM = "The system prompt is now {name}. It counts from the next message on."
USED_AS_MESSAGE = "{name} is in the message box. Change it, or send it as it is."

# The list
LIBRARY_TITLE = "Prompts"
SEARCH = "Search"
SEARCH_PLACEHOLDER = "Search, for example: email"
SHOW = "Show"
PROMPTS_SHOWN = {"all": "All", "system": "System prompts", "message": "Messages", "own": "My own"}
NOTHING_FOUND = "Nothing found. Try fewer or other words."
NO_OWN_PROMPTS = "No prompts of your own yet. Write one, or copy a ready-made one and change it."
KINDS: dict[Kind, str] = {"system": "System prompt", "message": "Message"}
PROMPT_KIND = "{kind} · {category}"
OWN_CATEGORY = "My own"

# Prompts of one's own, and files of them
NEW_PROMPT = "New prompt"
SAVE_CURRENT = "Save the current system prompt"
EXPORT_PROMPTS = "Export my prompts"
IMPORT_PROMPTS = "Import prompts from a file"
IMPORT_PROMPTS_FILE = "A file that was exported from a playground"
PRESET_LEFT_OUT = "Left out, because a file may not name an address, a key or a tool that runs elsewhere: {names}."
IMPORTED_PROMPTS = "New prompts from the file: {count}."

# One prompt
ALL_PROMPTS = "All prompts"
FIELD_OPTIONAL = "May stay empty"
LONG_FIELD_PLACEHOLDER = "Paste or type the text here"
PREVIEW = "Preview"
HIDDEN_WORDS = ":material/visibility_off: In it are words that nobody sees, and models read them: “{words}”."
REPLACES_SYSTEM_PROMPT = "There is a system prompt already: another one replaces it. One click brings it back."
USE_AS_SYSTEM = "Use as system prompt"
USE_AS_MESSAGE = "Put into the message box"
CHANGE_COPY = "Change a copy"
EDIT_PROMPT = "Edit"
DELETE_PROMPT = "Delete"

# The editor
EDITOR_TITLE = "Edit the prompt"
EDITOR_TITLE_NEW = "New prompt"
PROMPT_NAME = "Name"
PROMPT_NAME_PLACEHOLDER = "What you will look for"
PROMPT_KINDS = "Used as"
PROMPT_ABOUT = "In one sentence (optional)"
PROMPT_ABOUT_PLACEHOLDER = "What it does"
PROMPT_TEXT = "Text"
PROMPT_TEXT_HELP = (
    "Fields to fill in: `{{topic}}`; with a default: `{{tone=friendly}}`; for a long text: "
    "`{{notes...}}`. A backslash before the braces keeps them as they are."
)
PROMPT_FIELDS = "Fields to fill in: {fields}"
PROMPT_NO_FIELDS = r"Write \{\{topic\}\} where something is to be filled in."
SAVE_PROMPT = "Save"
CANCEL_EDIT = "Cancel"
PROMPT_SAVED = "Saved."
PROMPT_CHANGED_ELSEWHERE = "It was changed in another tab. Save again to replace that, or cancel to see it."

# ---- the parameters -------------------------------------------------------------------------------------

MORE_SETTINGS = "More settings"
RESET = "{count} set. Reset"
NOTHING_SET = "Nothing set: the model decides."
SHOW_UNLISTED = "Also what this model does not list"
START_OVER = "Start over"
START_OVER_HELP = "A new chat with the default model, and nothing set. Connection and keys stay."
UNDO_START_OVER = "Undo"

# Each of them
PARAMETER_HELP = "{help} `{name}`"
UNSET = "Unset"
SET = "`{name}`"
SET_NOT_SENT = "`{name}` (not sent)"
IN_ONE_PIECE = "not streamed"  # among them
NOT_SENT = ":orange[**Not sent.** {reason}]"
SEND_ANYWAY = "Send anyway"
SENT_ANYWAY = "Sent anyway. Undo"
LEARNED_HERE = ":orange[**Not sent to this model, because its server refused it:** {parts}.]"
LEARNED_FIELD = "`{name}`"
LEARNED_INSTEAD = "`{name}` (it goes as `{other}`)"
LEARNED = {  # by the fields of backend.protocol.learned.Learned
    "fold_system": "a system prompt of its own (it goes into the first question)",
    "no_stream": "streaming",
    "no_images": "pictures",
    "strict_alternation": "two messages of one side in a row (they are joined)",
    "filled": 'messages without a text (they say "(empty)")',
}
FORGET_LEARNED = "Send it again"
DEFAULT_LENGTH = "{auto} ({default:,})"
FLAGS = {"on": "on", "off": "off"}
LOGIT_BIAS_PLACEHOLDER = "1234: -100"
DATE_PLACEHOLDER = "12/31/2025"
STOP_PLACEHOLDER = "End before this… (\\n = new line)"

# The schema of an answer
SCHEMA = "Schema"
SCHEMA_PLACEHOLDER = '{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}'
SCHEMA_HELP = "JSON Schema. Or with what the API has around it: `name`, `description` and `strict`."
SCHEMA_PROBLEM = ":orange[the schema {problem}]"
SCHEMA_PART_PROBLEM = ":orange[{part} {problem}]"
SCHEMA_NOT_STRICT = (
    ":orange[It is sent without `strict`: with it OpenAI and others would refuse it. "
    "The model may leave the schema.]"
)
SCHEMA_STRICT_ALL_THE_SAME = ":orange[It is sent with `strict`, as it is typed: OpenAI and others would refuse it.]"

# Extra JSON
EXTRA_JSON = "extra JSON"  # in the list of what is set
EXTRA_JSON_PLACEHOLDER = '{"anything": "the API knows"}'

# ---- the presets ----------------------------------------------------------------------------------------

PRESETS = "Presets"
PRESET = "**{name}**"
PRESET_WITH_ABOUT = "**{name}**  {about}"
OWN_PRESETS = "Your own"
EXPORT_PRESET = "Export"
DELETE_PRESET = "Delete"
PRESET_NAME = "Save what is set now as"
PRESET_NAME_PLACEHOLDER = "A name"
PRESET_NAME_DEFAULT = "My preset"
SAVE_PRESET = "Save"
PRESET_WHOLE = "With the model and the system prompt"
PRESET_REPLACED = "The earlier preset named {name} was replaced."
IMPORT_PRESET = "Import a preset"
PRESET_PROBLEM = ":red[{problem}]"
