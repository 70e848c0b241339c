"""Power before spending: what would have been seen, had nothing been begun in the latest months."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from forecasts.effects.evaluating import Knowledge, evaluate
from forecasts.effects.inference import FEWEST_PLACEBOS
from forecasts.effects.windows import (
    FEWEST_BEFORE,
    FOUR_WEEKS,
    MOST_WINDOWS,
    STEP,
    Window,
    windows_before,
)
from nte.area import Area
from nte.interventions import Intervention, in_night

DAYS_A_MONTH: Final = 365.25 / 12
PLAN: Final = ("source", "method", "n_counterfactual", "detectable_ratio", "why_not")


@dataclass(frozen=True)
class Plan:
    """What an intervention of some months could show."""

    rows: pl.DataFrame
    """PLAN for each source and method."""
    n_months: int
    """What the rows are of: as many months as were asked, or as the history has room for; nought where it has none."""
    needs_history_from: date | None
    """First evening that must be known to look at as many months as were asked; None: no history would do."""


def plan(area: Area, intervention: Intervention, n_months: int, known: Knowledge) -> Plan:
    """Return what an intervention of so many months could show, or of as many as the history has room for.

    It is set into the latest complete months, in which nobody did it: as many incidents, as much chance, and places
    that stray as they do. A window as long must lie before them, on which the fit is judged, with a year before that,
    and with other places enough windows in which nothing was done.
    """
    complete = known.counts.filter("is_covered", pl.col("known_share") >= area.slack.complete_share)
    first, last = complete["evening"].min(), complete["evening"].max()
    if not (isinstance(first, date) and isinstance(last, date)):
        first = last = intervention.starts_on
    n_known, n_places = (last - first).days + 1, len(area.current_centres)
    n_seen = next((n for n in range(n_months, 0, -1) if _has_room(n, n_known, n_places)), 0)
    starts_on = last - timedelta(days=_days(n_seen or n_months) - 1)
    effects = evaluate(area, intervention.model_copy(update={"starts_on": starts_on}), known).effects
    longest = FEWEST_BEFORE + (MOST_WINDOWS + 1) * max(_days(n_months), STEP)
    enough = next((n for n in range(FEWEST_BEFORE, longest + 1) if _has_room(n_months, n, n_places)), None)
    return Plan(effects.select(PLAN), n_seen, last - timedelta(days=enough - 1) if enough else None)


def _days(n_months: int) -> int:
    """Return the days of so many months in whole periods."""
    return FOUR_WEEKS * max(round(n_months * DAYS_A_MONTH / FOUR_WEEKS), 1)


def _has_room(n_months: int, n_known: int, n_places: int) -> bool:
    """Say whether so many known days hold a window of some months, one before it after a year, and placebos enough."""
    n_before = len(windows_before(Window(n_known - _days(n_months), n_known)))
    return n_before > 0 and n_places - 1 + n_places * n_before >= FEWEST_PLACEBOS


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
