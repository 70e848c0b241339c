"""Shifts that nobody announced: a series that has come out too high or too low for weeks on end.

The level of the forecast follows such a shift by itself. That it happened is worth a question all the same: a rise
of crime and a new recording practice look alike in the counts, and only the provider can tell them apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from forecasts.curve.panel import Floats
from nte import negative_binomial as nb

N_LOOKED_BACK = 8
"""Weekends in which a shift may have begun."""
LEAST_WEEKENDS = 3
"""A surge of a weekend or two is no shift."""
LEAST_CHANGE = 0.15
"""A smaller change of the level is nobody's question."""
LEVEL_ERROR_SD = 0.06
"""Log standard deviation of what the forecast's level gets wrong for weeks on end without any shift."""
USUAL_SCATTER = 2.0
"""Variance of an area's weekend, as a multiple of independent nights': incidents cluster."""
USUAL_SCATTER_OF_CENTRE = 1.2
USUAL_SCATTER_WEEKENDS = 10.0
"""… and the weekends of evidence that this is worth beside what the series itself showed before."""
SURGE_SDS = 2.5
"""A centre's weekend further out than so many standard deviations counts as this: a surge is no level."""
LEARNED_WEEKENDS = 26
LEAST_CENTRES = 4
"""With fewer, a source's total is that of all its centres."""
MOVING_LEVEL = 0.05
"""A source that is as unlikely as this moves too: what several sources see in a place is no recording practice."""
QUIET_AFTER_CHANGE = timedelta(weeks=8)
"""So long after an announced change the level is still being learned: nights of that time say nothing."""
LOOKS_PER_FALSE_ALARM = 26
"""At most one false alarm in about two years over the whole area: a false run stays in sight for about four of the
weekly looks, so that two years hold as many separate looks as this."""
REMEMBERED = timedelta(weeks=4)
"""A shift named again within this time keeps the evening since which it was first named."""
WHOLE_AREA = ""

SHIFT_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "source": pl.String,
    "centre_code": pl.String,
    "since_evening": pl.Date,
    "ratio": pl.Float64,
    "n_weekends": pl.Int64,
    "p_value": pl.Float64,
}


@dataclass(frozen=True)
class Weekends:
    """The weekends of one source, in the area or in one centre, oldest first."""

    source: str
    centre_code: str
    first_evenings: list[date]
    seen: Floats
    expected: Floats
    variance: Floats
    """Of each weekend's count, if its nights and centres were independent."""


def name_shifts(
    judged: pl.DataFrame, recording_changes: pl.DataFrame, named_before: pl.DataFrame
) -> pl.DataFrame:
    """Return source, centre_code (empty: the area), since_evening, ratio, n_weekends and p_value of each shift.

    `judged` is what `judging.judge_nights` returns; the last 26 weekends teach the scatter. `ratio` is what was
    seen over what was expected since then: the bands follow meanwhile, so the shift itself is rather larger. A
    source's shift must not hang on one centre, and a place in which another source moves the same way has seen
    something happen. A centre is named only where its source has not shifted in the whole area. Half of the false
    alarms are for sources, half for centres. `named_before` holds the shifts of recent looks.
    """
    centres = _centre_weekends(_undisturbed(judged, recording_changes))
    by_source = _alone(_clearest_runs(_series(_area_weekends(centres))))
    by_centre = _alone(_clearest_runs(_series(centres)))
    is_elsewhere = ~pl.col("source").is_in(by_source["source"].to_list())
    return _with_first_evening(pl.concat([by_source, by_centre.filter(is_elsewhere)]), named_before)


def _undisturbed(judged: pl.DataFrame, recording_changes: pl.DataFrame) -> pl.DataFrame:
    """Return the known nights that no announced change is near."""
    known = judged.filter(pl.col("verdict") != "unknown").with_columns(
        variance=pl.col("expected_so_far") + pl.col("expected_so_far") ** 2 / pl.col("dispersion"),
        week=pl.col("evening").dt.truncate("1w").cast(pl.Date),
    )
    for source, first in recording_changes.select("source", "first_evening").iter_rows():
        is_near = pl.col("evening").is_between(first, first + QUIET_AFTER_CHANGE, closed="left")
        known = known.filter((pl.col("source") != source) | ~is_near)
    return known


def _centre_weekends(known: pl.DataFrame) -> pl.DataFrame:
    """Return source, centre_code, week, evening, seen, expected and variance of each weekend, surges capped."""
    sums = known.group_by("source", "centre_code", "week", maintain_order=True).agg(
        pl.col("evening").min(),
        seen=pl.col("n_incidents").sum(),
        expected=pl.col("expected_so_far").sum(),
        variance=pl.col("variance").sum(),
    )
    reach = SURGE_SDS * pl.col("variance").sqrt()
    capped = pl.col("seen").clip(pl.col("expected") - reach, pl.col("expected") + reach)
    return sums.with_columns(seen=capped).sort("source", "centre_code", "week")


