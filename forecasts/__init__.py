"""Forecasts: what was to be expected of every night, and how sure that is."""
