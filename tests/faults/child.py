"""One run of the service in a process that may be killed: `python -m tests.faults.child HOME INBOX NOW`.

The rooms' steps in the order of `flows/`, called directly, without the scores and the metrics: every write is the steps'
own, so for what is left in the rest of the home this is what `nte run` does.
"""

import sys
from pathlib import Path

from alerts.steps import (
    announce_feeds,
    decide_alerts,
    post_pending,
    render_messages,
    write_bulletins,
    write_messages,
)
from expectations.steps import check_deliveries
from forecasts.steps import issue_bands, judge_nights
from nte.area_files import load_area
from nte.errors import NteError
from nte.moment import moment
from nte.settings import Settings
from reports.steps import publish_warehouse
from transforms.steps import conform_deliveries, count_nights

BEGUN = "begun"


def run_steps(home: Path, inbox: Path, now: str, area_folder: Path | None = None) -> None:
    """Run every step once, as of a local time, with the area of a folder, or of the settings."""
    settings = Settings(home=home, inbox=inbox, warehouse_wait_seconds=300)
    settings = settings.model_copy(update={"area": area_folder or settings.area})
    area = load_area(settings.area)
    at = moment(now, area)
    print(BEGUN, flush=True)
    for source in area.sources:
        check_deliveries(settings, area, source, at)
        conform_deliveries(settings, area, source)
    count_nights(settings, area, at)
    issue_bands(settings, area, at)
    judge_nights(settings, area, at)
    decide_alerts(settings, area, at)
    write_messages(settings, area, at)
    announce_feeds(settings, area, at)
    write_bulletins(settings, area, at)
    post_pending(settings, area, at, None)
    render_messages(settings, area, at)
    publish_warehouse(settings, area, at)


if __name__ == "__main__":
    try:
        run_steps(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    except NteError as problem:
        print(f"nte: {problem}", file=sys.stderr)
        sys.exit(1)
