"""What holds for every test."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
"""A busy machine is no fault: nothing here is timed."""
