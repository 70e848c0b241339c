"""What was observed against what was expected: nights, weekends, months."""
