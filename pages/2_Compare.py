"""One question to several models, or to several settings of one, side by side."""

from components.compare.page import compare
from components.frame import show

show("Compare", compare, layout="wide")
