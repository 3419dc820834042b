"""All other kinds of models: pictures, speech, transcripts, embeddings, moderation, clips, music."""

from components.frame import show
from components.studio.page import studio

show("Studio", studio, layout="wide")
