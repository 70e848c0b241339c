"""What the picture looks like: the published copy, the weekend, charts."""
