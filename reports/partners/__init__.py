"""What partners may see: editions of counts by quarter and by year, and a site of them. Pure but for its `steps.py`."""
