"""The stage: a script before a room, drawn large and without anything private."""
