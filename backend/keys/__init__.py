"""API keys: kept as secrets, found where they leak, redacted from what is shown."""
