"""The texts of the Studio page, in the order of the page."""

from __future__ import annotations

# The switch of families, by their names, with a picture each.
FAMILY = "What to make"
FAMILIES = {
    "image": ":material/image: Image",
    "video": ":material/movie: Video",
    "music": ":material/music_note: Music",
    "speech": ":material/graphic_eq: Speech",
    "transcription": ":material/mic: Transcription",
    "embeddings": ":material/scatter_plot: Embeddings",
    "moderation": ":material/shield: Moderation",
    "ocr": ":material/document_scanner: Documents",
    "3d": ":material/deployed_code: 3D",
    "search": ":material/travel_explore: Search",
    "assistants": ":material/forum: Assistants",
    "batch": ":material/table_rows: Batch",
}
ABOUT = {
    "image": "Pictures from words, and from other pictures.",
    "speech": "A text, read aloud.",
    "transcription": "What is said in a recording, as text with times.",
    "embeddings": "How near texts are to each other. A text on each line.",
    "moderation": "Whether texts are safe, and why not. A text on each line.",
    "video": "Clips from words and pictures. They take minutes: you may leave, and come back.",
    "music": "Songs and sounds from words. They take a minute or more: you may leave, and come back.",
    "3d": "A mesh from a picture, as a file for a 3D program.",
    "ocr": "The text of PDF files and pictures, as Markdown.",
    "search": "A question, looked up: an answer with its sources, with pictures and facts where there are any.",
    "assistants": "OpenAI's assistants: a thread, its runs, and tools whose outputs you give by hand.",
    "batch": "A table of requests, answered within an hour or so, for about half the price.",
}
ONLY_LOCAL = (
    "This computer's model gives vectors, if rough ones: it was made to write. Pictures, speech, transcripts, "
    "clips and music come from a server: choose one under *Connection*."
)
USE_CONFIGURED = "Use {name}"
NEEDS_KEY = "{name} needs a key: add it under *Connection* in the sidebar. The form can be filled in before."

# The form.
MODEL = "Model"
MODEL_PLACEHOLDER = "Choose a model, or type the id of one"
RETIRED = "{name} (retired)"
RETIRED_IN_USE = (
    "The provider has retired this model: it will most likely refuse. Others of its kind are in the list."
)
NOT_SET, LINES_PLACEHOLDER = "not set", "one per line"
FLAGS = {True: "on", False: "off"}
JSON_PLACEHOLDER = "JSON, see the provider's reference"
LINK_OR_FILE = "or a link, https://..."
LINKS_OR_FILES = "or links, one per line"
FILE_HELP = "{most} MB at most. For a longer one give a link."
TAKEN = "With the picture {name} of the results."
TAKES_NO_PICTURE = "The picture of the results waits: this model takes none. Choose one that does."
TAKES_NO_FRAME = "The last frame of the clip waits: this model begins with no picture. Choose one that does."
TAKE_BACK = "Without it"
RECORD = "Record"
MASK_HELP = "A PNG file as large as the picture, transparent where it may change."
MASK_ALONE = "A mask needs the picture that it is for."
PAINT = "Paint over what may change; the rest stays."
BRUSH, UNDO_STROKE, CLEAR_STROKES = "Brush", "Undo", "Clear"
PAINT_LATER = "Once a picture is chosen, its mask can be painted here."
PAINT_NOT = "This picture cannot be painted on here: upload a mask."
PAINTED_FILE = "painted-mask.png"
TOO_MANY_FILES = "{name}: {count} are given, and the model takes {most}."
FIELD_HELP = "Sent as `{name}`, and only when it is set. {limits}"
# Of fields that are not sent by their names, by family and field.
FIELDS_HELP = {
    ("search", "site"): "Pages of one site. Goes into the question as `site:example.com`.",
    ("search", "phrase"): 'Words that stand together on the page. Go into the question in "quotes".',
    ("search", "without"): "Words that must not be there. Go into the question with a minus each.",
    ("batch", "table"): "CSV with a head, JSON Lines, or a list in JSON: a request from each row.",
    ("batch", "prompt"): "The question of each row, with columns of the table in double braces.",
}
QUERY_SENT = "Asked as:"
QUERY_WORDS = (
    "A chat model gets this as its question, and looks it up as it sees fit. Filters that its server applies are "
    "under *More settings*."
)
FILES = "Pictures, clips and sounds to go with it"
MORE = "More settings"
MORE_SET = "Set: {names}"
EXTRA = "Extra JSON"
EXTRA_PLACEHOLDER = '{"name": "value"}'
EXTRA_HELP = "Goes into the request as it is: for what a newer model takes and this form does not know."
FILES_LOST = "The page was loaded anew, and has no more of: {names}. Choose it again, and paint its mask anew."
WITHOUT_FILES, RUN = "Go on without", "Run"
BEGUN = "At work. The result comes under *Results*."
REQUESTS = "Requests: {count:,}."
RUNS_AT_MOST = "Costs ${usd}, by the server's list."
RUNS_BETWEEN = "Costs ${low} to ${high}, by the server's list."
FREE = "Costs nothing: it runs on this computer."
CLOSED = "The server's list does not say what this costs, so it is closed to guests."
NO_PRICE = "The server's list does not say what this costs."
MISSING = "{name} is missing."
ONE_OF = "Give {names}, not both and not none."
FILE_TOO_LARGE = "{name} is larger than {most} MB. Give a link to it, or choose a smaller one."
FILE_UNUSABLE = "{name} is no {kind} that can be sent."
NO_LINK = "{name}: a link begins with https://."
KINDS = {"picture": "picture", "sound": "sound", "clip": "clip", "document": "PDF file or picture"}
MODEL_MISSING = "Choose a model."

