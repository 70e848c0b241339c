"""How far deliveries reach: by that, not by the calendar, the age of a night is counted."""

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from alerts.deciding.knowledge import Completeness
from forecasts.known.filling import Ages, with_filling
from forecasts.known.history import learned_completeness
from nte.reach import WHOLE_SOURCE, Reach
from nte.tables.counts import REACHES
from tests.areas import derbyshire
from transforms.reach import reaches

AREA = derbyshire()
MONDAY = date(2026, 3, 30)
SATURDAY = MONDAY - timedelta(days=2)


def morning(day: date) -> datetime:
    return AREA.clock.morning_of(day)


def delivered(source: str, days: list[date], first: date = date(2026, 1, 1)) -> list[dict[str, object]]:
    """Return believed deliveries, each of which accounts for everything since the one before."""
    since = [first, *days]
    return [
        {
            "delivery_id": f"{source}_{day}", "source": source, "known_at": morning(day), "is_history": False,
            "covers_from_at": morning(start), "covers_to_at": morning(day),
        }
        for start, day in zip(since, days, strict=False)
    ]  # fmt: skip


def record(source: str, day: date, site: str | None, n: int) -> dict[str, object]:
    at = morning(day)
    return {
        "source": source,
        "known_at": at,
        "site_code": site,
        "record_id": f"{site}{day}{n}",
        "occurred_at": at,
    }


def reach_of(believed: list[dict[str, object]], records: list[dict[str, object]]) -> Reach:
    schema: dict[str, Any] = {
        "source": pl.String,
        "known_at": pl.Datetime("us", "UTC"),
        "site_code": pl.String,
    }
    frame = pl.DataFrame(records, schema_overrides=schema) if records else pl.DataFrame(schema=schema)
    return Reach(REACHES.conform(reaches(pl.DataFrame(believed), frame, AREA)), AREA.clock)


def test_a_source_that_sent_nothing_since_sunday_knows_on_tuesday_what_it_knew_on_sunday() -> None:
    reach = reach_of(delivered("police", [SATURDAY, SATURDAY + timedelta(days=1)]), [])
    assert reach.day("police", morning(MONDAY)) == MONDAY - timedelta(days=1)
    assert reach.day("police", morning(MONDAY + timedelta(days=3))) == MONDAY - timedelta(days=1)
    assert reach.day("police", morning(SATURDAY)) == SATURDAY


def test_where_nothing_is_known_of_a_source_the_calendar_counts() -> None:
    assert reach_of(delivered("police", [SATURDAY]), []).day("emas", morning(MONDAY)) == MONDAY


def test_what_was_held_back_comes_with_the_next_file() -> None:
    days = [SATURDAY, MONDAY]
    assert reach_of(delivered("police", days), []).day("police", morning(MONDAY)) == MONDAY


def test_a_hospital_that_sends_on_mondays_reaches_to_its_last_monday() -> None:
    """Both hospitals stand in every file; of one there are rows on Mondays alone."""
    days = [MONDAY - timedelta(days=n) for n in range(70, -3, -1)]
    rows = [record("ae", day, "RTG", n) for day in days for n in range(12)]
    rows += [record("ae", day, "RFS", n) for day in days if day.weekday() == 0 for n in range(60)]
    reach = reach_of(delivered("ae", days), rows)
    wednesday = morning(MONDAY + timedelta(days=2))
    assert reach.day("ae", wednesday) == MONDAY + timedelta(days=2)
    assert reach.day("ae", wednesday, "RTG") == MONDAY + timedelta(days=2)
    assert reach.day("ae", wednesday, "RFS") <= MONDAY + timedelta(days=1)
    assert reach.day("ae", morning(MONDAY), "RFS") == MONDAY


