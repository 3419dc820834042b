"""The Studio: pictures, speech, transcripts, embeddings, clips, music and more, from models other than chat
models.
"""
