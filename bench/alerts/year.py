"""What became of each alert in a year that went through the service, from what the service itself wrote."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from nte.words import Reason
from simulator.plan import SimulationPlan

FINISHED_DAYS = 35
"""An alert about a night so old is as it will stay."""


@dataclass(frozen=True)
class Year:
    """What was planted, and what the service wrote."""

    plan: SimulationPlan
    decisions: pl.DataFrame
    judgements: pl.DataFrame

    @property
    def finished_by(self) -> date:
        """Return the last evening of which everything is known."""
        return self.plan.ends_on - timedelta(days=FINISHED_DAYS)


def alerts_of(year: Year) -> pl.DataFrame:
    """Return one row an alert that people were told of: what became of it, and whether it was about a surge."""
    planted = {(surge.centre_code, surge.evening): surge.factor for surge in year.plan.surges or ()}
    rows = [
        _alert_row(decisions.sort("decided_as_of"), planted)
        for _, decisions in year.decisions.group_by("alert_id")
        if decisions["is_said"].any()
    ]
    return pl.DataFrame(rows).sort("last_evening", "alert_id")


def _alert_row(decisions: pl.DataFrame, planted: dict[tuple[str, date], float]) -> dict[str, object]:
    said = decisions.filter("is_said")
    facts = [json.loads(text) for text in said["facts"]]
    first, last = (date.fromisoformat(facts[0][name]) for name in ("first_evening", "last_evening"))
    centres = {night["centre_code"] for night in facts[0]["nights"]}
    factors = [
        f for (centre, evening), f in planted.items() if centre in centres and first <= evening <= last
    ]
    is_withdrawn = [reason == Reason.WITHDRAWN for reason in said["reason"]]
    return {
        "alert_id": said["alert_id"][0],
        "detector": facts[0]["detector"],
        "last_evening": last,
        "factor": max(factors, default=1.0),
        "morning": (said["decided_as_of"][0].date() - last).days,
        "stands": not is_withdrawn[-1],
        "withdrawn": any(is_withdrawn),
        "for_nothing": any(
            w and not _has_lost(before, now)
            for w, before, now in zip(is_withdrawn[1:], facts[:-1], facts[1:], strict=True)
        ),
        "n_said": said.height,
        "chances": " ".join(f"{100 * chance:.0f}" for chance in said["stands_chance"].fill_null(-0.01)),
        "reasons": " ".join(said["reason"]),
    }


def _has_lost(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Say whether any count that was told of is lower now."""
    counts, counts_now = _counts(before), _counts(now)
    return any(counts_now.get(key, n) < n for key, n in counts.items())


def _counts(facts: Mapping[str, Any]) -> dict[tuple[str, str, str], int]:
    return {
        (night["centre_code"], night["evening"], view["source"]): view["n_incidents"]
        for night in facts["nights"]
        for view in night["sources"]
        if "n_incidents" in view
    }


def reliability(year: Year) -> pl.DataFrame:
    """Return, for each fifth of the chances stated, how many nights there were and which share ended above.

    One morning a night and source, drawn at random, of those before day 11; planted nights are left out.
    """
    final = (
        year.judgements.sort("as_of")
        .group_by("evening", "centre_code", "source", maintain_order=True)
        .agg(pl.col("n_incidents").last().alias("final"))
    )
    planted = [(s.centre_code, s.evening) for s in year.plan.surges or ()]
    surged = pl.DataFrame(planted, schema=["centre_code", "evening"], orient="row")
    one = (
        year.judgements.filter(
            pl.col("stands_chance").is_not_null(),
            (pl.col("as_of").dt.date() - pl.col("evening")).dt.total_days() <= 10,
            pl.col("evening") <= year.finished_by,
        )
        .sort("evening", "centre_code", "source", "as_of")
        .sample(fraction=1.0, shuffle=True, seed=1)
        .unique(["evening", "centre_code", "source"], keep="first", maintain_order=True)
        .join(surged, on=["centre_code", "evening"], how="anti")
        .join(final, on=["evening", "centre_code", "source"])
        .with_columns(stood=pl.col("final") > pl.col("alert_limit"))
    )
    return (
        one.with_columns(fifth=(pl.col("stands_chance") * 5).floor().clip(0, 4).cast(pl.Int64))
        .group_by("fifth")
        .agg(pl.len().alias("n"), stated=pl.col("stands_chance").mean(), realised=pl.col("stood").mean())
        .sort("fifth")
    )
