"""Bands: made from the curve, limited by the budget, issued a weekend at a time."""
