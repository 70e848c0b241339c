"""How well past bands did, and which levels have shifted unannounced."""
