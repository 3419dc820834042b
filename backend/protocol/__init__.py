"""The JSON of chat completions, both ways: requests are written, replies become values."""
