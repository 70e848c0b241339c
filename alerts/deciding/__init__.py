"""What is decided of every alert on a morning, from which facts, and what people answered."""
