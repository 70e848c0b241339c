"""Did an intervention work: what came beside what would have come without it, and beside placebos."""
