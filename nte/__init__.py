"""The vocabulary of the night-time economy monitor, and the doors to disk and DuckDB."""

import os

os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:0,muzzy_decay_ms:0,narenas:1")
"""What polars no longer needs goes back to the machine at once: read by it when it is first imported."""
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
"""The same of what carries frames to DuckDB and to pandas."""
