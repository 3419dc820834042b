"""The texts of the Compare page, in the order of the page."""

from __future__ import annotations

UNTITLED = "Compare"
NEW_RACE = "New comparison"

# The switch of modes, by their ids.
MODE = "What to compare"
MODES = {"race": "Race", "blind": "Blind", "explorer": "Explorer", "suite": "Suite"}

# The empty page.
TITLE = "One question, several answers"
EXPLAINED = (
    "Every lane answers the same question at the same time, each in a conversation of its own. "
    "What a lane does not set for itself, it takes from the sidebar."
)
TEMPERATURES = "One question, three temperatures: see what temperature does"
PROMPTS = "One question, two system prompts: see what an instruction does"

# What the starters ask.
TEMPERATURES_QUESTION = "Begin a story about a lighthouse, in one or two sentences."
TEMPERATURES_SHOW = {
    0.0: "Always the most likely word: ask again, and it says the same.",
    0.7: "Mostly likely words: another answer each time, and still a sensible one.",
    1.5: "Unlikely words too: surprising, and sooner or later nonsense.",
}
PROMPTS_QUESTION = "Why is the sky blue?"
PROMPTS_COMPARED = ("Answer in one short sentence.", "Answer as a pirate would, in two sentences.")

# Blind.
BLIND_TITLE = "Which answer is better, without knowing whose it is?"
BLIND_EXPLAINED = (
    "When you ask, the lanes become A, B, C in a random order, and their answers appear when all are there. "
    "You vote, and then you see which model it was, how fast it was and what it cost."
)
BLIND_LANE = "Answer {letter}"
BLIND_HEAD = "**Answer {letter}**"
BLIND_WAITS = "The answers appear when all of them have ended, so that speed does not tell who is who."
BLIND_READY = "The lanes are in a random order. Vote below, or ask more first."
BLIND_ANSWERING = "Answering…"
BLIND_NO_ANSWER = "No answer came."
BLIND_NO_ANSWER_WHY = "No answer came. {title}"
BLIND_NO_ANSWER_TELLS = "No answer came. The reason would tell whose it is: you read it when you see who is who."
BLIND_ASK_AGAIN = "Ask again what has no answer"
BETTER = "{letter} is better"
BEST = "{letter} is best"
TIE = "Tie"
BOTH_BAD = "Both are bad"
ALL_BAD = "All are bad"
REVEAL = "Show who is who, without a vote"
NOT_COMPLETE = "Not every lane gave a complete answer, so this one has no vote. Ask again, or see who is who."
ALL_THE_SAME = "All lanes are the same model with the same settings: there is nothing to vote on."
NAMES_ITSELF = "**This one does not count:** an answer names its model or its maker ({letters})."
VOTED = "You voted: **{vote}**. It counts once."
TAKE_BACK = "Take it back"
VOTE_TAKEN_BACK = (
    "You took your vote back: it does not count. Now that you know who was who, there is no other one."
)
NOT_VOTED = "This one was revealed without a vote: it does not count."
VOTE_AGAIN = "Ask another question, blind"

# The table of wins.
WINS = "Your table of wins"
WINS_NONE = "No votes yet. They are kept for you alone, and none of them leaves this app unless you export it."
WINS_COUNT = "{count} votes."
WINS_COUNT_ONE = "One vote."
WINS_LEADER = "**{model}** is ahead of all others by more than chance explains."
WINS_CHANCE = (
    "**Nobody is ahead by more than chance explains:** the intervals overlap, as they do when models are equally "
    "good. To see that one wins 6 of 10 against another takes 100 votes on that pair and more."
)
WINS_EXPLAINED = (
    "Strength is on Elo's scale, with 1000 as the mean of this table: 100 points more win 64 of 100. A tie is half "
    "a win for each, *both bad* is counted apart, and the best of several has won against each of the others. "
    "In 95 of 100 tables of as many votes the strength would be in the interval."
)
WINS_APART = "Not ranked, as nobody compared them with the others: {models}."
WINS_COLUMNS = {
    "model": "Model",
    "strength": "Strength",
    "interval": "Interval",
    "compared": "Comparisons",
    "wins": "Wins",
    "ties": "Ties",
    "losses": "Losses",
    "both_bad": "Both bad",
    "cost": "$ an answer",
    "speed": "Words/s",
}
WINS_TABLE = "Models by strength, with their wins, ties and losses"
COST_CHART = "Cost of an answer against strength, a point for each model. The table says the same."
SPEED_CHART = "Words a second against strength, a point for each model. The table says the same."
STRENGTH_AXIS = "Strength"
COST_AXIS = "US dollars an answer"
SPEED_AXIS = "Words a second"
VOTES_CSV = "CSV"
VOTES_JSON = "JSON"
VOTES_IMPORT = "Import"
VOTES_FILE = "Votes as CSV or JSON, such as LMArena publishes"
VOTES_IMPORT_EXPLAINED = (
    "It needs the columns model_a, model_b and winner (model_a, model_b, tie, tie (bothbad)). A vote that is here "
    "already is not counted twice. Up to {rows:,} rows."
)
VOTES_TAKEN = "{count} new votes. {known} were here already."
VOTES_LEFT_OUT = "{count} rows were left out: each needs two models and a known winner."
VOTES_DELETE = "Delete"
VOTES_DELETE_ALL = "Delete all votes"
VOTES_DELETE_EXPLAINED = (
    "A vote holds the names of models, times and costs, and no word of the conversation, so it stays when the "
    "conversation is deleted. All votes are deleted here, for good."
)

