"""Tool calling: functions the model may call, every step of the loop in a row that can be opened and changed."""

from components.chat import chat
from components.page import page
from components.tools import above, begin, ended, follow, introduction

session = page("Tools")
begin(session)
drawn = ended(session)
chat(session, introduction, above)
follow(session, drawn)
