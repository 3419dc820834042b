"""Conversations from the store into files, and back: the parts of a backup (`parts`), an import (`import_job`)."""
