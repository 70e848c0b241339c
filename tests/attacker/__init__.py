"""The attacker: everything that one audience was told, read and solved, narrows no count that it may not know."""
