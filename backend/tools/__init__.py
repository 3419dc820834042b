"""Tools that a model may call: definitions, validation, execution, the loop of an agent."""
