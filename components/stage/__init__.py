"""The stage: presents a script to an audience, drawn large and without anything private."""
