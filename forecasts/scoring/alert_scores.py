"""Do alerts stand, is the stated chance true, and was what ended above its limit told of in time?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from forecasts.scoring.alert_looks import FINISHED_DAYS, LAST_LOOK
from forecasts.scoring.past_alerts import PastAlert, Place
from forecasts.scoring.scores import TESTED_SPAN, WEEKS_PER_FALSE_WARNING
from nte.detectors import NIGHT_IS_SPOKEN_FOR_BY
from nte.nights import NightClock
from nte.tables.scores import FIFTHS
from nte.words import AlertRule, Detector

SPANS: dict[str, int | None] = {"last 26 weekends": 26, "all weekends": None}
EVERY_DETECTOR = ""
KEY = ["rule", "detector"]
N_OF = ["n_alerts", "n_open", "n_stood", "n_withdrawn_for_nothing", "n_withdrawn_record_gone", "n_came_again"]
LOOKS_OF = ["n_looks", *(f"fifth_{fifth}_n" for fifth in FIFTHS)]
TELLS_OF_NIGHTS = {str(Detector.NIGHT), *map(str, NIGHT_IS_SPOKEN_FOR_BY)}
ALERT_SCHEMA = {
    "rule": pl.String,
    "detector": pl.String,
    "evening": pl.Date,
    "has_ended": pl.Boolean,
    "stands": pl.Boolean,
    "for_nothing": pl.Boolean,
    "came_again": pl.Boolean,
    "morning": pl.Int64,
    "stated": pl.Float64,
}


@dataclass(frozen=True)
class Monday:
    """The morning whose knowledge is used, and what was known on it of the nights."""

    morning: datetime
    clock: NightClock
    incomplete: frozenset[Place]
    """Nights of a centre of which some source is still filling."""

    @property
    def today(self) -> date:
        """Return its date."""
        return self.clock.local_date(self.morning)


def incomplete_nights(counts: pl.DataFrame, complete_share: float) -> frozenset[Place]:
    """Return the nights of a centre of which some covered source is known to less than `complete_share`."""
    filling = counts.filter("is_covered", pl.col("known_share") < complete_share)
    return frozenset(filling.select("centre_code", "evening").unique().iter_rows())


def score_alerts(
    alerts: Sequence[PastAlert], nights: pl.DataFrame, looks: pl.DataFrame, monday: Monday, gamma: float
) -> pl.DataFrame:
    """Return one row a span, rule and detector, and one for every detector together.

    `alerts`: all that people had been told by that Monday. `nights`: the complete ones, each with its band and count.
    `looks`: evening, detector, stands_chance and is_above of nights and windows. A detector of which there is nothing
    has no row; before the first complete night there is none at all.
    """
    newest = nights["evening"].max()
    if not isinstance(newest, date):
        return pl.DataFrame()
    of_alerts = _alert_rows(alerts, monday)
    of_looks = _ended_looks(looks, monday.today)
    of_nights = _nights_above(nights, alerts, monday)
    frames = []
    for span, n_weekends in SPANS.items():
        first = (
            date.min
            if n_weekends is None
            else newest - timedelta(days=newest.weekday(), weeks=n_weekends - 1)
        )
        chosen = pl.col("evening") >= first
        found = _together(
            _outcomes(of_alerts.filter(chosen)),
            _reliability(of_looks.filter(chosen)),
            _told(of_nights.filter(chosen)),
        )
        found = _with_bound(found, span, gamma)
        frames.append(found.with_columns(span=pl.lit(span)))
    return pl.concat(frames)


def _alert_rows(alerts: Iterable[PastAlert], monday: Monday) -> pl.DataFrame:
    rows = [
        (
            str(AlertRule.SO_FAR if alert.first.stands_chance is None else AlertRule.STANDS),
            alert.first.detector,
            alert.first.last_evening,
            _has_ended(alert, monday),
            alert.stands,
            not alert.stands and not alert.has_lost_records,
            alert.came_again,
            (monday.clock.local_date(alert.first.as_of) - alert.first.last_evening).days,
            alert.first.stands_chance,
        )
        for alert in alerts
    ]
    return pl.DataFrame(rows, schema=ALERT_SCHEMA, orient="row")


def _has_ended(alert: PastAlert, monday: Monday) -> bool:
    """Say whether what became of it can be told: earlier, those that fall would be counted before those that stand."""
    if (monday.today - alert.first.last_evening).days >= FINISHED_DAYS:
        return True
    return not any(saying.places & monday.incomplete for saying in alert.sayings)


def _ended_looks(looks: pl.DataFrame, today: date) -> pl.DataFrame:
    """Return the looks whose end is known: later mornings than this Monday's are not looked at."""
    days = pl.when(pl.col("detector") == str(Detector.NIGHT)).then(LAST_LOOK + 1).otherwise(FINISHED_DAYS)
    return looks.filter((pl.lit(today) - pl.col("evening")).dt.total_days() >= days)


