"""What visitors read on the Compare page: words only, in the order of the page."""

from __future__ import annotations

UNTITLED = "Compare"
NEW_RACE = "New comparison"

# The switch of modes, by their ids.
MODE = "What to compare"
MODES = {"race": "Race", "blind": "Blind"}

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
MODEL = "Model"
MODEL_PLACEHOLDER = "The id of a model"
AS_SIDEBAR = "As in the sidebar: {value}"
NOT_SENT = "not set"
TEMPERATURE = "Temperature"
MAX_TOKENS = "Longest answer, in tokens"
OWN_PROMPT = "A system prompt of its own"
SYSTEM_PROMPT = "System prompt"
PROMPT_DIFFERENCE = "What differs from the sidebar's"
AS_OTHERS = "As in the sidebar"

# The composer.
MESSAGE_TO_ALL = "Ask all {count} lanes"
MESSAGE_TO_BOTH = "Ask both lanes"
STOP_ALL = "Stop all"
