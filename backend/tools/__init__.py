"""Tools a model may call: definitions, checks, running them, the loop of an agent."""