# The request as it would be sent.
REQUEST = "Request"
REQUEST_AS = "Show as"
LANGUAGES = {"json": "JSON", "curl": "curl", "requests": "Python", "fetch": "JavaScript"}
FILE_IN_JSON = "<{count} file(s) of yours, as data URI>"
FILE_IN_FORM = "<{count} file(s) of yours, as parts of a form (multipart/form-data)>"
UNFINISHED = "Not complete yet: {problem}"

# Results.
RESULTS = "Results"
NO_RESULTS = "Nothing yet. What you make is kept here, with everything that made it."
ROOM = "{used} of {whole} MB used{days}. Search on History finds results, too."
ROOM_DAYS = "; results are kept for {days:g} days"
STATES = {
    "waiting": "waits",
    "running": "at work",
    "parked": "still at work there",
    "untold": "not told what came of it",
    "done": "done",
    "failed": "failed",
    "unknown": "ended without an answer",
    "cancelled": "stopped",
}
ELAPSED = "{state} · {time}"
USUALLY = "usually {time}"
SECONDS, MINUTES = "{count} s", "{minutes} min {seconds} s"
LEFT_ALONE = "Its server is not connected here, so nobody looks whether it is ready. Choose it under *Connection*."
WORD = "The server says: {word}."
WORD_UNKNOWN = "The server says “{word}”, a word that is not known here. It is asked again until it gives a result."
COST_UNKNOWN, COST_NOTHING = "cost not reported", "cost nothing"
SEED = "seed {seed}"
BLOCKED = "The provider marked this result as blocked: it may be black or blurred."
REWRITTEN = "The model used: {prompt}"
BESIDE = "What else the server says"
NOT_FETCHED = "The result could not be kept: {problem}"
ITS_LINK = "Its link, which may die soon"
GONE = "The file is not here any more."
DETAILS, SAVE_DETAILS = "Details", "Save as JSON"
ASK_ABOUT = "Ask about it"
USE_AS_INPUT = "Use as input"
USE_AGAIN = "Into the form"
AGAIN = "Again"
SAME_AGAIN, VARY_SEED = "Same again", "With another seed"
BESIDE_MODEL = "Beside it, by another model"
MODEL_PLACEHOLDER_SHORT = "Choose a model"
RUN_BESIDE = "Run beside it"
LEFT_OUT = "It does not know, and so is not sent: {names}."
SIDE_BY_SIDE = "The same input side by side"
BEGUN_AGAIN = "At work. The result comes first under Results."
OF_ANOTHER_SERVER = "This run asked another server. Choose it under Connection."
FILE_GONE = "A file of this run is not there any more."
FILE_GONE_HINT = "Put its settings into the form, and choose the file again."
LOOK_AGAIN, FORGET, DELETE = "Look again", "Forget", "Delete"
FORGET_SURE = "It is deleted here. What the server works on goes on there, and is charged all the same."
DELETE_SURE = "The result is deleted for good, with its files."
DELETE_FOR_GOOD = "Delete for good"
DOWNLOAD = "Download"
NOT_DRAWN = "It is not drawn here, only to be downloaded: {problem}"
UNDRAWN = "The viewer could not be loaded: download the mesh, or load the page again."
CLOSE, GO_ON_FRAME, FRAME_TAKING = "Close", "Go on from its last frame", "Taking it ..."
FRAME_NAME = "{name}, last frame"
FRAME_TAKEN = "The last frame of the clip waits in the form."
FRAME_FAILED = "This browser cannot take a frame out of this clip. Download it, and choose a picture in the form."
FRAME_UNUSABLE = "The frame did not come as a picture. Try it again."
BOX = "Part {number} of {count}"
BOXES = "Parts of the page: click on one for its text, arrow keys go on"
BOXES_MORE = "{count:,} more parts of this page are not drawn."
BEFORE, AFTER = "Before", "After"
COMPARE = "Before and after: move with the arrow keys, the mouse or a finger"
COMPARE_SHARE = "{share}% before"
SLOW_MESH = "This browser has no graphics card: the page will stand still for a while."
DRAW_MESH, TURN = "Draw it", "Turn it with the mouse, a finger, or the arrow keys."
ARRIVES = "It is still coming, and plays meanwhile."
MORE_RESULTS = "Show more"

