"""Alerts: must somebody know, what do they already know, and how is it said."""