def _nights_above(nights: pl.DataFrame, alerts: Sequence[PastAlert], monday: Monday) -> pl.DataFrame:
    """Return the nights of a centre that ended above a limit, and whether people were told of each in time."""
    above = nights.filter(
        pl.col("n_incidents") > pl.col("alert_limit"),
        (pl.lit(monday.today) - pl.col("evening")).dt.total_days() >= LAST_LOOK,
    )
    rows = above.select("evening", "centre_code", "rule").unique(
        ["evening", "centre_code"], maintain_order=True
    )
    telling: dict[Place, list[PastAlert]] = {}
    for alert in alerts:
        if alert.first.detector in TELLS_OF_NIGHTS:
            for place in {place for saying in alert.sayings for place in saying.places}:
                telling.setdefault(place, []).append(alert)
    is_told = [
        any(
            a.stood_on(monday.clock.morning_of(evening + timedelta(days=LAST_LOOK)))
            for a in telling.get((centre, evening), [])
        )
        for evening, centre in rows.select("evening", "centre_code").iter_rows()
    ]
    return rows.with_columns(is_told=pl.Series(is_told, dtype=pl.Boolean))


def _of_each_and_all(rows: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([rows, rows.with_columns(detector=pl.lit(EVERY_DETECTOR))])


def _outcomes(rows: pl.DataFrame) -> pl.DataFrame:
    ended, stands, for_nothing = pl.col("has_ended"), pl.col("stands"), pl.col("for_nothing")
    return (
        _of_each_and_all(rows)
        .group_by(KEY, maintain_order=True)
        .agg(
            n_alerts=ended.sum(),
            n_open=(~ended).sum(),
            n_stood=(ended & stands).sum(),
            n_withdrawn_for_nothing=(ended & for_nothing).sum(),
            n_withdrawn_record_gone=(ended & ~stands & ~for_nothing).sum(),
            n_came_again=(ended & pl.col("came_again")).sum(),
            mean_first_morning=pl.col("morning").filter(ended).mean(),
            first_stated_share=pl.col("stated").filter(ended).mean(),
        )
    )


def _reliability(looks: pl.DataFrame) -> pl.DataFrame:
    stated, came = pl.col("stands_chance"), pl.col("is_above").cast(pl.Float64)
    fifth = (stated * len(FIFTHS)).floor().clip(0, len(FIFTHS) - 1) + 1
    return (
        _of_each_and_all(looks.with_columns(rule=pl.lit(str(AlertRule.STANDS))))
        .group_by(KEY, maintain_order=True)
        .agg(
            n_looks=pl.len(),
            brier_score=((stated - came) ** 2).mean(),
            **{f"fifth_{n}_n": (fifth == n).sum() for n in FIFTHS},
            **{f"fifth_{n}_stated_share": stated.filter(fifth == n).mean() for n in FIFTHS},
            **{f"fifth_{n}_realised_share": came.filter(fifth == n).mean() for n in FIFTHS},
        )
    )


def _told(nights: pl.DataFrame) -> pl.DataFrame:
    return (
        _of_each_and_all(nights.with_columns(detector=pl.lit(str(Detector.NIGHT))))
        .group_by(KEY, maintain_order=True)
        .agg(n_above_limit=pl.len(), n_told_by_10=pl.col("is_told").sum())
    )


def _together(outcomes: pl.DataFrame, reliability: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    found = outcomes.join(reliability, on=KEY, how="full", coalesce=True)
    found = found.join(told, on=KEY, how="full", coalesce=True)
    has_nights = pl.col("detector").is_in([EVERY_DETECTOR, str(Detector.NIGHT)])
    return found.with_columns(
        pl.col([*N_OF, *LOOKS_OF]).fill_null(0),
        *(pl.when(has_nights).then(pl.col(name).fill_null(0)) for name in ("n_above_limit", "n_told_by_10")),
    ).sort(KEY)


def _with_bound(rows: pl.DataFrame, span: str, gamma: float) -> pl.DataFrame:
    """Add whether more alerts of late did not stand than the rule lets fall, and chance with it.

    At its first look an alert's chance is gamma or more, so that at most 1 - gamma of them do not stand, whatever the
    counts: that share is the bound. The number that did not stand is held against it by a binomial test.
    """
    from scipy.stats import binom  # takes a second to import

    bound = 1.0 - gamma
    n, n_stood = (rows[name].cast(pl.Int64).to_numpy() for name in ("n_alerts", "n_stood"))
    p_value = pl.Series(np.asarray(binom.sf(n - n_stood - 1, n, bound)))
    is_tested = (
        (pl.lit(span) == TESTED_SPAN)
        & (pl.col("detector") == EVERY_DETECTOR)
        & (pl.col("rule") == str(AlertRule.STANDS))
        & (pl.col("n_alerts") > 0)
    )
    return rows.with_columns(
        not_standing_bound_share=pl.when(is_tested).then(bound),
        not_standing_p_value=pl.when(is_tested).then(p_value),
        is_out_of_bounds=pl.when(is_tested).then(p_value < 1.0 / WEEKS_PER_FALSE_WARNING),
    )
