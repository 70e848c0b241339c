"""What is said to all: Thursday's outlook and Monday's digest."""