@pytest.mark.parametrize(("silent_days", "known"), [(0, 0.8), (2, 0.4)])
def test_a_night_is_as_full_as_its_source_reaches(silent_days: int, known: float) -> None:
    last = SATURDAY + timedelta(days=3 - silent_days)
    reach = reach_of(delivered("police", [SATURDAY, last]), [])
    completeness = pl.DataFrame(
        {"source": "police", "age_days": [1, 3], "known_share": [0.4, 0.8], "survival_share": [0.9, 1.0]}
    )
    counts = pl.DataFrame({"source": ["police"], "centre_code": ["derby"], "evening": [SATURDAY]})
    ages = Ages(AREA, reach, morning(SATURDAY + timedelta(days=3)))
    assert with_filling(counts, completeness, ages)["known_share"].to_list() == pytest.approx([known])


def test_the_curve_of_a_silent_source_stays_as_it_was_on_its_last_day() -> None:
    nights = [SATURDAY - timedelta(days=n) for n in range(60, 0, -1)]
    rows = [
        {
            "evening": night, "centre_code": "derby", "source": "police", "definition": AREA.alert_definition,
            "known_at": morning(night + timedelta(days=age)), "n_incidents": n, "is_covered": True,
        }
        for night in nights
        for age, n in ((1, 4), (3, 8), (7, 10))
        if night + timedelta(days=age) <= SATURDAY
    ]  # fmt: skip
    reach = reach_of(delivered("police", [*nights, SATURDAY]), [])
    live = {"police": morning(nights[0])}
    curves = [
        learned_completeness(pl.DataFrame(rows), AREA, live, morning(SATURDAY + timedelta(days=n)), reach)
        for n in (0, 5, 28)
    ]
    police = [curve.filter(source="police")["known_share"].to_list() for curve in curves]
    assert police[0] == police[1] == police[2]
    assert police[0][0] == pytest.approx(0.4, abs=0.1)


def test_the_day_by_which_a_night_is_confirmed_waits_for_a_silent_source() -> None:
    learned = pl.DataFrame(
        [("police", age, morning(SATURDAY), share) for age, share in ((1, 0.4), (3, 0.8), (7, 0.95))],
        schema=["source", "age_days", "as_of", "known_share"],
        orient="row",
    )
    tuesday = morning(SATURDAY + timedelta(days=3))
    reaches = [reach_of(delivered("police", [SATURDAY + timedelta(days=n)]), []) for n in (3, 1)]
    here = [Completeness(AREA, learned, reach) for reach in reaches]
    assert [one.known_share("police", SATURDAY, tuesday) for one in here] == [0.8, 0.4]
    said = [one.settled_on("police", SATURDAY, tuesday, 0.9) for one in here]
    assert said == [SATURDAY + timedelta(days=7), SATURDAY + timedelta(days=9)]


def test_a_centre_of_two_hospitals_is_as_full_as_both_by_their_shares() -> None:
    rows = pl.DataFrame(
        [
            ("ae", WHOLE_SOURCE, morning(MONDAY), morning(MONDAY), 40),
            ("ae", "RTG", morning(MONDAY), morning(MONDAY), 30),
            ("ae", "RFS", morning(SATURDAY), morning(SATURDAY), 10),
        ],
        schema=REACHES.schema,
        orient="row",
    )
    both = next(c for c in AREA.current_centres if c.sites.get("ae"))
    served = both.model_copy(update={"sites": {"ae": ("RTG", "RFS")}})
    others = tuple(c for c in AREA.town_centres if c.centre_code != both.centre_code)
    area = AREA.model_copy(update={"town_centres": (served, *others)})
    completeness = pl.DataFrame(
        {"source": "ae", "age_days": [1, 3], "known_share": [0.5, 0.9], "survival_share": [1.0, 1.0]}
    )
    counts = pl.DataFrame(
        {"source": ["ae"], "centre_code": [both.centre_code], "evening": [SATURDAY - timedelta(days=1)]}
    )
    ages = Ages(area, Reach(rows, AREA.clock), morning(MONDAY))
    full = with_filling(counts, completeness, ages)["known_share"][0]
    assert full == pytest.approx(0.75 * 0.9 + 0.25 * 0.5)
