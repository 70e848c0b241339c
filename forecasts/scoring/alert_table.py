"""The scores of past alerts as people read them in a terminal."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from rich.console import RenderableType
from rich.table import Table

from forecasts.scoring.alert_scores import EVERY_DETECTOR, SPANS
from nte.tables.scores import FIFTHS
from nte.words import AlertRule, Detector

FEW = 20
"""Under so many a share would say more than is known: 3 of 5, not 60 %."""
ORDER = [EVERY_DETECTOR, *map(str, Detector)]
Row = Mapping[str, Any]


def alert_tables(scores: pl.DataFrame) -> list[RenderableType]:
    """Return the latest Monday of `scores` (rows of `alert_scores`): what stood, and whether the chances are true.

    Nothing before the first Monday that was scored.
    """
    latest = scores.filter(pl.col("as_of") == pl.col("as_of").max())
    shown = latest.sort(
        "rule", pl.col("span").cast(pl.Enum(list(SPANS))), pl.col("detector").cast(pl.Enum(ORDER))
    )
    together = shown.filter(detector=EVERY_DETECTOR, span=next(reversed(SPANS)), rule=str(AlertRule.STANDS))
    tested = shown.drop_nulls("is_out_of_bounds")
    return [
        *([_outcomes(shown)] if shown["n_alerts"].sum() else [_none_yet(shown)] if shown.height else []),
        *map(say_bound, tested.iter_rows(named=True)),
        *(part for row in together.iter_rows(named=True) for part in (say_told(row), *_chances(row)) if part),
    ]


def _none_yet(shown: pl.DataFrame) -> str:
    n_open = shown.filter(detector=EVERY_DETECTOR, span=next(reversed(SPANS)))["n_open"].sum()
    return f"No alert is old enough to say whether it stood; {n_open} still open."


def _outcomes(shown: pl.DataFrame) -> Table:
    table = Table(
        title="Do alerts stand?",
        caption="Withdrawn for nothing, or a record had gone; mean morning first told.",
    )
    for name in ("alerts", "span", "stood", "for nothing", "gone", "morning", "open"):
        table.add_column(name)
    for row in shown.filter(pl.col("n_alerts") + pl.col("n_open") > 0).iter_rows(named=True):
        table.add_row(
            _name(row),
            row["span"].removesuffix(" weekends"),
            share_of(row["n_stood"], row["n_alerts"]),
            share_of(row["n_withdrawn_for_nothing"], row["n_alerts"]),
            share_of(row["n_withdrawn_record_gone"], row["n_alerts"]),
            "-" if row["mean_first_morning"] is None else f"{row['mean_first_morning']:.1f}",
            str(row["n_open"]),
        )
    return table


def _name(row: Row) -> str:
    name = (row["detector"] or "all").replace("_", " ")
    return name if row["rule"] == AlertRule.STANDS else f"{name}, rule before"


def share_of(n: int, n_all: int) -> str:
    """Return '93 % of 60', of few '3 of 5', of none '-'."""
    if not n_all:
        return "-"
    return f"{n} of {n_all}" if n_all < FEW else f"{100 * n / n_all:.0f} % of {n_all:,}"


def say_bound(row: Row) -> str:
    """Return how the alerts that did not stand are to their bound."""
    n_fell, bound = row["n_alerts"] - row["n_stood"], 100 * row["not_standing_bound_share"]
    how = "[red]out of bounds[/]" if row["is_out_of_bounds"] else "in bounds"
    return (
        f"Of the {row['span']}' alerts {n_fell} of {row['n_alerts']} did not stand: {how} "
        f"(at most {bound:.0f} % may; probability of so many {row['not_standing_p_value']:.2g})."
    )


def say_told(row: Row) -> str:
    """Return how many of the nights that ended above their limit were told of in time; empty without one."""
    if not row["n_above_limit"]:
        return ""
    told = share_of(row["n_told_by_10"], row["n_above_limit"])
    return f"Nights that ended above their limit, told of by morning 10: {told}."


def _chances(row: Row) -> list[RenderableType]:
    if not row["n_looks"]:
        return []
    table = Table(title="Is the stated chance true? (one look each)")
    for name in ("chance", "looks", "stated", "ended above"):
        table.add_column(name)
    for fifth in FIFTHS:
        n, came = row[f"fifth_{fifth}_n"], row[f"fifth_{fifth}_realised_share"]
        stated = row[f"fifth_{fifth}_stated_share"]
        table.add_row(
            f"{(fifth - 1) / len(FIFTHS):g} to {fifth / len(FIFTHS):g}",
            f"{n:,}",
            "-" if stated is None else f"{100 * stated:.1f} %",
            _came(n, came),
        )
    return [table, f"Brier score {row['brier_score']:.4f} (0 is perfect)."]


def _came(n: int, share: float | None) -> str:
    if share is None:
        return "-"
    count = round(share * n)
    return f"{count} of {n:,}" if min(n, count) < FEW else f"{100 * share:.1f} %"