def _area_weekends(centres: pl.DataFrame) -> pl.DataFrame:
    """Add the centres of each source up, but for the one furthest from its expectation in the weeks looked back on."""
    latest = centres.filter(pl.col("week") > pl.col("week").max() - timedelta(weeks=N_LOOKED_BACK))
    gap = (pl.col("seen") - pl.col("expected")).sum().abs()
    gaps = (
        latest.group_by("source", "centre_code", maintain_order=True).agg(gap=gap).sort("gap", "centre_code")
    )
    is_one_of_many = pl.len().over("source") >= LEAST_CENTRES
    furthest = gaps.filter(is_one_of_many).unique("source", keep="last", maintain_order=True)
    others = centres.join(furthest, on=["source", "centre_code"], how="anti")
    totals = others.group_by("source", "week", maintain_order=True).agg(
        pl.col("evening").min(), pl.col("seen", "expected", "variance").sum()
    )
    return totals.with_columns(centre_code=pl.lit(WHOLE_AREA)).sort("source", "week")


def _series(weekends: pl.DataFrame) -> list[Weekends]:
    return [
        Weekends(
            str(source),
            str(centre),
            rows["evening"].to_list(),
            rows["seen"].to_numpy(),
            rows["expected"].to_numpy(),
            rows["variance"].to_numpy(),
        )
        for (source, centre), rows in weekends.group_by("source", "centre_code", maintain_order=True)
    ]


def _clearest_runs(series: list[Weekends]) -> pl.DataFrame:
    """Return of each series the run of latest weekends that is least like the expectation."""
    rows = [row for weekends in series for row in _clearest_run(weekends)]
    return pl.DataFrame(rows, schema=SHIFT_SCHEMA, orient="row")


def _alone(runs: pl.DataFrame) -> pl.DataFrame:
    """Return the shifts among runs that share half of the false alarms: of one source in its place alone."""
    level = 0.5 / (LOOKS_PER_FALSE_ALARM * max(runs.height, 1))
    runs = runs.with_columns(is_higher=pl.col("ratio") > 1.0)
    is_moving = pl.col("p_value") < MOVING_LEVEL
    n_moving = is_moving.sum().over("centre_code", "is_higher")
    is_large = (pl.col("ratio") - 1.0).abs() >= LEAST_CHANGE
    return runs.filter(pl.col("p_value") < level, is_large, n_moving == 1).select(list(SHIFT_SCHEMA))


def _clearest_run(weekends: Weekends) -> Iterator[tuple[str, str, date, float, int, float]]:
    lengths = np.arange(LEAST_WEEKENDS, min(N_LOOKED_BACK, len(weekends.seen)) + 1)
    if not len(lengths):
        return
    seen, expected = _latest_sums(weekends.seen, lengths), _latest_sums(weekends.expected, lengths)
    variance = _scatter(weekends) * _latest_sums(weekends.variance, lengths)
    variance = variance + (LEVEL_ERROR_SD * expected) ** 2
    size = expected**2 / np.maximum(variance - expected, 1e-9)
    high = nb.tail_probability(seen, expected, size)
    low = 1.0 - nb.tail_probability(seen + 1, expected, size)
    # Every length and both directions are looked at: the least probability counts for as many.
    p_value = np.minimum(2 * len(lengths) * np.minimum(high, low), 1.0)
    best = int(p_value.argmin())
    since, n_weekends = weekends.first_evenings[-lengths[best]], int(lengths[best])
    ratio = float(seen[best] / max(expected[best], nb.MIN_MEAN))
    yield weekends.source, weekends.centre_code, since, ratio, n_weekends, float(p_value[best])


def _latest_sums(values: Floats, lengths: np.ndarray) -> Floats:
    return np.asarray(np.cumsum(values[::-1])[lengths - 1])


def _scatter(weekends: Weekends) -> float:
    """Return the variance of a weekend as a multiple of independent nights', learned from before the look back."""
    before = slice(-LEARNED_WEEKENDS - N_LOOKED_BACK, -N_LOOKED_BACK)
    gap = (weekends.seen - weekends.expected)[before] ** 2
    surplus = gap / np.maximum(weekends.variance[before], nb.MIN_MEAN)
    usual = USUAL_SCATTER if weekends.centre_code == WHOLE_AREA else USUAL_SCATTER_OF_CENTRE
    total = USUAL_SCATTER_WEEKENDS * usual + float(surplus.sum())
    return max(1.0, total / (USUAL_SCATTER_WEEKENDS + len(surplus)))


def _with_first_evening(shifts: pl.DataFrame, named_before: pl.DataFrame) -> pl.DataFrame:
    """Keep the evening since which a shift in the same direction was named before."""
    before = named_before.group_by("source", "centre_code", maintain_order=True).agg(
        was_higher=pl.col("ratio").last() > 1, since_before=pl.col("since_evening").last()
    )
    joined = shifts.join(before, on=["source", "centre_code"], how="left", maintain_order="left")
    is_same = pl.col("was_higher") == (pl.col("ratio") > 1)
    since = pl.when(is_same).then("since_before").otherwise("since_evening")
    return joined.with_columns(since_evening=since.fill_null(pl.col("since_evening"))).select(
        list(SHIFT_SCHEMA)
    )
