"""Walk forward over a panel folder."""
