"""The texts about models: the picker of the sidebar, its filter, the Models page and its chart."""

from __future__ import annotations

# ---- the picker of the sidebar --------------------------------------------------------------------------

MODEL = "Model"
MODEL_PLACEHOLDER = "Type a model id"
USED_LAST = "Used last"
OTHER_MODELS = "Others"  # of no developer that the list names
USE_AS_TYPED = "Use “{typed}” as typed"
USE_AS_TYPED_HINT = "Any id that the server knows"
SHOW_RETIRED_TOO = "Show retired ({count})"
FOUND = "Models: {count}"
NOTHING_MATCHES = "No model matches. Try fewer words."
RETIRED_MODEL = "retired"
RUNS_HERE = "runs on this computer, free"

# What is known about the model in use
STUDIO_MODEL = "{model} does not chat: it works in the studio."
OPEN_IN_STUDIO = "Open it in the studio"
NO_CHAT_MODEL = "**{model}** is no chat model: the server will most likely refuse."
RETIRED_IN_USE = "**{model}** is retired at the provider and will most likely refuse."
RENAMED = "The server lists **{typed}** as **{model}** now. It is asked for as typed."
LISTED_AS = "The list has {typed} under this id: {model}."
NOT_IN_LIST = "Not in the server's list: it is asked for as typed."
USE_MODEL = "Use {model}"
CONTEXT_LENGTH = "{tokens} context"

# The state of the list
ASKING_FOR_MODELS = ":material/progress_activity: Asking the server for its models…"
LIST_FAILED_OLDER_SHOWN = (
    ":material/cloud_off: The list of models could not be read. {reason} The models known before are shown."
)
LIST_FAILED_TYPE_ID = (
    ":material/cloud_off: The list of models could not be read. {reason} A model's id can be typed."
)
LIST_ABSENT = "This server has no list of models: type the id of one."

# While the model that the address names waits for a key
ADD_KEY_IN_SIDEBAR = (
    ":material/key: **Add a key to use {model}.** It runs at {where}. "
    "Paste it at the end of the sidebar. Nothing was sent."
)
ADD_KEY_ELSEWHERE = (
    ":material/key: **Add a key to use {model}.** It runs at {where}. "
    "Until then {current} answers. Nothing was sent."
)
CONNECT = "Connect"
DISMISS = "Dismiss"

# ---- the filter of the picker and of the page -----------------------------------------------------------

FILTER = "Filter"
FILTERED = "{left} of {total} models"
ABILITIES_NEEDED = "The model can"
ABILITIES = {
    "image": "Vision",
    "audio": "Audio",
    "file": "Files",
    "tools": "Tools",
    "reasoning": "Reasoning",
    "web_search": "Web search",
    "structured_output": "Structured output",
}
HIGHEST_PRICE = "Highest price"
HIGHEST_PRICE_HELP = "US dollars per million tokens, in and out."
HIGHEST_PRICE_UNKNOWN = "The server has not said its prices, or not yet."
ANY_PRICE = "any"
CLEAR_FILTER = "Clear"

# ---- the Models page ------------------------------------------------------------------------------------

# Where the list comes from
LOCAL_MODELS = "These run on this computer, with no key and no account."
CONNECT_FOR_OTHERS = "Connect {where} for 400+ others"
ASKING_SERVER = "Asking {where} for its models…"
NO_MODELS = "{where} lists no models. Any id can be typed."
MODEL_COUNT = "**{count:,} models** answer through {where}."
LOOKING_FOR_NEWS = "Looking for news…"
BUNDLED_LIST = "This is the list this app came with: the server gave none."
SPEEDS_MEASURED = "Speeds were measured over the last {minutes:.0f} minutes."
SPEEDS_FAILED = "There are no live speeds: {reason}"
NO_SPEEDS = "This server publishes no live speeds."

# Search, and the switch for retired models
SEARCH = "Search"
SEARCH_PLACEHOLDER = "Search {count:,} models"
SHOW_RETIRED = "Retired ({count})"
NO_MODEL_FITS = "No model fits. Try fewer words, or clear the filter."
MATCHES = "{count:,} of {total:,} models"

# The table
TABLE_ALT = "The models, one per row"
COLUMNS = {
    "id": "Model",
    "name": "Name",
    "developer": "Developer",
    "abilities": "Can",
    "context": "Context",
    "price_in": "$ in",
    "price_out": "$ out",
    "first_token_p50": "First token p50",
    "first_token_p90": "First token p90",
    "tokens_per_second_p50": "Tokens/s p50",
    "tokens_per_second_p90": "Tokens/s p90",
    "retired": "Retired",
}
COLUMN_HELP = {
    "id": "The id that is sent.",
    "abilities": "What is said to work beyond text.",
    "context": "Tokens of question and answer together.",
    "price_in": "US dollars per million tokens that go in.",
    "price_out": "US dollars per million tokens that come out.",
    "first_token_p50": "Typical wait for the first token (p50).",
    "first_token_p90": "9 of 10 answers begin sooner than this.",
    "tokens_per_second_p50": "Typical speed of an answer (p50).",
    "tokens_per_second_p90": "1 of 10 answers is faster than this.",
    "retired": "The provider does not offer it any more.",
}
CHOOSE_ROW = "Choose a row to see everything about a model, and to open it in the chat."

# The facts of one model
OPEN_IN_CHAT = "Open in chat"
RETIRED = "Retired at the provider: it will most likely refuse."
RETIRED_WITH_SUCCESSOR = (
    "Retired at the provider: it will most likely refuse. "
    "The nearest living model of {developer} is **{successor}**."
)
FACTS = {
    "developer": "Developer",
    "aliases": "Also known as",
    "context": "Context",
    "max_output": "Max output",
    "price": "Price",
    "speed": "Speed",
    "limits": "Limits",
    "default_max_tokens": "When max_tokens is not sent",
    "parameters": "Parameters it lists",
}
TOKENS = "{count:,} tokens"
FIRST_TOKEN = "first token after {first:.2f} s"
RATE = "then {rate:.0f} tokens per second"
FIRST_TOKEN_AND_RATE = "first token after {first:.2f} s, then {rate:.0f} tokens per second"
LIMIT = "{name} {low:g} to {high:g}"
SHARED_PARAMETERS = "{names} (a schema of many models: a hint, no promise)"

# ---- the chart ------------------------------------------------------------------------------------------

CHART_TITLE = "Price and speed"
CHART_ABOUT = "Fast and cheap is at the top left. Equal steps multiply: both axes are logarithmic."
CHART_ALT = "The speed of each model against its price"
PRICE_AXIS = "US dollars per million tokens out"
SPEED_AXIS = "Tokens per second"
TOOLTIP = {"name": "Model", "developer": "Developer", "costs": "Price", "answers": "Speed"}
COSTS = "{price} per million tokens out"
ANSWERS = "{rate:.0f} tokens per second"
ANSWERS_WITH_FIRST_TOKEN = "{rate:.0f} tokens per second, first one after {first:.2f} s"
