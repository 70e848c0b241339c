"""A night with far too few incidents in the whole area is told to ops, whatever the verdict on its delivery."""

from datetime import date, timedelta

import polars as pl

from alerts import steps
from nte.settings import Settings
from nte.tables.alerts import OUTBOX
from nte.tables.counts import NIGHT_COUNT_REVISIONS, NIGHTS, OUTSIDE
from nte.warehouse import open_warehouse
from tests.alerts.scenes import AREA, SATURDAY, View, judged, morning, put_coverage, put_judgements
from tests.alerts.test_bulletins import MONDAY_AT_7, THURSDAY_AT_16, put_bands

SUNDAY, MONDAY = SATURDAY + timedelta(days=1), SATURDAY + timedelta(days=2)
EVENINGS = [SATURDAY - timedelta(days=n) for n in range(84, -1, -1)]


def put_nights(settings: Settings, *, last: int | None) -> None:
    """Write twelve weeks of nights with 12 incidents in a town centre and 14 outside; of the last one `last` in all."""
    rows = []
    for evening in EVENINGS:
        known = AREA.clock.closes_at(evening)
        inside, outside = (12, 14) if evening != SATURDAY else (0, last)
        rows += [
            (evening, centre, "police", AREA.alert_definition, n, n is not None, known)
            for centre, n in (("derby", inside), (OUTSIDE, outside))
        ]
    with open_warehouse(settings) as warehouse:
        warehouse.replace(
            NIGHTS, AREA.clock.nights_frame(EVENINGS).with_columns(events=pl.lit(None, pl.String))
        )
        frame = pl.DataFrame(rows, NIGHT_COUNT_REVISIONS.schema, orient="row")
        warehouse.replace(NIGHT_COUNT_REVISIONS, frame)


def come_in(settings: Settings, n: int) -> None:
    """Write that by Monday so many incidents of the night are known outside the town centres."""
    row = (SATURDAY, OUTSIDE, "police", AREA.alert_definition, n, True, morning(MONDAY))
    with open_warehouse(settings) as warehouse:
        warehouse.append(
            NIGHT_COUNT_REVISIONS, pl.DataFrame([row], NIGHT_COUNT_REVISIONS.schema, orient="row")
        )


def told(settings: Settings, day: date) -> list[str]:
    steps.announce_feeds(settings, AREA, morning(day) + timedelta(hours=3))
    with open_warehouse(settings) as warehouse:
        outbox = warehouse.read(OUTBOX, "purpose = 'feed' AND kind <> 'edit'").sort("sequence")
    return [text for text in outbox["message"] if "incidents than" in text or "incidents have" in text]


def test_it_is_told_once_and_once_that_incidents_have_come_in(settings: Settings) -> None:
    put_coverage(
        settings, [(s, MONDAY - timedelta(days=n), True) for s in AREA.sources for n in range(1, 16)]
    )
    put_nights(settings, last=0)
    (said,) = told(settings, SUNDAY)
    assert "Police: far fewer incidents than expected" in said
    assert "has fewer than 5 in the whole area, where about 24 are usual on that day of the week" in said
    assert told(settings, SUNDAY) == [said]
    come_in(settings, 20)
    assert "incidents have come in" in told(settings, MONDAY)[1]


def test_a_usual_night_and_one_that_is_not_known_are_not_told(settings: Settings) -> None:
    put_nights(settings, last=20)
    assert told(settings, SUNDAY) == []
    put_nights(settings, last=None)
    assert told(settings, SUNDAY) == []


def test_leads_read_in_no_message_how_a_doubted_night_was(settings: Settings) -> None:
    """Neither in the alert of another source nor in the outlook, of which it would fill high."""
    put_nights(settings, last=0)
    put_bands(settings)
    views = View("police", 8, "within", chance=0.43), View("emas", 14, "far_above")
    put_judgements(settings, judged(MONDAY, *views))
    steps.decide_alerts(settings, AREA, MONDAY_AT_7)
    steps.write_messages(settings, AREA, MONDAY_AT_7)
    steps.write_bulletins(settings, AREA, THURSDAY_AT_16)
    with open_warehouse(settings) as warehouse:
        outbox = warehouse.read(OUTBOX, "channel = '#nte-police' AND kind = 'head'")
    said = dict(outbox.select("purpose", "message").iter_rows())
    assert (
        "Police not known: its delivery is here, and what it says of the night cannot be used"
        in said["alert"]
    )
    assert "Police 8" not in said["alert"]
    assert "filling high" not in said["outlook"]
