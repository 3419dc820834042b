"""The keys of widgets that are read or set elsewhere than where they are drawn. A label is never a key."""

from __future__ import annotations

from backend.conversation.tree import NodeId

# The sidebar.
CONNECTION = "connection"
SYSTEM_PROMPT = "system_prompt"
STREAMING = "streaming"
EXTRA_JSON = "extra_json"
BASE_URL = "base_url_typed"
RESPONSE_SCHEMA = "response_schema"
MORE_SETTINGS = "fold.more"  # open or not
CONNECTION_OPEN = "fold.connection"
SIMPLE_WORDS = "simple_words"

# The composer and the messages.
COMPOSER = "composer"
VIEW_WORDS = "view.words"
VIEW = "view.bell"  # with which the view of the conversation requests a run
COMPOSER_DRAWN = "composer.drawn"  # in this tab, by this process
ADD_ROLE, ADD_TEXT, ADD_NAME = "add.role", "add.text", "add.name"

# The Tools page.
TOOL_CHOICE = "tools.choice"
FORCED_TOOL = "tools.forced"
PARALLEL_CALLS = "tools.parallel"
MONEY_LIMIT = "tools.limit"
REPAIR = "tools.repair"


def parameter(name: str) -> str:
    """The control of a parameter, by its wire name."""
    return f"parameter.{name}"


def message_editor(node: NodeId) -> str:
    return f"editor.{node}"


def inspector_tabs(node: NodeId) -> str:
    """The key of the inspector's tab bar, for an answer."""
    return f"inspect.tabs.{node}"


def segment(first: NodeId, part: str) -> str:
    """The key of the messages from this one on, drawn as one element; or of a part of one message."""
    return f"{part}.{first}"


def studio_model(family: str) -> str:
    """The model of a family on the Studio page."""
    return f"studio.{family}:model"


def studio_field(family: str, name: str) -> str:
    """A field of a form of the Studio page, by its wire name."""
    return f"studio.{family}.{name}"


def tool_ticked(name: str) -> str:
    return f"tool.on.{name}"


def tool_mode(name: str) -> str:
    return f"tool.mode.{name}"


def tool_mock(name: str) -> str:
    return f"tool.mock.{name}"


def tool_arguments(name: str) -> str:
    return f"arguments.{name}"