# Transcripts.
SPEAKER = "Speaker {name}"
SEEK = "Click on a word to hear it from there."
DOUBTFUL = "The model is not sure of this word."
RECORDING_ELSEWHERE = "The recording is at a link, so its words do not lead into it."
CUT_TRANSCRIPT = (
    "Longer than there is room for in one result: the first {kept:,} of {letters:,} letters are kept, and times of "
    "{timed:,} of {words:,} words. Cut the recording into parts to have all of it."
)
NO_TIMES = "This model gives no times."
TEXT_FILE, SRT_FILE, VTT_FILE = "Text", "Subtitles (SRT)", "Subtitles (VTT)"
NO_SPEECH = "No words were heard."

# OCR.
PAGE = "Page {number}"
PAGES_MORE = "{count} more pages are in the file."
PAGE_OF = "Page, of {count}"
PAGE_NOT_DRAWN = "This page was not drawn: its text is here."
PDF_NOT_DRAWN = "Its pages are not drawn: that is done for a PDF file when it is read."
MARKDOWN_FILE = "Markdown"

# Vectors.
VECTORS = "{count} vectors of {length} numbers"
NEAREST = "Nearest pairs"
PAIR_ONE, PAIR_OTHER, PAIR_COSINE = "Text", "Nearest to", "Cosine"
MATRIX = "Every text beside every other"
PLANE = "In a plane (keeps {kept:.0%} of the variance)"
ONE_VECTOR = "One vector: with two texts or more, their distances are shown."
CSV_FILE, NPY_FILE = "Vectors (CSV)", "Vectors (NPY)"
QUERY, RANK = "Query", "Rank"
QUERY_PLACEHOLDER = "A text to rank these by"
QUERY_COSTS = "A query costs ${usd} at most, by the server's list."
QUERY_AT_WORK = "The query is at work ..."
QUERY_EMPTY = "Write a query first: a text to rank the others by."
RANKED = "Nearest to “{query}” · {cost}"
RANKED_ALT = "Texts, the nearest to the query first"
RANKED_TEXT, RANKED_COSINE = "Text", "Cosine"

# Verdicts.
VERDICT_STATES = {"safe": "safe", "unsafe": "unsafe", "none": "no verdict"}
VERDICT_TEXT, VERDICT, VERDICT_WHY = "Text", "Verdict", "Why"
VERDICT_SCORES = "Highest scores"
UNSAFE_COUNT = "{unsafe} of {count} unsafe"

# A table of requests.
TABLE_HELP = "CSV with a head, JSON Lines, or a list in JSON: a request from each row. 8 MB at most."
TABLE_PLACEHOLDER = "or paste it: a head, and a row for each request"
TABLE_NO_TEXT = "The file is no text in UTF-8."

# What a search found.
FOUND = {
    "answer": "Answer",
    "links": "Links",
    "pictures": "Pictures",
    "videos": "Videos",
    "weather": "Weather",
    "map": "Map",
    "facts": "Facts",
}
FOUND_KINDS = {
    "links": "links",
    "images": "pictures",
    "videos": "videos",
    "weather": "weather",
    "local-map": "map",
    "knowledge": "facts",
}
FOUND_MISSING = "The server gave no {kinds}."
NOTHING_FOUND = "Nothing was found."
RELATED = "Others ask: {questions}"
OPEN_MAP = "Open the map"
FORECAST = "Forecast"
FACTS: dict[str, str] = {}
WEATHER = {
    "day": "Day",
    "date": "Date",
    "location": "Place",
    "weather": "Sky",
    "temperature": "Temperature",
    "unit": "Unit",
    "high": "High",
    "low": "Low",
    "precipitation": "Rain",
    "humidity": "Humidity",
    "wind": "Wind",
}

# Threads of assistants.
ROLES = {"user": "You", "assistant": "Assistant"}
NO_TEXT = "(no text)"
NO_MESSAGES = "The thread could not be read."
TIMELINE = "The run: {times}"
STEP = "Step: {facts}"
GIVEN = "Tool: {call}"
WAITS_FOR_YOU = "waits for you"
TIME_LEFT = "{minutes} min {seconds} s were left when this was drawn."
TIME_OVER = "Its ten minutes are over: it has most likely expired."
OUTPUT_OF = "Output of {name}"
OUTPUT_HELP = "Goes to the model as text, as the result of this call."
GIVE_OUTPUTS = "Give the outputs"
GO_ON = "Go on in this thread"
CANCEL = "Cancel"
CANCELLED = "Asked to end it. What is ready by then comes all the same, and may be charged."

# Results of a batch.
ROWS_COUNT = "{good} of {count} answered"
ROWS_PARTIAL = "Results in part, the batch ended before its time: {counts}."
ROWS_CUT = "Rows with more words than there is room for here: {count:,}. JSON Lines has them whole."
ROWS_MORE = "{count} more rows are in the files."
ROWS_CSV, ROWS_JSONL = "Results (CSV)", "Results (JSON Lines)"
ROW_ID, ROW_STATE, ROW_ASKED, ROW_ANSWER = "Id", "State", "Asked", "Answer"
ROW_STATES = {
    "processing": "at work",
    "succeeded": "answered",
    "errored": "failed",
    "canceled": "cancelled",
    "expired": "expired",
    "missing": "no result",
}
PROGRESS = "So far: {counts}."
