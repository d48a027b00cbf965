"""Lines of dialogue: what is asked for, and how it is made."""
