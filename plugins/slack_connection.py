"""How this installation reaches Slack: an Airflow connection, whatever backend keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

if TYPE_CHECKING:
    from alerts.slack.door import SlackAccess


def slack_access(connection_id: str) -> SlackAccess | None:
    """Return token and address of the workspace, or None where no such connection is set up.

    The token is the connection's password; `base_url` and `app_token` may stand in its extra.
    """
    from alerts.slack.door import SlackAccess  # every DAG file imports this module

    try:
        connection = BaseHook.get_connection(connection_id)
    except AirflowNotFoundException:
        return None
    extra = connection.extra_dejson
    place = {name: str(extra[name]) for name in ("base_url", "app_token") if extra.get(name)}
    return SlackAccess(connection.password or "", **place)
