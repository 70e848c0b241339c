"""The simulated process agrees with the published figures, exactly in expectation and by chance in a draw."""

import math
import tomllib
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from simulator.calibration import Calibration, load_calibration
from simulator.season import DayMeans, expected_offences, month_target
from tests.simulator.conftest import AREA, Inbox

PUBLISHED = {
    2024: (172, 179, 195, 222, 236, 218, 182, 192, 201, 235, 190, 175),
    2025: (173, 158, 212, 224, 240, 247, 292, 247, 236, 251, 256, 243),
}
VIOLENCE = ("1", "2", "4.1", "4.2", "5D", "5E", "8N", "8N/20", "8P", "105A", "105B", "34B")
SERIOUS = ("1", "2", "4.1", "4.2", "5D", "5E", "8N/20", "34A", "34B", "10A", "10B", "10C", "10D", "81", "90")
HAS_KNIFE = pl.col("flag_knife") == "Y"
IS_ALERT = pl.col("ho_code").is_in(VIOLENCE) | ((pl.col("ho_code") == "3B") & HAS_KNIFE)
IS_SERIOUS = pl.col("ho_code").is_in(SERIOUS) | (pl.col("ho_code").is_in([*VIOLENCE, "3B"]) & HAS_KNIFE)
MIDPOINT = pl.col("committed_from") + (pl.col("committed_to") - pl.col("committed_from")) / 2
IS_PLACED = (pl.col("committed_to") - pl.col("committed_from")) <= timedelta(hours=12)
EVENING = (pl.col("at") - pl.duration(hours=12)).dt.date()
IS_NIGHT = (pl.col("at").dt.hour() >= 18) | (pl.col("at").dt.hour() < 6)
IS_FRIDAY_OR_SATURDAY = IS_PLACED & IS_NIGHT & EVENING.dt.weekday().is_in([5, 6])


@pytest.fixture(scope="session")
def calibration() -> Calibration:
    return load_calibration(AREA)


@pytest.fixture(scope="session")
def means(calibration: Calibration) -> DayMeans:
    days = [date(2023, 12, 31) + timedelta(days=n) for n in range(2 * 366)]
    return expected_offences(calibration, days)


@pytest.fixture(scope="session")
def offences(inbox: Inbox) -> pl.DataFrame:
    counted = (pl.col("status") != "cancelled") & (pl.col("flag_domestic") != "Y")
    rows = inbox.truth("police", "crime_ref").filter(counted).with_columns(at=MIDPOINT)
    return rows.filter(pl.col("at").dt.year().is_in([2024, 2025]))


def test_the_published_months_stand_in_the_area_folder_as_they_were_published() -> None:
    figures = tomllib.loads((AREA / "simulation.toml").read_text())["published"]["serious_offences"]
    assert {int(year): tuple(months) for year, months in figures.items()} == PUBLISHED
    assert [sum(months) for months in PUBLISHED.values()] == [2397, 2779]


def test_expected_offences_of_every_month_are_the_published_figure(
    calibration: Calibration, means: DayMeans
) -> None:
    before_midnight = sum(calibration.times.hours_of_night[:6]) / sum(calibration.times.hours_of_night)
    totals: Counter[tuple[int, int]] = Counter()
    for n, day in enumerate(means.days):
        night = means.centre_night[n] + means.elsewhere_night[n]
        next_day = day + timedelta(days=1)
        totals[day.year, day.month] += (
            means.centre_daytime[n] + means.elsewhere_daytime[n] + night * before_midnight
        )
        totals[next_day.year, next_day.month] += night * (1 - before_midnight)
    for year, months in PUBLISHED.items():
        for month, published in enumerate(months, start=1):
            if (year, month) < (2025, 12):
                assert totals[year, month] == pytest.approx(published, rel=1e-4), (year, month)


def test_expected_offences_of_friday_and_saturday_nights_are_the_published_share(
    calibration: Calibration, means: DayMeans
) -> None:
    inside = [n for n, day in enumerate(means.days) if day.year in PUBLISHED]
    nights = means.centre_night + means.elsewhere_night
    whole = nights + means.centre_daytime + means.elsewhere_daytime
    weekend = sum(nights[n] for n in inside if means.days[n].weekday() in (4, 5))
    placed = 1 - calibration.police.time_uncertain_share
    assert placed * weekend / sum(whole[n] for n in inside) == pytest.approx(0.23, abs=5e-4)


def test_simulated_months_and_years_are_within_chance_of_the_published_ones(offences: pl.DataFrame) -> None:
    serious = offences.filter(IS_SERIOUS)
    by_month = serious.group_by(pl.col("at").dt.year().alias("y"), pl.col("at").dt.month().alias("m")).len()
    drawn = {(year, month): n for year, month, n in by_month.rows()}
    for year, months in PUBLISHED.items():
        total = sum(drawn[year, month] for month in range(1, 13))
        assert abs(total - sum(months)) < 4 * math.sqrt(1.4 * sum(months)), year
        for month, published in enumerate(months, start=1):
            assert abs(drawn[year, month] - published) < 4.5 * math.sqrt(1.4 * published), (year, month)


def test_simulated_friday_and_saturday_nights_have_the_published_share(offences: pl.DataFrame) -> None:
    serious = offences.filter(IS_SERIOUS)
    assert serious.filter(IS_FRIDAY_OR_SATURDAY).height / serious.height == pytest.approx(0.23, abs=0.03)
    alert = offences.filter(IS_ALERT)
    assert alert.filter(IS_FRIDAY_OR_SATURDAY).height / alert.height == pytest.approx(0.23, abs=0.012)


def test_the_alert_measure_is_about_eight_times_the_serious_offences(offences: pl.DataFrame) -> None:
    ratio = offences.filter(IS_ALERT).height / offences.filter(IS_SERIOUS).height
    assert ratio == pytest.approx(8, rel=0.07)


def test_about_half_of_all_is_in_derby(offences: pl.DataFrame) -> None:
    share = offences.filter(IS_ALERT)["district"].eq("Derby").sum() / offences.filter(IS_ALERT).height
    assert share == pytest.approx(0.5, abs=0.02)


def test_a_year_that_is_not_published_takes_the_level_of_the_nearest_one(calibration: Calibration) -> None:
    published = calibration.published
    assert sum(month_target(published, 2022, month) for month in range(1, 13)) == pytest.approx(2397)
    assert sum(month_target(published, 2026, month) for month in range(1, 13)) == pytest.approx(2779)
    january_share = (172 + 173) / (2397 + 2779)
    assert month_target(published, 2026, 1) == pytest.approx(2779 * january_share)


def test_figures_that_do_not_add_up_are_refused_with_their_sum(tmp_path: Path) -> None:
    text = (AREA / "simulation.toml").read_text().replace("chesterfield = 0.14", "chesterfield = 0.24")
    (tmp_path / "simulation.toml").write_text(text)
    with pytest.raises(ValueError, match=r"town_centre_shares add up to 1\.1, not 1"):
        load_calibration(tmp_path)


def test_a_missing_file_of_figures_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"simulation\.toml: no such file"):
        load_calibration(tmp_path)
