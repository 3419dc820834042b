"""Tool calling: functions that the model may call, with every step of the loop in a row that can be opened and
changed.
"""

from components.frame import page
from components.tools.page import tools

tools(page("Tools"))
