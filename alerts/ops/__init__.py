"""What is said to the ops team: feeds, bands, failed tasks and the day's line of life."""
