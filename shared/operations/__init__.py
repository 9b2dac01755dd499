"""On-demand operations: what people and triggers ask for, above one engine."""
