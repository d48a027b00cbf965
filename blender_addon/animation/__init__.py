"""Performances as keys on F-curves."""
