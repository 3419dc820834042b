"""Conversations out of the store into files, and back: parts of a backup (`parts`), an import (`import_job`)."""
