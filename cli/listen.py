"""`nte listen`: what people answer from Slack, by Socket Mode."""

import signal
from datetime import UTC, datetime
from threading import Event

from rich.console import Console

from alerts.steps import listen_to_slack
from cli.airflow.home import as_the_service, prepare_airflow
from nte.area import Area
from nte.errors import MisuseError
from nte.settings import Settings


def listen_until_stopped(console: Console, settings: Settings, area: Area) -> None:
    """Listen until the process is told to stop. Raises MisuseError without a connection or an app token."""
    prepare_airflow(settings, area.time_zone)
    as_the_service()
    from slack_connection import slack_access  # from the plugins folder, on the path by now

    access = slack_access(area.slack.connection)
    if access is None or not access.app_token:
        raise MisuseError(
            f"the Airflow connection {area.slack.connection} has no app token. Give it one that starts with xapp- "
            'in its extra: {"app_token": "xapp-…"} (README, Connect Slack).'
        )
    stop = Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    console.print("Listening to Slack; Ctrl-C ends it.")
    listen_to_slack(
        settings, area, access, stop, lambda: datetime.now(UTC), beat=settings.listener_beat.touch
    )
