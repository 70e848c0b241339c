"""Counts by month as analysts read them: with how much of the month is accounted for, and how much of it is in."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import polars as pl

from nte.area import Area
from nte.tables.board import INCIDENT_SLICES
from nte.words import TimeClass

WEEKEND = {4: TimeClass.FRI_SAT_NIGHT, 5: TimeClass.FRI_SAT_NIGHT, 6: TimeClass.SUNDAY_NIGHT}
KEY = ["source", "month", "time_class"]
Shares = Sequence[tuple[int, float]]
"""Age in days, and the share that is usually known from it on; the youngest first."""


def incident_slices(cells: pl.DataFrame, known: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return `incident_slices` from `slice_counts` with `month_coverage`, and from the shares of `known_shares`."""
    joined = cells.join(known, on=KEY, how="left", maintain_order="left")
    return joined.with_columns(pl.lit(as_of).alias("as_of")).select(INCIDENT_SLICES.names)


def known_shares(
    months: Sequence[date], completeness: pl.DataFrame, area: Area, as_of: datetime
) -> pl.DataFrame:
    """Return source, month, time_class and known_share: the mean over the days of the month that are past.

    `completeness`: source, age_days, known_share as learned last. A source of which nothing was learned has none.
    """
    today = area.clock.local_date(as_of)
    rows = []
    for (source,), learned in completeness.sort("age_days").group_by("source", maintain_order=True):
        shares = list(learned.select("age_days", "known_share").iter_rows())
        for month in months:
            by_class: dict[TimeClass, list[float]] = {}
            for day in _days(month, today):
                share = _share((today - day).days, shares)
                for one in (
                    WEEKEND.get(day.weekday(), TimeClass.OTHER_NIGHT),
                    TimeClass.DAY,
                    TimeClass.UNKNOWN,
                ):
                    by_class.setdefault(one, []).append(share)
            rows += [(source, month, str(one), sum(s) / len(s)) for one, s in by_class.items()]
    schema = {"source": pl.String, "month": pl.Date, "time_class": pl.String, "known_share": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _days(month: date, today: date) -> list[date]:
    """Return the days of a month before today."""
    days = (month + timedelta(days=n) for n in range(31))
    return [day for day in days if day.month == month.month and day < today]


def _share(age_days: int, learned: Shares) -> float:
    """Return the share at the last learned age not after this one; before the first, its own."""
    return next((share for age, share in reversed(learned) if age <= age_days), learned[0][1])
