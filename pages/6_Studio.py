"""Every other kind of model: pictures, speech, transcripts, vectors, moderation, clips, music."""

from components.frame import page
from components.studio.page import studio

studio(page("Studio", layout="wide"))
