"""The vocabulary of the night-time economy monitor, and the doors to disk and DuckDB."""
