"""From an unknown export to a mapping: what each of its columns seems to be, how sure that is, and why. Pure."""
