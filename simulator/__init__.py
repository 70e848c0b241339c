"""Simulated deliveries, in the shape of the three feeds and calibrated to published local figures.

The truth is drawn first (how many incidents, where, when), then the way each source comes to tell of it:
late, twice, corrected, misspelt, or not at all. The area's `simulation.toml` holds every figure with its
source or reason. Pure functions throughout, except `write.py`; the same plan gives the same bytes.
"""
