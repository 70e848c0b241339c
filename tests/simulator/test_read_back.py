"""What the simulator plants in the columns that are kept is read back from the counts by month."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from scipy.stats import beta

from simulator.calibration import load_calibration
from simulator.plan import SimulationPlan
from tests.areas import derbyshire
from tests.simulator.conftest import AREA, ENDS_ON, Inbox, simulated
from transforms.istv import istv_scorecard
from transforms.records import conform_records
from transforms.slices import sliced
from transforms.versions import ranked

KNOWN = {"known_at": datetime(2026, 4, 6, 6, tzinfo=UTC), "delivery_id": "all"}
DELIVERIES = pl.DataFrame({"delivery_id": ["all"], "is_history": [True]})
CALIBRATION = load_calibration(AREA)
Pairs = list[tuple[int, int]]


def records_of(inbox: Inbox, source: str) -> pl.DataFrame:
    """Return everything that a source brought, as the records of one delivery."""
    files = sorted((inbox.summary.inbox / source).glob("*.csv"))
    text = pl.concat([pl.read_csv(path, infer_schema_length=0) for path in files])
    numbered = text.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row_number"))
    area = derbyshire()
    return ranked(conform_records(numbered, area.sources[source], area, known=dict(KNOWN)), DELIVERIES)


@pytest.fixture(scope="module")
def cells(inbox: Inbox) -> pl.DataFrame:
    both = pl.concat([records_of(inbox, "police"), records_of(inbox, "emas")])
    return sliced(both, derbyshire())[0]


def by_month(cells: pl.DataFrame, n: str, chosen: pl.Expr, known: pl.Expr, **where: str) -> Pairs:
    """Return the count of what is chosen and of what is known, month by month."""
    sums = cells.filter(**where).group_by("month").agg(
        pl.col(n).filter(chosen & known).sum().alias("chosen"), pl.col(n).filter(known).sum().alias("known")
    )  # fmt: skip
    return list(sums.select("chosen", "known").iter_rows())


def n_covering(pairs: Pairs, planted: float) -> int:
    """Return in how many the 95 % interval (Clopper and Pearson) holds what was planted."""
    ends = [
        (beta.ppf(0.025, k, n - k + 1) if k else 0.0, beta.ppf(0.975, k + 1, n - k) if k < n else 1.0)
        for k, n in pairs
    ]
    return sum(low <= planted <= high for low, high in ends)


def planted(cells: pl.DataFrame, inbox: Inbox) -> Iterator[tuple[Pairs, float]]:
    """Yield what is read back month by month, and what was planted."""
    police, ae = CALIBRATION.police, CALIBRATION.ae
    ages, alcohol = police.victim_age_band, police.flag_alcohol
    age, has_age, every = pl.col("age_group"), pl.col("age_group") != "unknown", pl.lit(value=True)
    board = {"source": "police", "definition": "sv-2025"}
    yield (
        by_month(cells, "n_victims", age.is_in(["under_18", "18_24"]), has_age, **board),
        ages["0-17"] + ages["18-24"],
    )
    yield by_month(cells, "n_victims", age == "under_18", has_age, **board), ages["0-17"]
    said = pl.col("alcohol") != "unknown"
    share = alcohol["Y"] / (alcohol["Y"] + alcohol["N"])
    yield by_month(cells, "n_offences", pl.col("alcohol") == "yes", said, **board), share
    yield by_month(cells, "n_offences", ~said, every, **board), alcohol[""]
    emas = {"source": "emas", "definition": "nte-violence"}
    licensed = pl.col("location_group") == "licensed_premises"
    yield (
        by_month(cells, "n_victims", licensed, every, **emas),
        CALIBRATION.emas.location_types["licensed_premises"],
    )
    yield by_month(cells, "n_victims", pl.col("offence_group") == "penetrating_injury", every, **emas), CALIBRATION.emas.penetrating_share  # fmt: skip
    visits = records_of(inbox, "ae")
    scorecard = istv_scorecard(visits, DELIVERIES, NO_COUNTS, derbyshire())
    for column, rate in (
        ("time_exact_share", ae.assault_time_precision["exact"]),
        ("method_specific_share", 1 - ae.assault_method["other"]),
        ("police_informed_known_share", 1 - ae.police_informed[""]),
    ):
        counts = scorecard.select(
            (pl.col(column) * pl.col("n_attendances")).round().cast(pl.Int64), "n_attendances"
        )
        yield list(counts.iter_rows()), rate


NO_COUNTS = pl.DataFrame(
    schema={"source": pl.String, "evening": pl.Date, "centre_code": pl.String, "is_covered": pl.Boolean}
)


def test_the_intervals_of_what_is_read_back_hold_what_was_planted_in_90_to_99_of_100(
    cells: pl.DataFrame, inbox: Inbox
) -> None:
    n_held = n_all = 0
    for pairs, rate in planted(cells, inbox):
        n_held, n_all = n_held + n_covering(pairs, rate), n_all + len(pairs)
        total, known = (sum(column) for column in zip(*pairs, strict=True))
        assert abs(total / known - rate) < 0.03
    assert n_all > 250
    assert 0.90 <= n_held / n_all <= 0.99


def test_a_third_of_knife_victims_under_25_and_a_fifth_of_blank_texts_are_planted_and_nothing_else_moves(
    tmp_path: Path,
) -> None:
    plan = SimulationPlan(3, 1, 30, ENDS_ON)
    area = tmp_path / "derbyshire"
    shutil.copytree(AREA, area)
    figures = (area / "simulation.toml").read_text()
    knives = 'knife_victim_age_band = { "0-17" = 0.13, "18-24" = 0.20, "25-34" = 0.33, "35+" = 0.34 }\nstreet_types'
    stated = figures.replace("street_types", knives, 1).replace(
        "no_place_share = 0.12", "no_place_share = 0.20"
    )
    texts = 'no_place_texts = ["home address", "country lane", "not known", "?", ""]'
    (area / "simulation.toml").write_text(stated.replace(texts, 'no_place_texts = [""]'))
    with_it, without = simulated(plan, tmp_path / "a", area), simulated(plan, tmp_path / "b")
    other = pl.exclude("victim_age_band")
    assert with_it.rows["police"].select(other).equals(without.rows["police"].select(other))
    assert with_it.rows["emas"].equals(without.rows["emas"])
    crimes = with_it.rows["police"].with_columns(is_young=pl.col("victim_age_band").is_in(["0-17", "18-24"]))
    shares = dict(crimes.group_by("flag_knife").agg(pl.col("is_young").mean()).iter_rows())
    assert abs(shares["Y"] - 0.33) < 0.04
    assert abs(shares["N"] - 0.479) < 0.02
    visits = with_it.rows["ae"].filter(pl.col("place_text") == "").height / with_it.rows["ae"].height
    assert visits > 0.2  # a fifth of those in a town centre, and all elsewhere
