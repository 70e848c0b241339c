"""The area folder may change: no centre is lost, none gets a past that nobody counted, and a run twice changes nothing."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from nte.area import Area, TownCentre
from nte.errors import NteError
from nte.settings import Settings
from nte.tables import WAREHOUSE_TABLES
from nte.tables.counts import NIGHT_COUNT_REVISIONS, NIGHT_COUNTS, OUTSIDE
from nte.tables.records import LEDGER
from nte.warehouse import open_warehouse
from tests.areas import derbyshire
from tests.expectations.house import DAY, House, csv_text, police_row
from tests.faults.child import run_steps
from tests.faults.scene import NOW as SCENE_NOW
from tests.faults.scene import simulate_inbox
from transforms.centres import centre_starts
from transforms.steps import count_nights

NOW = datetime(2026, 3, 27, 9, tzinfo=UTC)
DAYS = [DAY - timedelta(days=n) for n in range(30)]
SPOT = ("435300", "336200")
"""In the middle of Derby."""


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A home with two crimes a night in Derby, for thirty nights."""
    house = House(Settings(home=tmp_path / "home", inbox=tmp_path / "home" / "inbox"), derbyshire())
    rows = [
        police_row(2 * i + n, day, committed_from=f"{day - timedelta(days=1)} 22:1{n}:00")
        for i, day in enumerate(DAYS)
        for n in range(2)
    ]
    house.put(f"police_{DAYS[-1] - timedelta(days=1)}_{DAY - timedelta(days=1)}.csv", csv_text(rows))
    take(house)
    return house


def take(house: House, area: Area | None = None, now: datetime = NOW) -> None:
    there = House(house.settings, area or house.area)
    there.check("police", now)
    there.conform()
    count_nights(there.settings, there.area, now)


def read(house: House) -> pl.DataFrame:
    with open_warehouse(house.settings) as warehouse:
        return warehouse.read(NIGHT_COUNTS, "source = 'police' AND definition = 'nte-violence'")


def with_centres(area: Area, *centres: TownCentre, renamed: dict[str, str] | None = None) -> Area:
    codes = {c.centre_code for c in centres}
    places = area.places.model_copy(update={"renamed": renamed or {}})
    gazetteer = tuple(e for e in area.gazetteer if e.centre_code in codes)
    return area.model_copy(update={"town_centres": centres, "places": places, "gazetteer": gazetteer})


def derby(area: Area) -> TownCentre:
    return next(c for c in area.town_centres if c.centre_code == "derby")


def others(area: Area) -> list[TownCentre]:
    return [c for c in area.town_centres if c.centre_code != "derby"]


def test_a_centre_that_is_gone_while_records_carry_it_is_refused_and_nothing_changes(house: House) -> None:
    before = read(house)
    new = derby(house.area).model_copy(update={"centre_code": "derby-city"})
    for area in (
        with_centres(house.area, *others(house.area)),
        with_centres(house.area, new, *others(house.area)),
    ):
        with pytest.raises(NteError, match="records still carry derby, which the area no longer has"):
            count_nights(house.settings, area, NOW)
    assert read(house).equals(before)


@pytest.mark.parametrize("now_called", ["derby-city", OUTSIDE])
def test_a_centre_that_is_mapped_keeps_its_past_under_its_new_code(now_called: str, house: House) -> None:
    before = (
        read(house).filter(centre_code="derby").select("evening", "n_incidents", "is_covered", "known_at")
    )
    new = [derby(house.area).model_copy(update={"centre_code": now_called})] if now_called != OUTSIDE else []
    area = with_centres(house.area, *new, *others(house.area), renamed={"derby": now_called})
    count_nights(house.settings, area, NOW)
    after = read(house).filter(centre_code=now_called).select(before.columns)
    assert after.sort("evening").equals(before.sort("evening"))
    assert read(house).filter(centre_code="derby").is_empty()


STARTS = [None, *(DAY + timedelta(days=n) for n in (-60, -1, 0, 2, 5))]


@pytest.mark.parametrize("valid_from", STARTS)
def test_a_centre_that_is_added_has_no_past_and_takes_none_away(
    valid_from: date | None, house: House
) -> None:
    """A second centre on the same spot, nearer than Derby's middle: from the day on, it has the crimes there."""
    before = read(house)
    spot = {"x": float(SPOT[0]), "y": float(SPOT[1]), "centre_code": "derby-market"}
    dated = {"valid_from": valid_from} if valid_from else {}
    new = derby(house.area).model_copy(update=spot | dated | {"radius_m": 300.0})
    area = with_centres(house.area, new, *house.area.town_centres)
    take(house, area)
    assert read(house).filter(pl.col("centre_code") != "derby-market").equals(before)
    for n, day in enumerate([DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)]):
        House(house.settings, area).put_day("police", [police_row(500 + n, day)], day)
    take(house, area, NOW + timedelta(days=2))
    counts = read(house).filter(centre_code="derby-market").sort("evening")
    first = max(valid_from or date(2000, 1, 1), DAY)
    assert [e for e in counts["evening"] if e < first] == []
    assert counts.filter(pl.col("n_incidents") == 0).is_empty()
    with open_warehouse(house.settings) as warehouse:
        lost = warehouse.read(LEDGER, "fate = 'night_not_covered'")
    assert lost.is_empty()


def test_a_centre_that_has_ended_has_no_zeros_after_it(house: House) -> None:
    last = DAY - timedelta(days=10)
    ended = derby(house.area).model_copy(update={"valid_to": last})
    count_nights(house.settings, with_centres(house.area, ended, *others(house.area)), NOW)
    evenings = read(house).filter(centre_code="derby")["evening"]
    assert evenings.max() == last


def test_since_when_a_centre_is_counted_is_decided_once(house: House) -> None:
    area = house.area
    nothing = pl.DataFrame(schema={"centre_code": pl.String, "counted_from": pl.Date})
    new = derby(area).model_copy(update={"centre_code": "new", "valid_from": date(2000, 1, 1)})
    wider = with_centres(area, new, *area.town_centres)
    first = centre_starts(nothing, wider, {"derby"}, DAY)
    again = centre_starts(first, wider, {"derby", "new"}, DAY + timedelta(days=400))
    assert again.equals(first)
    assert dict(first.iter_rows())["new"] == DAY + timedelta(days=1)
    assert set(centre_starts(nothing, wider, set(), None)["counted_from"]) == {date(2000, 1, 1)}


def test_a_second_run_of_the_same_moment_adds_no_row_to_any_table(tmp_path: Path) -> None:
    inbox = simulate_inbox(tmp_path)
    settings = Settings(home=tmp_path / "home")

    def tables() -> dict[str, pl.DataFrame]:
        run_steps(settings.home, inbox, SCENE_NOW)
        with open_warehouse(settings) as warehouse:
            return {t.name: warehouse.read(t).sort(t.names) for t in WAREHOUSE_TABLES}

    first, second = tables(), tables()
    assert [name for name, rows in first.items() if not rows.equals(second[name])] == []
    assert first[NIGHT_COUNT_REVISIONS.name].height > 0
    assert first["completeness"].height > 0
