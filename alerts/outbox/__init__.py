"""What is to be said, what was said, and how it went: written before any channel is called."""
