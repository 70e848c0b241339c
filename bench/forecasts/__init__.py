"""How good the bands are, beside default Prophet, baselines and the truth where it is known."""
