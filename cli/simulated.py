"""A home whose deliveries are simulated says so, and is never mixed with real ones."""

import json
from datetime import date
from pathlib import Path


def simulated_until(marker: Path) -> date:
    """Return the date of the last simulated delivery. `marker`: `Settings.simulated_file`."""
    return date.fromisoformat(json.loads(marker.read_text())["simulated_until"])
