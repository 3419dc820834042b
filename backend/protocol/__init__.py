"""The JSON of chat completions, both ways: a request as it is written, a reply as values."""
