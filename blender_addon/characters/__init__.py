"""What a character is, and where each of its controls is kept."""