# Over the lanes.
ADD_LANE = "Add a lane"
REFUSED = "**{title}** No lane was asked.\n\n{hint}"
LANES_OF = "{count} lanes"
LANES = "Lanes"  # the row of tabs, for screen readers

# The head of a lane.
LANE = "{letter} · {name}"
NO_MODEL = "no model"
MORE = "More"
STOP_LANE = "Stop"
ACTIONS = {
    "chat": "Go on with this one in Chat",
    "regenerate": "Answer again",
    "remove": "Remove this lane",
}
CHIP = "{name} {value}"
CHIP_UNSET = "no {name}"
CHIP_PROMPT = "prompt: {text}"
ASK_OWN = "Ask your own models in a new race"
PLAYED_HEAD = "**{name}**"  # of a recording: there is nothing to set
CHIP_NO_PROMPT = "no system prompt"
FIRST_WORD = "first word {seconds} s"
SPEED = "{speed} words/s"
WAITS = "{seconds} s"
NOT_ASKED = "not asked yet"
STATES = {
    "running": "answering",
    "done": "complete",
    "stopped": "stopped",
    "failed": "failed",
    "interrupted": "interrupted",
}
FASTEST = "fastest start"
MOST_WORDS = "fastest writing"
CHEAPEST = "cheapest"
TIED = "{what} (tied)"
ALL_WITH = "all with {chips}"
COST_UNKNOWN = "which one was cheapest is not known: not every server says what an answer cost"
SHARED_COMPUTER = "they share this computer and wait for one another, so none is called the fastest"

# The settings of a lane.
WHERE = "Where it runs"
NOT_THERE = "{place} (not there)"
MODEL = "Model"
MODEL_PLACEHOLDER = "The id of a model"
AS_SIDEBAR = "As in the sidebar: {value}"
NOT_SENT = "not set"
OWN_PROMPT = "A system prompt of its own"
SYSTEM_PROMPT = "System prompt"
PROMPT_DIFFERENCE = "What differs from the sidebar's"
AS_OTHERS = "As in the sidebar"

# The composer.
MESSAGE_TO_ALL = "Ask all {count} lanes"
MESSAGE_TO_BOTH = "Ask both lanes"
STOP_ALL = "Stop all"

# The explorer: one prompt over a grid, or again and again.
EXPLORER_TITLE = "One prompt, many settings"
EXPLORER_ABOUT = (
    "One prompt, asked over a grid of settings: how alike are the answers, how long, how fast, how dear? "
    "Without a parameter it is the same request again and again."
)
GRID_PROMPT = "Prompt"
GRID_PROMPT_PLACEHOLDER = "What every request asks"
GRID_EXAMPLE = "Name an animal. Answer with one word."
GRID_USE_EXAMPLE = "Use an example"
GRID_DOWN = "Parameter down"
GRID_ACROSS = "Parameter across"
GRID_NO_PARAMETER = "none"
GRID_VALUES = "Values of {name}"
GRID_VALUES_HELP = "With commas between them, or as a range: 0..1 step 0.25. “unset” is for not sent."
GRID_LINES_HELP = "One value a line. “unset” is for not sent."
GRID_RUNS = "Runs of each cell"
GRID_CAP = "Limit, in US dollars"
GRID_CAP_HELP = "No request begins that could take the whole beyond it. Empty: no limit."
GRID_TOOLS = "Tools that the model may call"
GRID_NO_TOOLS = "None"
GRID_TOOLS_HELP = "Its calls are counted, with their arguments. None is run. Your own are made on the Tools page."
GRID_START = "Start"
GRID_NEEDS_PROMPT = "Write a prompt first."
GRID_ONE_REQUEST = "1 request"
GRID_REQUESTS = "{count:,} requests"
GRID_COSTS = "{requests} to {model}: at most about {usd}"
GRID_COSTS_OPEN = "{requests} to {model}: about {usd}; more where answers are longer than {tokens} tokens"
GRID_FREE = "{requests} to {model}, at no cost"
GRID_UNPRICED = "{requests} to {model}; nobody says what it costs, so the limit in dollars cannot be kept"

