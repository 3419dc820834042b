"""The texts about tool servers (MCP) on the Tools page.

A constant's name is the id of its text. Placeholders in a template are named; `format` fills them in.
"""

from __future__ import annotations

# ---- adding one ---------------------------------------------------------------------------------------------

SERVERS = "Tools of MCP servers"
ADD_SERVER = "Add an MCP server"
PASTE = "Address, command, or an mcp.json"
PASTE_PLACEHOLDER = (
    "https://example.com/mcp\nor a command: uvx mcp-server-time\n"
    'or the mcp.json of Claude Desktop, VS Code or Cursor: {"mcpServers": {...}}'
)
PASTE_HELP = (
    "A command runs on this machine with your rights, once you click Start. Values of variables and headers are "
    "taken for keys: they stay in this tab and are never shown or saved."
)
SECRET = "Bearer token or header, for an address (optional)"
SECRET_PLACEHOLDER = "token, or X-Api-Key: value"
SECRET_HELD = "The token that you typed is held for the address."
ADD = "Add"
FILE = "Or a file: mcp.json, claude_desktop_config.json"
ADDED = "Added: {names}."
ONLY_HTTPS = "On this app servers are added by their addresses, and those begin with https://."
TOO_MANY = "There is room for {most} servers."

# ---- the card -----------------------------------------------------------------------------------------------

STATES = {
    "off": ":gray-badge[not connected]",
    "connecting": ":blue-badge[:material/progress_activity: connecting]",
    "on": ":green-badge[connected]",
}
STATE_NOT_STARTED = ":gray-badge[not running]"
TOOLS_COUNT = "{count} tools"
ONE_TOOL = "1 tool"
LATENCY = "{milliseconds:.0f} ms"
CONNECT = "Connect"
START = "Start this command"
RUNS_HERE = "This command runs on this machine, with your rights. It gets none of this app's keys."
COMMANDS_CLOSED = (
    "A command starts only for a browser on the machine that the app runs on, at localhost. Elsewhere whoever "
    "reaches the page could run programs here; PLAYGROUND_COMMANDS=1 in the app's settings allows it."
)
VARIABLES = "Variables that it gets: {names}"
HEADERS = "Headers that go with each request: {names}"
DISCONNECT = "Disconnect"
STOP = "Stop"
CHECK = "Check"
CHECK_HELP = "Ask for the tools again, and see how long that takes."
REMOVE = "Remove"
MISSING = "{name} (a value that is not kept; type it)"
SAYS_ASIDE = "What the program writes beside its messages"
NO_TOOLS = "This server has no tools."
SLOW_START = "The first start of npx or uvx fetches the program and takes a while."

SIGN_IN = "Sign in with the browser"
SIGN_OUT = "Sign out"
SIGN_OUT_HELP = (
    "Forgets what the sign-in gave this tab: the next one can be with another account. The server may remember "
    "that it let this app in, until you end that on its own pages."
)
SIGN_IN_HERE = "The server wants you to sign in at **{host}**. Afterwards your browser comes back to this app."
OPEN_SIGN_IN = "Open the page to sign in"
SIGN_IN_TOKENS = "What you allow there is told to {host}."
OWN_CLIENT = "With a client id that you have got from the server's owner"
OWN_CLIENT_BACK = "The server sends browsers to an address that is registered there with the client id. Here it is:"
CLIENT_ID = "Client id"
CLIENT_SECRET = "Client secret, where there is one"
SIGN_IN_AS = "Sign in with this client id"
WANTS_KEY = "With a token of yours: remove this card, and add the server again with the token or a header."
NO_SIGN_IN = (
    "To sign in with the browser (OAuth), this app needs an address of its own to which the browser comes back."
)
SIGNED_IN = "You can close this page and go back to the app."
NOBODY_SIGNS_IN = "Nobody waits for this sign-in any more. Go back to the app and try again."

ABOUT = "About this server"
ABOUT_NAME = "It calls itself **{name}** {version}"
ABOUT_ANONYMOUS = "It does not say what it is called."
PROTOCOL = "Protocol {version}, {era}"
ERA_SESSIONS = "with a session"
ERA_REQUESTS = "without sessions"
CAPABILITIES = "It offers: {names}"
INSTRUCTIONS = "Its instructions for models (not sent to any unless you copy them)"

WIRE = "Messages (JSON-RPC)"
WIRE_COUNT = "{count} messages, {kilobytes:.1f} kB since it was connected; the last {shown} are here."
WIRE_EMPTY = "Nothing has gone over the wire yet."
WIRE_LINE = "{at:7.2f} s  {way} {what:<24} {size:>9,} B  {took}"
WIRE_OUT = "to  "
WIRE_IN = "from"
WIRE_TOOK = "after {milliseconds:.0f} ms"
WIRE_SHOW = "Message"
WIRE_REPLY = "reply"
WIRE_FRAME = "{place}: {what}, {size:,} B"

