"""The questions of the query book, answered by plain loops over the raw deliveries: what its answers are held against."""
