"""A year of deliveries with planted surges through `nte run`: `python -m bench.alerts_inbox [--seed 1] [--weeks 52]`.

One night of every second weekend, in each of three centres in turn, is doubled or trebled in all sources. The figures
come from what the service itself wrote: `decisions`, `alerts` and `judgements`. Takes minutes; `--home` keeps the year.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from bench.history_load import AREA, cost_of
from nte.warehouse import read_published
from nte.words import Reason
from simulator.deliveries import simulate_deliveries
from simulator.plan import SOURCES, SimulationPlan, Surge

ENDS_ON = date(2026, 4, 6)
CENTRES = ("derby", "chesterfield", "ilkeston")
FACTORS = (2.0, 3.0)
FINISHED_DAYS = 35
"""An alert about a night so old is as it will stay."""
CHANCES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


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


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate, run, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument(
        "--home", type=Path, help="folder for inbox and home; kept, and used again if it is there"
    )
    options = parser.parse_args(arguments)
    plan = planned(options.seed, options.weeks)
    with tempfile.TemporaryDirectory() as scratch:
        year = run_year(plan, options.home or Path(scratch))
    show(year)


def planned(seed: int, n_weeks: int) -> SimulationPlan:
    """Return a year of history and live weeks: a surge on the Saturday or Friday of every second weekend."""
    last_saturday = ENDS_ON - timedelta(days=2)
    saturdays = [last_saturday - timedelta(weeks=n) for n in range(1, n_weeks - 1, 2)]
    surges = tuple(
        Surge(
            CENTRES[place % len(CENTRES)],
            saturday - timedelta(days=place // 6 % 2),
            FACTORS[place // len(CENTRES) % len(FACTORS)],
            SOURCES,
        )
        for place, saturday in enumerate(reversed(saturdays))
    )
    return SimulationPlan(
        seed=seed, n_live_weeks=n_weeks, n_history_weeks=52, ends_on=ENDS_ON, surges=surges, gaps=()
    )


def run_year(plan: SimulationPlan, folder: Path) -> Year:
    """Return the year as the service saw it; it runs unless `folder` holds its end already."""
    published = folder / "home" / "published" / "nte.duckdb"
    if not published.exists():
        simulate_deliveries(plan, AREA, folder)
        run = ["run", "--inbox", str(folder / "inbox"), "--now", f"{plan.ends_on}T09:00"]
        cost = cost_of(
            [sys.executable, "-W", "ignore", "-m", "cli", *run], {"NTE_HOME": str(folder / "home")}
        )
        print(
            f"nte run over {plan.n_live_weeks} live weeks: {cost.cpu_seconds:.0f} s CPU, {cost.peak_gb:.2f} GB"
        )
    decisions = read_published(published, "SELECT * FROM decisions WHERE alert_id != ''")
    return Year(plan, decisions, read_published(published, "SELECT * FROM judgements"))


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


def _has_lost(before: dict[str, object], now: dict[str, object]) -> bool:
    """Say whether any count that was told of is lower now."""
    counts, counts_now = _counts(before), _counts(now)
    return any(counts_now.get(key, n) < n for key, n in counts.items())


def _counts(facts: dict) -> dict[tuple[str, str, str], int]:  # type: ignore[type-arg]
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


def show(year: Year) -> None:
    """Print every alert, their sums, and the reliability of the chances."""
    alerts = alerts_of(year)
    _print("Every alert that was told", alerts.rows(named=True))
    done = alerts.filter(pl.col("last_evening") <= year.finished_by)
    sums = [
        {"alerts": name, **_sums(rows)}
        for name, rows in (
            ("about a surge", done.filter(pl.col("factor") > 1)),
            ("about none", done.filter(pl.col("factor") == 1)),
            ("all", done),
        )
    ]
    _print(f"Alerts about nights until {year.finished_by}", sums)
    days = (year.finished_by - year.plan.history_morning).days
    n_false = done.filter(pl.col("factor") == 1).height
    n_surges = sum(surge.evening <= year.finished_by for surge in year.plan.surges or ())
    print(f"false alarms in 30 days: {30 * n_false / days:.2f}; surges planted: {n_surges}")
    _print("Chance stated against share that ended above", reliability(year).rows(named=True))


def _sums(alerts: pl.DataFrame) -> dict[str, object]:
    return {
        "first alerts": alerts.height,
        "standing at the end": int(alerts["stands"].sum()),
        "withdrawn": int(alerts["withdrawn"].sum()),
        "withdrawn for nothing": int(alerts["for_nothing"].sum()),
        "mean morning": alerts["morning"].mean(),
        "messages an alert": alerts["n_said"].mean(),
    }


def _print(title: str, rows: Sequence[dict[str, object]]) -> None:
    if not rows:
        print(f"{title}: none")
        return
    table = Table(*rows[0], title=title)
    for row in rows:
        table.add_row(*(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row.values()))
    Console(width=200).print(table)


if __name__ == "__main__":
    main()