ITS_TOOLS = "Its tools"
FIND_TOOL = "Find a tool by its name or description"
MORE_TOOLS = "{count} more: type a part of a name to find one."
NONE_FOUND = "None of its tools is called so."

# ---- resources, prompts, questions ---------------------------------------------------------------------------

OTHERS = {
    "resource": ("Resources", "Choose a resource ({count})", ":material/draft:"),
    "prompt": ("Prompts", "Choose a prompt ({count})", ":material/notes:"),
}
READ = "Read"
ATTACH = "Attach to the next question"
GET_PROMPT = "Get"
USE_PROMPT = "Put into the message box"
ASKS = ":orange-badge[:material/front_hand: waiting for you] **The server {name} asks you:**"
WANTS_PAGE = (
    ":orange-badge[:material/front_hand: waiting for you] **The server {name} wants you to open a page at** "
    "**{host}.** The page learns nothing from this app, and this app does not see what you do there."
)
PAGE_LOOKS_ALIKE = "Its name has letters that can look like others (xn--). Is it the page that you know?"
OPEN_PAGE = "Open the page"
PAGE_OPENED = "I have been there"
ANSWER = "Answer"
DECLINE = "Decline"

# ---- a model that a server wants asked (sampling) ------------------------------------------------------------

WANTS_MODEL = (
    ":orange-badge[:material/front_hand: waiting for you] **The server {name} wants a model to answer this.** "
    "The model gets what stands here and nothing of your conversation."
)
SAMPLING_ROLES = {
    "system": "As its instructions",
    "user": "As the user's words",
    "assistant": "As the model's words",
    "tool": "As the result of a tool",
}
SAMPLING_TOOLS = "It may call these tools; the server runs them:"
SAMPLING_CALL = "It calls {name} of the server"
SAMPLING_NO_PICTURES = "This model takes no pictures. Choose another one in the sidebar, or decline."
SAMPLING_CALLS_NONE = "This model calls no tools. Choose another one in the sidebar, or decline."
SAMPLING_TERMS = "At most {most:,} tokens of answer."
SAMPLING_WISHES = "The server would like: {names}."
SAMPLING_COSTS = "It costs at most about {cost}, as any answer of yours."
SAMPLING_NO_MODEL = "No model can be asked: it needs a key, or the model on this machine."
SAMPLING_MODEL = "a model"
SAMPLING_ASK = "Ask {model}"
SAMPLING_RUNS = "{model} answers ..."
SAMPLING_SAID = "{model} answers this. The server has not got it yet."
SAMPLING_EMPTY = "The answer has no words."
SAMPLING_COST = "It cost {cost}."
SAMPLING_SEND = "Send to the server"
SAMPLING_AGAIN = "Ask again"

# ---- its tools ----------------------------------------------------------------------------------------------

HINTS = {
    "read_only": ":green-badge[read-only]",
    "destructive": ":red-badge[destructive]",
    "idempotent": ":gray-badge[repeatable]",
    "open_world": ":gray-badge[reaches the outside]",
}
HINTS_ARE_CLAIMS = "This is what the server says of its tool; nobody checks it."
MUST_ASK = "It says that it may destroy something, so you are always asked first."
ITS_NAME = "The server calls it `{name}`; the model is told `{offered}`."
HIDDEN = "Characters that nobody sees are in its definition: {codes}."
ORDERS = "Its definition speaks to the model: “{words}”."
REFUSED = "Some providers refuse this schema, and with it the whole question:"
COST = "About {tokens} tokens of each question."
NEW_TOOLS = "Since you connected it, this server has got more tools: {names}. They are off until you turn them on."
CHANGED = "**{name}** is described in another way than when you allowed it. It is off until you allow it again."
CHANGED_LOOK = "What is different in {name}"
ALLOW = "Allow the new {name}"

# ---- trying one ---------------------------------------------------------------------------------------------

TRY = "Run it yourself, without a model"
REQUIRED = "{name} *"
NAMELESS = "a value whose name is empty"
JSON_FIELD = "{name} (JSON)"
RUN = "Run"
CANCEL = "Cancel"
RUNNING = "It runs."

RUNS_ON = "It runs on the server {name}."

# ---- results ------------------------------------------------------------------------------------------------

PARTS = "What came with it"
PICTURE_NOT_SHOWN = "A picture ({kind}) that cannot be shown."
AUDIO_NOT_SHOWN = "Audio ({kind}) that cannot be played."
FILE_PART = "File: {address} {kind}"
STRUCTURED = "Structured content"
SPEAKS_TO_MODEL = ":orange-badge[:material/warning: speaks to the model]"
SPEAKS_TO_MODEL_WORDS = "The result looks like an instruction to the model: “{words}”."