KEPT_JOBS = {"grid": "Kept experiments", "suite": "Kept runs"}
EXPERIMENTS_KEPT = "They are kept for {days:g} days after they were touched last."
EXPERIMENT_ABOUT = "{model} · begun {when}"
EXPERIMENT_LINE = "{state} · {ended:,} of {total:,} · {when}"
EXPERIMENT_STATES = {
    "running": "running",
    "interrupted": "interrupted",
    "paused": "paused",
    "cancelled": "stopped",
    "done": "complete",
}
EXPERIMENT_FILE = "Ask the experiment of a file again"
EXPERIMENT_FROM_FILE = "**{title}**\n\n{price}. What is asked is what the file says, first this:"
EXPERIMENT_UNREADABLE = "This file holds no experiment."
EXPERIMENT_TOO_LARGE = "The file is too large: there is room for {count:,} bytes."
NEW_EXPERIMENT = "New experiment"
NO_EXPERIMENT = "There is no such experiment. It may have been deleted, or its time was over."
DELETE_EXPERIMENT = "Delete"
EXPORT_EXPERIMENT, EXPORT_TABLE = "Export", "Table (CSV)"
STOP_EXPERIMENT = "Stop"
GO_ON = "Go on"
INTERRUPTED = "The app was stopped while this ran. Nothing that was done is asked again."
IN_FLIGHT_ONE = "1 request was in flight, and may have been charged."
IN_FLIGHT = "{count:,} requests were in flight, and may have been charged."
PAUSED = "Paused. {why}"
UNKNOWN_ONE = "1 request was in flight when it was ended, and may have been charged."
UNKNOWN = "{count:,} requests were in flight when they were ended, and may have been charged."
ASK_UNKNOWN = "Ask them again"
FAILED_ONE = "1 request failed."
FAILED = "{count:,} requests failed."
ASK_FAILED = "Ask those again"
OTHER_SERVER = "This experiment asks another server. Connect to it in the sidebar, then go on."
PROGRESS = "{ended:,} of {total:,}"
PROGRESS_LEFT = "about {time} left"
PROGRESS_SPENT = "{usd} so far"
PROGRESS_WAITS = "the server asked to wait for {time}"
SECONDS = "{count} s"
MINUTES = "{count} min"

MAP_SHOWS = "The map shows"
MAP_FIGURES = {
    "distinct": "Different answers",
    "similarity": "Likeness of the answers",
    "agreement": "Share of the most frequent answer",
    "words": "Words, the middle answer",
    "in_schema": "Share that keeps to the schema",
    "refused": "Share refused",
    "cut": "Share cut off",
    "first": "Seconds to the first word, the middle one",
    "total": "Seconds of the whole, the middle one",
    "cost": "Cost, the middle one",
}
MAP_ALT = "{figure}, cell by cell"
CELL = "Read a cell"
CELL_PART = "{name} {value}"
CELL_EMPTY = "No answer is complete yet."
CELL_ANSWERS = "{complete:,} of {asked:,} answers"
CELL_FIGURES = {
    "distinct": "different **{value}**",
    "agreement": "the most frequent one **{value}**",
    "similarity": "likeness **{value}**",
    "words": "words **{value}**",
    "in_schema": "keep to the schema **{value}**",
    "refused": "refused **{value}**",
    "cut": "cut off **{value}**",
    "first": "first word **{value}**",
    "total": "whole **{value}**",
    "cost": "cost **{value}**",
}
SPREAD = "{label} ({low} to {high}, 9 of 10 up to {p90})"
UNPRICED = "{count:,} without a price"
GROUP = "{count:,} of {complete:,}"
GROUPS_MORE = "{count:,} more different answers are in the exported file."
TEXT_MORE = "… {count:,} more letters are in the exported file."
NO_TEXT = "no text"
FAILURE = ":material/error: {count:,} × {why} {hint}"
CALLS = "Calls of tools"
CALL = "{count:,} × {name} {arguments}"
INSPECT = "Inspect"
INSPECT_WHICH = "Look closer at an answer"
INSPECT_ANSWER = "{number:,} · {text}"
REQUEST_OF_CELL = "The request of this cell"
