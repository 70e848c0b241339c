"""The messages in a terminal."""
