"""The numbers of this service in the form that Prometheus reads."""
