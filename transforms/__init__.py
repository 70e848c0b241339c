"""What happened, where, and on which night: delivery → records → incidents → night counts."""
