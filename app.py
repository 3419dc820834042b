"""The front page: chat."""

from components.chat.page import chat
from components.frame import page

session = page("Chat")
chat(session)
