"""All other kinds of models: pictures, speech, transcripts, embeddings, moderation, clips, music."""

from components.frame import page
from components.studio.page import studio

studio(page("Studio", layout="wide"))
