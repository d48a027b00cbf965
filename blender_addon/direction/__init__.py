"""Direction in time: what a character feels, as properties that are keyed like any other."""
