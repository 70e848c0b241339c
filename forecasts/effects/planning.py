"""Power before spending: what would have been seen, had nothing been begun in the latest months."""

from datetime import date, timedelta
from typing import Final

import polars as pl

from forecasts.effects.evaluating import Knowledge, evaluate
from forecasts.effects.windows import FOUR_WEEKS
from nte.area import Area
from nte.interventions import Intervention, in_night

DAYS_A_MONTH: Final = 365.25 / 12
PLAN: Final = ("source", "method", "n_counterfactual", "detectable_ratio", "why_not")


def plan(area: Area, intervention: Intervention, n_months: int, known: Knowledge) -> pl.DataFrame:
    """Return PLAN for each source and method: what an intervention of so many months could show.

    It is set into the latest complete months, in which nobody did it: as many incidents, as much chance, and places
    that stray as they do.
    """
    complete = known.counts.filter("is_covered", pl.col("known_share") >= area.slack.complete_share)
    last = complete["evening"].max()
    n_days = FOUR_WEEKS * max(round(n_months * DAYS_A_MONTH / FOUR_WEEKS), 1)
    starts_on = last - timedelta(days=n_days - 1) if isinstance(last, date) else intervention.starts_on
    effects = evaluate(area, intervention.model_copy(update={"starts_on": starts_on}), known).effects
    return effects.select(PLAN)


def hours_shares(profile: pl.DataFrame, area: Area, intervention: Intervention) -> dict[str, float]:
    """Return, by source, the share of the incidents of its nights that happen in its hours, in its district.

    `profile`: rows of hour_profile of its definition. Whole hours: one that begins in its hours counts. A source of
    which no hour is known has none.
    """
    opens, closes = area.hours.opens, area.hours.closes
    begins, ends = (in_night(at, opens) for at in intervention.hours)
    district = next(c.district for c in area.current_centres if c.centre_code == intervention.place_code)
    since_opening = pl.duration(hours=(pl.col("hour") - opens.hour) % 24)
    evening = (pl.col("weekday") - (pl.col("hour") < closes.hour).cast(pl.Int64) - 1) % 7 + 1
    of_nights = profile.filter(
        pl.col("district") == district,
        evening.is_in(intervention.nights),
        since_opening < in_night(closes, opens),
    )
    shares = of_nights.group_by("source").agg(
        (pl.col("n_incidents").filter((since_opening >= begins) & (since_opening < ends))).sum()
        / pl.col("n_incidents").sum()
    )
    return dict(shares.iter_rows())
