"""What is said of nights, weekends and months that exceed their bands."""
