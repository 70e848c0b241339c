"""How a command reaches Slack: by the Airflow connection, which is asked for only where there can be one."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cli.airflow.home import airflow_environment, prepare_airflow
from nte.area import Area
from nte.settings import Settings

if TYPE_CHECKING:
    from alerts.slack.door import SlackAccess

KEPT_IN = ("airflow.db", "airflow.cfg")
"""Files of an Airflow home that may hold connections, or say who does."""
SAID_BY = ("AIRFLOW_CONN_", "AIRFLOW__SECRETS__", "AIRFLOW__DATABASE__", "AIRFLOW_CONFIG")
"""How variables begin that hold connections, or say who does."""


def find_slack(settings: Settings, area: Area) -> "SlackAccess | None":
    """Return how Slack is reached; None where no connection is set up.

    Airflow takes seconds to import, so it is not asked where it was never set up.
    """
    if not may_have_connections(settings, area.time_zone):
        return None
    prepare_airflow(settings, area.time_zone)
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"  # its database is asked too, as by the service
    from slack_connection import slack_access  # from the plugins folder, on the path by now

    return slack_access(area.slack.connection)


def may_have_connections(settings: Settings, time_zone: str) -> bool:
    """Say whether anything is there that could hold a connection."""
    home = Path(os.environ.get("AIRFLOW_HOME") or airflow_environment(settings, time_zone)["AIRFLOW_HOME"])
    return any(name.startswith(SAID_BY) for name in os.environ) or any((home / f).exists() for f in KEPT_IN)
