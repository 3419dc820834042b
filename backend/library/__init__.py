"""What a person keeps for later besides conversations: prompts and presets."""
