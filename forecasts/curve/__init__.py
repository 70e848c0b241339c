"""The expected count of every night: the area's curve, the centres' ratios, levels and spread."""
