"""Hear and see a line at once: playback, the strip below the viewport, and a quick try."""
