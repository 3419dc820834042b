"""The models of the server in use: what each can do, what it costs, how fast it is right now."""

from components.models import models
from components.page import page

models(page("Models", layout="wide"))
