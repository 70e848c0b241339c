"""The scores of the issued bands as people read them in a terminal."""

from collections.abc import Mapping

import polars as pl
from rich.table import Table

from forecasts.scoring.night_scores import N_TENTHS, TENTHS
from forecasts.scoring.scores import SPANS

STEPS = "▁▂▃▄▅▆▇█"
"""Bars of the small histogram; the fifth is a tenth of the nights, which is right."""
RIGHT_STEP = 4


def scores_table(scores: pl.DataFrame) -> Table:
    """Return the scores of the latest Monday in `scores` (rows of `band_scores`) as a table."""
    latest = scores.filter(pl.col("as_of") == pl.col("as_of").max())
    latest = latest.sort(pl.col("span").cast(pl.Enum(list(SPANS))), "source")
    table = Table(title="Do the bands mean what they say? (promised in brackets)")
    for name in ("nights", "source", "n", "within 80 %", "within 95 %", "above upper", "above limit"):
        table.add_column(name)
    for name in ("error, of same weekday's", "of last year's", "where in the band (PIT)", "drift"):
        table.add_column(name)
    for row in latest.iter_rows(named=True):
        table.add_row(*_cells(row))
    return table


def _cells(row: Mapping[str, object]) -> list[str]:
    return [
        str(row["span"]),
        str(row["source"]) or "all",
        str(row["n_nights"]),
        *(_pair(row, name) for name in ("within_80", "within_95", "above_upper")),
        _exceedances(row),
        _number(row["crps_to_same_weekday_ratio"]),
        _number(row["crps_to_last_year_ratio"]),
        histogram([float(str(row[name])) for name in TENTHS]),
        _drift(row),
    ]


def _pair(row: Mapping[str, object], name: str) -> str:
    return f"{_percent(row[f'{name}_share'])} ({_percent(row[f'{name}_promised_share'])})"


def _percent(share: object) -> str:
    return f"{100 * float(str(share)):.1f} %"


def _number(value: object) -> str:
    return "-" if value is None else f"{float(str(value)):.2f}"


def _exceedances(row: Mapping[str, object]) -> str:
    promised = f"{row['n_exceedances']} ({_number(row['n_exceedances_promised'])})"
    budget = row["n_exceedances_budget"]
    return promised if budget is None else f"{promised}, budget {_number(budget)}"


def histogram(shares: list[float]) -> str:
    """Return the ten shares as bars; the middle height is right."""
    heights = [round(share * N_TENTHS * RIGHT_STEP) for share in shares]
    return "".join(STEPS[min(max(height, 0), len(STEPS) - 1)] for height in heights)


def _drift(row: Mapping[str, object]) -> str:
    if row["is_out_of_bounds"] is None:
        return "-"
    if not row["is_out_of_bounds"]:
        return "in bounds"
    top = f"top tenth holds {_percent(row[TENTHS[-1]])}"
    return f"[red]out of bounds[/]: middle at {_number(row['mean_pit'])}, {top}"
