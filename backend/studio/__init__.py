"""Pictures, speech, transcripts, vectors, clips, music: what other models than those of a chat give."""
