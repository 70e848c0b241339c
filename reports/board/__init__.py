"""The Board's tables: made for the published copy from what was counted."""
