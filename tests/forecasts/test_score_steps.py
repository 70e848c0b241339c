"""The Monday step over a real warehouse: scores and shifts, the same however often it runs."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from forecasts.steps import Scored, score_bands
from nte import negative_binomial as nb
from nte.settings import Settings
from nte.tables.alerts import DECISIONS
from nte.tables.bands import BAND_SCORES, BANDS, LEVEL_SHIFTS
from nte.tables.counts import NIGHT_COUNT_REVISIONS
from nte.tables.deliveries import DELIVERIES
from nte.tables.judgements import JUDGEMENTS, WINDOW_SCORES
from nte.tables.scores import ALERT_SCORES
from nte.warehouse import open_warehouse
from tests.areas import derbyshire

AREA = derbyshire()
FIRST, LIVE = date(2025, 1, 3), date(2025, 9, 12)
N_WEEKS = 52
SHIFTED = FIRST + timedelta(weeks=N_WEEKS - 7)
NOW = AREA.clock.morning_of(FIRST + timedelta(days=7 * N_WEEKS - 4))
CENTRES = [f"centre-{n}" for n in range(6)]
MEANS = {"ae": 3.0, "police": 2.0}
SIZE = 20.0
AGES = (1, 2, 3, 4, 5, 10)
KEY = ("evening", "centre_code", "source", "definition")
SAID_OF_A_NIGHT = ("n_incidents", "is_covered", "as_of", "stands_chance", "verdict")
READ = (NIGHT_COUNT_REVISIONS, BANDS, DELIVERIES, JUDGEMENTS, WINDOW_SCORES, DECISIONS)


def rows() -> pl.DataFrame:
    """Return every weekend night with its count; from `SHIFTED` on A&E records 0.45 of what it did."""
    evenings = [FIRST + timedelta(days=7 * week + day) for week in range(N_WEEKS) for day in range(3)]
    nights = pl.DataFrame({"evening": evenings}).join(pl.DataFrame({"centre_code": CENTRES}), how="cross")
    frame = nights.join(pl.DataFrame({"source": list(MEANS), "expected": list(MEANS.values())}), how="cross")
    is_shifted = (pl.col("source") == "ae") & (pl.col("evening") >= SHIFTED)
    mean = frame.select(pl.when(is_shifted).then(0.45 * pl.col("expected")).otherwise("expected"))
    average = mean.to_series().to_numpy()
    count = np.random.default_rng(3).negative_binomial(SIZE, SIZE / (SIZE + average))
    known = [AREA.clock.morning_of(max(e + timedelta(days=1), LIVE)) for e in frame["evening"].to_list()]
    return frame.with_columns(
        definition=pl.lit(AREA.alert_definition),
        n_incidents=pl.Series(count),
        is_covered=pl.lit(value=True),
        known_at=pl.Series(known),
    )


def bands(frame: pl.DataFrame) -> pl.DataFrame:
    live = frame.filter(pl.col("evening") >= LIVE)
    mean = live["expected"].to_numpy()
    issued = AREA.clock.morning_of(LIVE)
    return live.with_columns(
        lower=pl.lit(0),
        upper=pl.Series(nb.quantile(0.99, mean, SIZE)),
        alert_limit=pl.Series(nb.limit(0.002, mean, SIZE)),
        alert_level=pl.lit(0.002),
        rule=pl.lit("stands"),
        dispersion=pl.lit(SIZE),
        detectable_ratio=pl.lit(None),
        n_training_nights=pl.lit(100),
        trained_from=pl.lit(FIRST),
        trained_to=pl.lit(LIVE),
        issued_as_of=pl.lit(issued),
        is_retrospective=pl.lit(value=False),
        made_at=pl.lit(issued),
        model_version=pl.lit("test"),
    )


def delivery(source: str) -> dict[str, object]:
    morning = AREA.clock.morning_of(LIVE)
    text = {"delivery_id": source, "source": source, "file_name": source, "sha256": source}
    instants = dict.fromkeys(("taken_at", "known_at", "covers_from_at", "covers_to_at"), morning)
    return {**text, "n_bytes": 1, **instants, "is_history": True, "n_declared": None, "is_conformed": True}


def chances(frame: pl.DataFrame) -> pl.DataFrame:
    """Return judgements of the live nights: on morning n a chance of n in 100, and nothing new on mornings 6 to 9."""
    live = frame.filter(pl.col("evening") >= LIVE).join(pl.DataFrame({"age": AGES}), how="cross")
    mornings = [
        AREA.clock.morning_of(evening + timedelta(days=age))
        for evening, age in live.select("evening", "age").iter_rows()
    ]
    row: dict[str, object] = dict.fromkeys(JUDGEMENTS.names)
    return live.select(
        *KEY, "n_incidents", "is_covered", as_of=pl.Series(mornings), stands_chance=pl.col("age") / 100,
        verdict=pl.lit("within"), **{n: pl.lit(None) for n in row.keys() - {*KEY, *SAID_OF_A_NIGHT}},
    )  # fmt: skip


def windows() -> pl.DataFrame:
    """Return two looks at a weekend of each centre: a chance of 3 in 10 on its first morning, and above in the end."""
    last = LIVE + timedelta(days=2)
    rows = [
        (
            centre,
            "weekend",
            LIVE,
            last,
            AREA.clock.morning_of(last + timedelta(days=age)),
            6.0,
            5.0,
            above,
            chance,
            9,
        )
        for centre in CENTRES
        for age, above, chance in ((1, False, 0.3), (35, True, 0.99))
    ]
    return pl.DataFrame(rows, schema=WINDOW_SCORES.schema, orient="row")


def alert() -> pl.DataFrame:
    """Return what was said of one alert, first and in the end."""
    evening = LIVE + timedelta(days=1)
    view = {"source": "ae", "verdict": "above", "n_incidents": 9}
    night = {"evening": f"{evening}", "centre_code": CENTRES[0], "sources": [view]}
    facts = json.dumps({"detector": "night", "last_evening": f"{evening}", "nights": [night]})
    rows = [
        (reason, CENTRES[0], AREA.clock.morning_of(evening + timedelta(days=age)), reason, True, 0.8, facts)
        for reason, age in (("first", 2), ("withdrawn", 20))
    ]
    return pl.DataFrame(rows, schema=DECISIONS.schema, orient="row")


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Scored]:
    """A home that was scored in one run, and what that run did."""
    settings = Settings(home=tmp_path_factory.mktemp("scored"))
    with open_warehouse(settings) as warehouse:
        warehouse.append(NIGHT_COUNT_REVISIONS, rows())
        warehouse.append(BANDS, bands(rows()))
        warehouse.append(DELIVERIES, pl.DataFrame([delivery(source) for source in MEANS]))
        warehouse.append(JUDGEMENTS, chances(rows()))
        warehouse.append(WINDOW_SCORES, windows())
        warehouse.append(DECISIONS, alert())
    return settings, score_bands(settings, AREA, NOW)


def left(settings: Settings) -> list[pl.DataFrame]:
    with open_warehouse(settings) as warehouse:
        return [warehouse.read(table).sort(table.keys) for table in (BAND_SCORES, LEVEL_SHIFTS, ALERT_SCORES)]


def test_every_monday_is_scored_once_and_a_shift_is_named(scored: tuple[Settings, Scored]) -> None:
    settings, done = scored
    scores, shifts, of_alerts = left(settings)
    assert done.n_mondays == (NOW.date() - LIVE).days // 7 + 1
    assert done.n_shifts == 1
    latest = shifts.filter(as_of=NOW)
    assert latest.select("source", "centre_code").rows() == [("ae", "")]
    assert abs((latest["since_evening"][0] - SHIFTED).days) <= 14
    assert scores.filter(as_of=NOW)["span"].n_unique() == 3
    assert of_alerts["as_of"].unique().sort().equals(scores["as_of"].unique().sort())
    assert score_bands(settings, AREA, NOW) == Scored(0, 0, 0)


def test_past_alerts_and_one_look_at_each_night_and_window_are_scored(
    scored: tuple[Settings, Scored],
) -> None:
    found = left(scored[0])[2].filter(as_of=NOW, span="all weekends")
    night, weekend = (found.filter(detector=name).row(0, named=True) for name in ("night", "weekend"))
    assert (night["n_alerts"], night["n_withdrawn_for_nothing"], night["mean_first_morning"]) == (1, 1, 2.0)
    n_evenings = sum(e <= NOW.date() - timedelta(days=11) for e in rows()["evening"].unique() if e >= LIVE)
    assert night["n_looks"] == night["fifth_1_n"] == n_evenings * len(CENTRES) * len(MEANS)
    # Looks fall on the ten mornings alike; on the sixth to the ninth the chance of the fifth is the latest known.
    assert night["fifth_1_stated_share"] == pytest.approx((1 + 2 + 3 + 4 + 5 * 5 + 10) / 1000, abs=0.003)
    open_on = left(scored[0])[2].filter(detector="night", span="all weekends", n_open=1)
    assert open_on["n_alerts"].unique().to_list() == [0]
    assert (weekend["n_looks"], weekend["fifth_2_n"], weekend["fifth_2_realised_share"]) == (6, 6, 1.0)


def test_one_run_and_a_run_a_week_leave_the_same(scored: tuple[Settings, Scored], tmp_path: Path) -> None:
    settings, _ = scored
    weekly = Settings(home=tmp_path / "weekly")
    with open_warehouse(settings) as warehouse:
        tables = {table: warehouse.read(table) for table in READ}
    with open_warehouse(weekly) as warehouse:
        for table, frame in tables.items():
            warehouse.append(table, frame)
    for morning in mondays():
        score_bands(weekly, AREA, morning)
    for straight, by_week in zip(left(settings), left(weekly), strict=True):
        assert straight.equals(by_week)


def mondays() -> list[datetime]:
    start = LIVE + timedelta(days=3)
    return [
        AREA.clock.morning_of(start + timedelta(weeks=n)) for n in range((NOW.date() - start).days // 7 + 1)
    ]


def test_without_bands_there_is_nothing_to_score(tmp_path: Path) -> None:
    assert score_bands(Settings(home=tmp_path), AREA, NOW) == Scored(0, 0, 0)
