"""The walk forward over a panel folder: the files it reads and writes, and that it never peeks."""

from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console
from rich.progress import Progress

from cli.backtest import backtest as cli_backtest
from cli.backtest import say_settings
from forecasts.backtest.walk import BacktestSummary, backtest_panel
from forecasts.known.area_inputs import band_settings
from forecasts.settings import BandSettings
from nte.errors import MisuseError
from tests.areas import derbyshire
from tests.forecasts.small_area import SmallArea, weekend

NIGHTS = [*weekend(98), *weekend(99), *weekend(100), *weekend(101)]
MONDAY = NIGHTS[-3] - timedelta(days=4)


def write_panel(
    area: SmallArea, folder: Path, *, nights: list[date] = NIGHTS, is_delayed: bool = False
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    counts = area.history.select(
        centre="centre_code",
        source="source",
        night="evening",
        count=pl.when("is_covered").then("n_incidents"),
        observed=pl.when("is_covered").then(pl.lit("True")).otherwise(pl.lit("False")),
    )
    counts.write_csv(folder / "nights.csv")
    area.calendar.rename({"evening": "night"}).write_csv(folder / "calendar.csv")
    area.centres.rename({"centre_code": "centre"}).write_csv(folder / "centres.csv")
    area.recording_changes.rename({"first_evening": "first_night"}).write_csv(
        folder / "recording_changes.csv"
    )
    pl.DataFrame({"night": nights}).write_csv(folder / "to_forecast.csv")
    if is_delayed:
        shares = {1: 0.4, 2: 0.5, 3: 0.6, 7: 0.8, 14: 0.9, 28: 1.0, 35: 1.0}
        counts.filter(pl.col("count").is_not_null()).select(
            "centre",
            "source",
            "night",
            **{
                f"after_{age}_days": (pl.col("count") * share).round().cast(pl.Int64)
                for age, share in shares.items()
            },
        ).write_csv(folder / "asof.csv")
    return folder


def run(folder: Path) -> BacktestSummary:
    return backtest_panel(folder, BandSettings(), Progress(disable=True))


@pytest.fixture(scope="module")
def folder(small_area: SmallArea, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_panel(small_area, tmp_path_factory.mktemp("panel"))
    run(folder)
    return folder


def forecasts(folder: Path) -> pl.DataFrame:
    return pl.read_csv(folder / "forecasts.csv", schema_overrides={"night": pl.Date})


def test_every_night_asked_for_is_forecast(folder: Path) -> None:
    written = forecasts(folder)
    assert written.columns == [
        "centre",
        "source",
        "night",
        "expected",
        "lower",
        "upper",
        "upper_0.025",
        "upper_0.005",
        "p_value",
    ]
    assert written.height == len(NIGHTS) * 3 * 2
    assert ((written["lower"] <= written["expected"]) & (written["expected"] <= written["upper"])).all()
    assert ((written["upper_0.025"] <= written["upper"]) & (written["upper"] <= written["upper_0.005"])).all()


def test_the_tail_falls_from_one_incident_to_one_in_a_million(folder: Path) -> None:
    tail = pl.read_csv(folder / "tail.csv")
    assert tail.columns == ["centre", "source", "night", "k", "p_ge_k"]
    per_night = tail.group_by("centre", "source", "night").agg(pl.col("k").min(), pl.col("p_ge_k").min())
    assert per_night["k"].unique().to_list() == [1]
    assert (per_night["p_ge_k"] > 1e-6).all()
    assert (per_night["p_ge_k"] < 1e-4).all()


def test_the_p_value_stands_in_the_tail(folder: Path, small_area: SmallArea) -> None:
    tail = pl.read_csv(folder / "tail.csv", schema_overrides={"night": pl.Date})
    counted = small_area.history.select(
        centre="centre_code", source="source", night="evening", k="n_incidents"
    )
    rows = forecasts(folder).join(counted, on=["centre", "source", "night"])
    rows = rows.join(tail, on=["centre", "source", "night", "k"])
    assert rows.height > 20
    assert rows["p_value"].to_list() == pytest.approx(rows["p_ge_k"].to_list())


def test_every_centre_and_window_is_scored(folder: Path) -> None:
    windows = pl.read_csv(folder / "detectors.csv")
    assert windows.columns == [
        "centre",
        "first_night",
        "last_night",
        "detector",
        "score",
        "limit",
        "is_exceedance",
    ]
    heights = dict(windows.group_by("detector").len().iter_rows())
    assert heights == {"night": 3 * 12, "weekend": 3 * 4, "four_weekends": 3}


def test_counts_from_the_monday_on_do_not_change_the_forecast(
    folder: Path, small_area: SmallArea, tmp_path: Path
) -> None:
    is_later = pl.col("evening") >= MONDAY
    other = small_area.with_history(
        small_area.history.with_columns(
            n_incidents=pl.when(is_later).then(pl.col("n_incidents") * 7 + 5).otherwise("n_incidents")
        )
    )
    changed = write_panel(other, tmp_path)
    run(changed)
    before, after = (forecasts(at).drop("p_value") for at in (folder, changed))
    assert before.equals(after)


def test_the_weeks_before_do_change_it(folder: Path, small_area: SmallArea, tmp_path: Path) -> None:
    is_before = pl.col("evening").is_between(MONDAY - timedelta(days=7), MONDAY - timedelta(days=1))
    other = small_area.with_history(
        small_area.history.with_columns(
            n_incidents=pl.when(is_before).then(pl.col("n_incidents") + 1).otherwise("n_incidents")
        )
    )
    changed = write_panel(other, tmp_path)
    run(changed)
    last = pl.col("night") >= MONDAY
    assert not forecasts(folder).filter(last).equals(forecasts(changed).filter(last))


def test_a_night_that_is_not_covered_has_no_p_value(small_area: SmallArea, tmp_path: Path) -> None:
    is_gap = (pl.col("evening") == NIGHTS[-1]) & (pl.col("source") == "police")
    gap = small_area.with_history(small_area.history.with_columns(is_covered=~is_gap))
    folder = write_panel(gap, tmp_path, nights=NIGHTS[-3:])
    run(folder)
    missing = forecasts(folder).filter(pl.col("p_value").is_null())
    assert missing["night"].unique().to_list() == [NIGHTS[-1]]
    assert missing["source"].unique().to_list() == ["police"]


def test_with_delayed_reports_a_weekend_is_judged_as_known_on_monday(
    folder: Path, small_area: SmallArea, tmp_path: Path
) -> None:
    delayed = write_panel(small_area, tmp_path, nights=NIGHTS[-3:], is_delayed=True)
    run(delayed)
    young, final = (
        forecasts(at)
        .filter(pl.col("night").is_in(NIGHTS[-3:]))
        .group_by("night")
        .agg(pl.col("expected").sum())
        for at in (delayed, folder)
    )
    shares = young.join(final, on="night").sort("night")
    assert (shares["expected"] / shares["expected_right"]).to_list() == pytest.approx(
        [0.6, 0.5, 0.4], abs=0.08
    )


def brook_is_above(area: SmallArea, folder: Path, n_police: int, settings: BandSettings) -> bool:
    """Say whether Brook's last Saturday is above, with so many police records in the end, half of them in by Monday."""
    is_it = (
        (pl.col("evening") == NIGHTS[-2])
        & (pl.col("centre_code") == "brook")
        & (pl.col("source") == "police")
    )
    raised = area.history.with_columns(n_incidents=pl.when(is_it).then(n_police).otherwise("n_incidents"))
    write_panel(area.with_history(raised), folder, nights=NIGHTS[-3:], is_delayed=True)
    backtest_panel(folder, settings, Progress(disable=True))
    windows = pl.read_csv(folder / "detectors.csv", schema_overrides={"first_night": pl.Date})
    return bool(
        windows.filter(centre="brook", detector="night", first_night=NIGHTS[-2])["is_exceedance"].item()
    )


@pytest.mark.parametrize(
    ("n_police", "gamma", "is_above"),
    [(14, 0.75, True), (14, 0.85, False), (13, 0.75, False), (13, 0.4, True)],
)
def test_a_young_night_is_above_when_its_chance_to_end_above_its_limit_is_at_least_gamma(
    small_area: SmallArea, tmp_path: Path, n_police: int, gamma: float, is_above: bool
) -> None:
    # The limit is 7. Of 14 records 7 are in, which is a chance of 0.81 to end above; of 13 it is 6, and 0.49.
    assert brook_is_above(small_area, tmp_path, n_police, BandSettings(gamma=gamma)) is is_above


def test_no_night_is_above_that_ends_under_its_least_count(small_area: SmallArea, tmp_path: Path) -> None:
    assert not brook_is_above(small_area, tmp_path, 14, BandSettings(least_count={"police": 20}))


def test_an_area_gives_its_budget_and_least_counts(small_area: SmallArea, tmp_path: Path) -> None:
    folder, told = write_panel(small_area, tmp_path, nights=NIGHTS[-3:]), StringIO()
    cli_backtest(Console(file=told, width=500), folder, "derbyshire", n_workers=1)
    assert (
        "As in the area derbyshire: 1 false alarm in 30 days over the whole panel (night 60 %,"
        in told.getvalue()
    )
    assert (
        "least counts police 5 (none for ambulance); least sums weekend 6, four weekends 12."
        in told.getvalue()
    )
    windows = pl.read_csv(folder / "detectors.csv")
    by_area = backtest_panel(folder, band_settings(derbyshire()), Progress(disable=True))
    assert by_area.n_windows == windows.height
    assert pl.read_csv(folder / "detectors.csv").equals(windows)
    run(folder)
    assert not pl.read_csv(folder / "detectors.csv").equals(windows)


def test_without_an_area_the_default_is_said() -> None:
    assert say_settings(BandSettings(), None, ["police"]) == (
        "No area named, so the default: 1 false alarm in 30 days over the whole panel (night 60 %, weekend 25 %, "
        "four weekends 15 %); above from a chance of 75 in 100; no least counts."
    )


def test_an_area_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "nights.csv").touch()
    with pytest.raises(
        MisuseError,
        match=r"atlantis: no such area. Name one of derbyshire, new-york, nottinghamshire, or a folder",
    ):
        cli_backtest(Console(file=StringIO()), tmp_path, "atlantis", n_workers=1)


def test_two_processes_write_what_one_writes(folder: Path, small_area: SmallArea, tmp_path: Path) -> None:
    shared = write_panel(small_area, tmp_path)
    backtest_panel(shared, BandSettings(), Progress(disable=True), n_workers=2)
    for name in ("forecasts.csv", "tail.csv", "detectors.csv"):
        assert (shared / name).read_bytes() == (folder / name).read_bytes(), name
