"""How a run in this process begins."""

import os
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from cli.airflow.home import airflow_environment
from cli.airflow.slack import find_slack, see_connections
from flows.run import Run
from nte.area import Area
from nte.files import close_to_others
from nte.settings import Settings

if TYPE_CHECKING:
    from alerts.slack.door import SlackAccess


def begin_run(
    settings: Settings,
    area: Area,
    now: datetime,
    say: Callable[[str], object],
    *,
    as_of: str | None = None,
    is_rehearsal: bool = False,
) -> Run:
    """Return what the steps of a run are told; should one of them need Airflow, it finds this installation's.

    `as_of` is the time that a person has named; without it the run is of its own moment.
    """

    def slack() -> "SlackAccess | None":
        access = find_slack(area)
        if access is None:
            say(f"No connection {area.slack.connection}: messages wait in the outbox.")
        return access

    os.environ.update(airflow_environment(settings, area.time_zone))
    see_connections()
    for private in settings.private_folders:  # of an installation that was less careful
        close_to_others(private)
    return Run(settings, area, now, slack, wanted={"as_of": as_of}, is_rehearsal=is_rehearsal)
