"""The texts about a tab's connections, keys and problems, wherever they are drawn."""

# The connections to choose from.
THIS_COMPUTER = "This computer"
RUNNING_HERE = "running here: "  # how a local model's sentence about itself begins
TO_DOWNLOAD = "not here yet, {size} are downloaded with the first question: {about}"
NOT_HERE_YET = "{name} (to be downloaded, {size})"
ANOTHER_SERVER = "Another server"

# The state of the key.
OWN_KEY = "Your own key"
OWN_KEY_ENDING = "Your own key, ending in {last_four}"
KEY_OF_OWNER = "Key set by the owner of this app"
KEY_CONFIGURED = "Key found in the configuration"
NO_KEY = "No key yet"

# What is wrong with a typed address.
NOT_AN_ADDRESS = "This is not an address. It looks like https://api.example.com/v1."
PERHAPS_ADDRESS = "Perhaps it is {address}"
KEY_IN_ADDRESS = "Leave name, password and key out of the address: a key has a field of its own."

# What is wrong with a setting.
EXTRA_JSON = "Extra JSON"
SCHEMA = "The schema"
STREAM_IN_EXTRA_JSON = "stream has a switch of its own."

# What is wrong with a file of settings.
SECRETS_LINE = (
    "{name} is not understood at {place}. A text stands in straight quotation marks, and each name once, as in "
    'PLAYGROUND_SHARED = "1". Mend it, then start the app again.'
)
SECRETS_ENCODING = "{name} is not plain UTF-8. Save it as UTF-8 without BOM, then start the app again."
SECRETS_FOLDER = "{name} is a folder. Docker makes one where the file to mount is missing: put the file there."
SECRETS_CLOSED = (
    "{name} may not be read by the user who runs this app: change its owner or its mode (chown, chmod)."
)

# What is wrong with an attachment.
TOO_MANY_WAIT = "{count} messages wait already."
TOO_MANY_FILES = "At most {count} files go with one message."

# Signing in: the password.
TOO_MANY_TRIES = "Too many tries. Wait {time}, then try again."
NOT_THE_ONE = "That is not the password. Try again."
NOT_THE_ONE_WAIT = "That is not the password. Wait {time}, then try again."
SECOND = "{count} second"
SECONDS = "{count} seconds"

# What was deleted, and can be restored for some seconds.
MESSAGE_DELETED = "Message deleted"
MESSAGES_DELETED = "{count:,} messages deleted"
LANE_REMOVED = "Lane removed, with what it said"
CONVERSATION_DELETED = "Conversation deleted"
CONVERSATIONS_DELETED = "{count:,} conversations deleted"
DELETED = "Deleted: {name}"
EXPERIMENT_DELETED = "Experiment deleted"
TOO_LATE = "It is too late to undo this: it is deleted for good."

# Scripts for the stage.
UNTITLED_SCRIPT = "Untitled script"
NO_SUCH_SCRIPT = "It is not here any more: it was deleted, or it is another person's."
SCRIPT_NOT_KEPT = "This script is not kept, and is gone with the next reload. {reason}"

# Runs of the studio.
NOT_OFFERED = "This server does not offer it."
NO_RECORDING = "This is no recording that can be written down."
DICTATED = "dictation"
NOT_OUR_NAME = (
    "This playground does not answer under this name: a page of the web may have its name lead to your machine. "
    "Open http://localhost with the port that it was started with. If the name is yours, put it into "
    "STREAMLIT_SERVER_ALLOWED_HOSTS."
)
MODEL_NOT_FOR_GUESTS = "The owner has not opened this model to guests."
OTHER_MODEL_FOR_GUESTS = "A request of this run names another model than the chosen one, which guests have to ask."
TOO_LONG_FOR_GUESTS = "An answer may be at most {most:,} tokens long for guests, and each request has to say so."
UNPRICED_FOR_GUESTS = "The price of this is not known, so it is closed to guests."
NOT_YOURS = "This belongs to the account of the app's owner, and no run of yours made it."
RUN_OF_ANOTHER_SERVER = (
    "This run asks a server that is not connected here. Choose it under Connection, then look again."
)
