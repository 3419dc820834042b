"""The texts of elements that many pages share."""

# The first Tab stop of a page.
SKIP_TO_COMPOSER = "Skip to the message box"

# Under a message.
COPY = "Copy"
COPIED = "Copied"

# When something was deleted.
UNDO = "Undo"

# Times.
MINUTE_AGO = "{count} minute ago"
MINUTES_AGO = "{count} minutes ago"
HOUR_AGO = "{count} hour ago"
HOURS_AGO = "{count} hours ago"
DAY_AGO = "{count} day ago"
DAYS_AGO = "{count} days ago"
JUST_NOW = "just now"

# A model, in a few words.
ABILITIES = {  # by the capability of a model list
    "vision": "vision",
    "audio_input": "audio",
    "file": "files",
    "tools": "tools",
    "reasoning": "reasoning",
    "web_search": "web search",
    "structured_output": "structured output",
}
# Its prices.
PRICES = "{price_in} in · {price_out} out"
PRICE_IN = "{price_in} in"
PRICE_OUT = "{price_out} out"
PRICES_PER_MILLION = "{price_in} in · {price_out} out per million tokens"
PRICE_IN_PER_MILLION = "{price_in} in per million tokens"
PRICE_OUT_PER_MILLION = "{price_out} out per million tokens"
PRICES_FROM = "from {prices}"

# The probability of a token.
UNDER_PERCENT = "under 0.1 %"
PERCENT = "{share} %"
PROBABILITY = "{token}: {percent}"
THEME = "Colours"
THEMES = {"System": "As the computer is set", "Light": "Light", "Dark": "Dark"}
