"""Tool calling: functions the model may call, every step of the loop in a row that can be opened and changed."""

from components.chat.page import chat
from components.frame import page
from components.tools.page import above, begin, ended, follow, introduction

session = page("Tools")
begin(session)
drawn = ended(session)
chat(session, introduction, above)
follow(session, drawn)
