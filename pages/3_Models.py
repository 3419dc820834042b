"""The models of the server in use: what each can do, what it costs, how fast it is right now."""

from components.frame import show
from components.models.page import models

show("Models", models, layout="wide")
