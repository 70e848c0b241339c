"""A night with far too few incidents in the whole area is told to ops, whatever the verdict on its delivery."""

from datetime import date, timedelta
from typing import Any

import polars as pl

from alerts import steps
from nte.settings import Settings
from nte.tables.alerts import OUTBOX
from nte.tables.bands import BANDS
from nte.warehouse import open_warehouse
from tests.alerts.scenes import AREA, SATURDAY, View, judged, morning, put_coverage, put_judgements

SUNDAY, MONDAY = SATURDAY + timedelta(days=1), SATURDAY + timedelta(days=2)
CENTRES = [centre.centre_code for centre in AREA.current_centres][:10]


def put_bands(settings: Settings, source: str = "police") -> None:
    """Write a band of each centre of some, so that each expects 4.8 incidents of the night."""
    rows = []
    for centre in CENTRES:
        row: dict[str, Any] = {
            name: 0 for name, dtype in BANDS.schema.items() if dtype in {pl.Int64, pl.Float64}
        }
        row |= {"evening": SATURDAY, "centre_code": centre, "source": source, "definition": "nte-violence"}
        row |= {"rule": "stands", "dispersion": 8.0, "trained_from": SATURDAY, "trained_to": SATURDAY}
        row |= {"issued_as_of": morning(SATURDAY), "is_retrospective": False, "made_at": morning(SATURDAY)}
        rows.append(row | {"model_version": "x"})
    with open_warehouse(settings) as warehouse:
        warehouse.merge(BANDS, pl.DataFrame(rows, schema=BANDS.schema))


def judge(settings: Settings, day: date, n_each: int | None, verdict: str = "within") -> None:
    """Judge the night of every centre so; what was to be expected is 2.6 in each on the first morning."""
    for centre in CENTRES:
        put_judgements(settings, judged(day, View("police", n_each, verdict), centre=centre))


def told(settings: Settings, day: date) -> list[str]:
    steps.announce_feeds(settings, AREA, morning(day) + timedelta(hours=3))
    with open_warehouse(settings) as warehouse:
        outbox = warehouse.read(OUTBOX, "purpose = 'feed' AND kind <> 'edit'").sort("sequence")
    return [text for text in outbox["message"] if "incidents than" in text or "incidents have" in text]


def test_it_is_told_once_and_once_that_incidents_have_come_in(settings: Settings) -> None:
    put_coverage(
        settings, [(s, MONDAY - timedelta(days=n), True) for s in AREA.sources for n in range(1, 16)]
    )
    put_bands(settings)
    judge(settings, SUNDAY, 0)
    (said,) = told(settings, SUNDAY)
    assert "Police: far fewer incidents than expected" in said
    assert "has fewer than 5 in all town centres together, where about 26 were to be expected by now" in said
    assert told(settings, SUNDAY) == [said]
    judge(settings, MONDAY, 2)
    assert "incidents have come in" in told(settings, MONDAY)[1]


def test_a_usual_night_and_one_that_is_not_known_are_not_told(settings: Settings) -> None:
    put_bands(settings)
    judge(settings, SUNDAY, 2)
    assert told(settings, SUNDAY) == []
    judge(settings, MONDAY, None, "unknown")
    assert told(settings, MONDAY) == []
