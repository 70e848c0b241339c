"""What was known on a morning: counts, how complete they are, what people labelled."""
