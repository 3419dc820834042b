"""The texts around the glossary: the list, the switch. The entries themselves: backend/glossary.py."""

from __future__ import annotations

from backend.glossary import Section

# The list.
GLOSSARY = "What do these words mean?"
GLOSSARY_HELP = "Every technical word of this app, in plain words"
SEARCH = "Search the words"
SEARCH_PLACEHOLDER = "Search, for example: token"
NOTHING_FOUND = "Nothing found. Try fewer or other words."
FOUND = "{count} found"
SECTIONS: dict[Section, str] = {
    "basics": "To begin with",
    "answer": "Under an answer",
    "settings": "Settings in the sidebar",
}

# The switch.
SIMPLE_WORDS = "Simple words"
LABEL = "{plain} :gray[:small[{name}]]"
LABEL_WITHOUT_MARKS = "{plain} ({name})"
