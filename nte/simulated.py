"""What is said at the top of whatever is made from a home whose deliveries are simulated (`Settings.is_simulated`)."""

from typing import Final

SIMULATED: Final = (
    "Simulated figures, made to show how this service works. No number here is about real incidents: do not pass it on "
    "as real."
)
IN_SHORT: Final = "Simulated"
"""In the title of a page, and the name of a file."""
