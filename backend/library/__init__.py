"""What a person saves besides conversations: prompts and presets."""
