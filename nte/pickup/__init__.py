"""Deliveries that are fetched from where a provider leaves them: a share, SFTP or S3."""
