"""Interventions: what is declared of them, and what the Board is told that they did."""
