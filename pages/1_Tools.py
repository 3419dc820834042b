"""Tool calling: functions that the model may call, with every step of the loop in a row that can be opened and
changed.
"""

from components.frame import show
from components.tools.page import tools

show("Tools", tools)
