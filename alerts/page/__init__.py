"""The messages as a page, as Slack shows them."""
