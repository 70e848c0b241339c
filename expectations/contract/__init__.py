"""What is asked of a provider, from the area file alone: as terms, as a page, as a data contract, as an example."""
