"""What the actor learns from: speech whose every phone has a time."""
