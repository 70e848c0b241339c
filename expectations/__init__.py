"""May this delivery be believed? Suites from the area's declarations; verdicts, quarantine, pages."""
