"""How things are said, without any channel's shape."""
