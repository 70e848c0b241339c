"""How a command reaches Slack: by the Airflow connection, which is asked for only where there can be one."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cli.airflow.home import CONNECTION, PLUGIN_FOLDER, as_the_service
from nte.area import Area

if TYPE_CHECKING:
    from alerts.slack.door import SlackAccess

SAID_BY = ("AIRFLOW_CONN_", "AIRFLOW__SECRETS__", f"{CONNECTION}_")
"""How variables begin that hold connections, or say who does."""


def find_slack(area: Area) -> "SlackAccess | None":
    """Return how Slack is reached, as the environment, a secrets backend or Airflow's database has it, or None.

    This installation's Airflow must stand in the environment. It is not imported where it was never set up.
    """
    if not (_has_database() or _config().exists() or any(name.startswith(SAID_BY) for name in os.environ)):
        return None
    see_connections()
    if str(PLUGIN_FOLDER) not in sys.path:
        sys.path.append(str(PLUGIN_FOLDER))
    from slack_connection import slack_access

    return slack_access(area.slack.connection)


def see_connections() -> None:
    """Let this process see the connections that stand in Airflow's database, where there may be one.

    Airflow itself says nothing of it on the terminal.
    """
    os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "CRITICAL")
    if _has_database():
        as_the_service()


def _has_database() -> bool:
    """Say whether there is a database that may hold connections: this home's, or one that was named."""
    own = Path(os.environ["AIRFLOW_HOME"]) / "airflow.db"
    named = os.environ.get(CONNECTION, "")
    return own.exists() or (bool(named) and str(own) not in named)


def _config() -> Path:
    return Path(os.environ.get("AIRFLOW_CONFIG") or Path(os.environ["AIRFLOW_HOME"]) / "airflow.cfg")
