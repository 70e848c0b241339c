"""Slack: the only place that knows Block Kit and Slack's API."""
