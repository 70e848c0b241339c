"""Which deliveries each source sends: a history load, then one a morning but for the gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from simulator.plan import Gap, SimulationPlan

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Scheduled:
    """A delivery to be sent: its name without ending, and the days (06:00 to 06:00) it accounts for."""

    source: str
    name: str
    covers_from: date
    covers_to: date

    @property
    def morning(self) -> date:
        """Return the morning on which it is known."""
        return self.covers_to


def schedule_deliveries(plan: SimulationPlan, source: str, gaps: Sequence[Gap]) -> list[Scheduled]:
    """Return a source's deliveries, oldest first; after a gap one accounts for all days since the last."""
    missing = {morning for gap in gaps if gap.source == source for morning in gap.mornings}
    deliveries: list[Scheduled] = []
    covered_to = plan.begins_on
    if plan.n_history_weeks:
        last_day = plan.history_morning - ONE_DAY
        name = f"{source}_{plan.begins_on}_{last_day}"
        deliveries.append(Scheduled(source, name, plan.begins_on, plan.history_morning))
        covered_to = plan.history_morning
    for n in range((plan.ends_on - plan.history_morning).days):
        morning = plan.history_morning + (n + 1) * ONE_DAY
        if morning not in missing:
            deliveries.append(Scheduled(source, f"{source}_{morning}", covered_to, morning))
            covered_to = morning
    return deliveries


def records_of_deliveries(
    records: pl.DataFrame, deliveries: Sequence[Scheduled], key: str
) -> dict[str, pl.DataFrame]:
    """Return the records that each delivery brings, by its name; those due after the last are not known yet.

    A record waits for the first delivery on or after its `morning`. A delivery has only its newest version.
    """
    names = pl.DataFrame(
        {"name": [d.name for d in deliveries], "delivered_on": [d.morning for d in deliveries]},
        schema={"name": pl.String, "delivered_on": pl.Date},
    ).sort("delivered_on")
    due = records.with_columns(pl.col("morning").cast(pl.Date)).sort("morning", maintain_order=True)
    sent = due.join_asof(names, left_on="morning", right_on="delivered_on", strategy="forward")
    newest = (
        sent.filter(pl.col("name").is_not_null())
        .sort(key, "record_version")
        .unique(subset=["name", key], keep="last", maintain_order=True)
        .drop("morning", "delivered_on")
    )
    empty = newest.clear().drop("name")
    found = {str(group[0]): rows.drop("name") for group, rows in newest.group_by("name", maintain_order=True)}
    return {delivery.name: found.get(delivery.name, empty) for delivery in deliveries}
