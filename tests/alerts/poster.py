"""A process that posts what is pending, to be killed: python -m tests.alerts.poster HOME BASE_URL."""

import sys
from datetime import date, timedelta
from pathlib import Path

from alerts import steps
from alerts.slack.door import SlackAccess
from tests.alerts.scenes import AREA, morning, settings_in
from tests.alerts.slack_server import TOKEN

NOW = morning(date(2026, 4, 1)) + timedelta(hours=3)


def post(home: Path, base_url: str) -> None:
    """Run the steps as the DAG does."""
    settings = settings_in(home)
    steps.decide_alerts(settings, AREA, NOW)
    steps.write_messages(settings, AREA, NOW)
    access = SlackAccess(TOKEN, base_url)
    steps.post_pending(settings, AREA, NOW, access, pace_seconds=0, timeout_seconds=2, sleep=lambda _: None)


if __name__ == "__main__":
    print("ready", flush=True)
    post(Path(sys.argv[1]), sys.argv[2])
