"""The scores of the issued bands as people read them in a terminal."""

from collections.abc import Mapping

import polars as pl
from rich.console import RenderableType
from rich.table import Table

from forecasts.scoring.night_scores import N_TENTHS, TENTHS
from forecasts.scoring.scores import SPANS

STEPS = "▁▂▃▄▅▆▇█"
"""Bars of the small histogram; the fifth is a tenth of the nights, which is right."""
RIGHT_STEP = 4


def scores_tables(scores: pl.DataFrame) -> list[RenderableType]:
    """Return the latest Monday of `scores` (rows of `band_scores`) in eighty columns, with what is out of bounds."""
    latest = scores.filter(pl.col("as_of") == pl.col("as_of").max())
    latest = latest.sort(pl.col("span").cast(pl.Enum(list(SPANS))), "source")
    promised = Table(
        title="Do the bands mean what they say?",
        caption="Spans in weekends; per cent (promised); above the limit (promised) / budget.",
    )
    for name in ("span", "source", "within 80", "within 95", "> upper", "> limit"):
        promised.add_column(name)
    drift = Table(
        title="How far off are they?", caption="Error over that of two simple forecasts; under 1 is better."
    )
    for name in ("span", "source", "nights", "same day", "last year", "in the band", "drift"):
        drift.add_column(name)
    for row in latest.iter_rows(named=True):
        series = row["span"].removesuffix(" weekends"), row["source"] or "all"
        pairs = (_pair(row, part) for part in ("within_80", "within_95", "above_upper"))
        promised.add_row(*series, *pairs, _exceedances(row))
        drift.add_row(*series, f"{row['n_nights']:,}", *_errors(row), histogram(_tenths(row)), _drift(row))
    out = latest.filter("is_out_of_bounds")
    return [promised, drift, *map(_say_drift, out.iter_rows(named=True))]


def _errors(row: Mapping[str, object]) -> tuple[str, str]:
    return _number(row["crps_to_same_weekday_ratio"]), _number(row["crps_to_last_year_ratio"])


def _tenths(row: Mapping[str, object]) -> list[float]:
    return [float(str(row[name])) for name in TENTHS]


def _pair(row: Mapping[str, object], name: str) -> str:
    return f"{_percent(row[f'{name}_share'])} ({_percent(row[f'{name}_promised_share'])})"


def _percent(share: object) -> str:
    return f"{100 * float(str(share)):.1f}"


def _number(value: object) -> str:
    return "-" if value is None else f"{float(str(value)):.2f}"


def _exceedances(row: Mapping[str, object]) -> str:
    promised = f"{row['n_exceedances']} ({_number(row['n_exceedances_promised'])})"
    budget = row["n_exceedances_budget"]
    return promised if budget is None else f"{promised} / {_number(budget)}"


def histogram(shares: list[float]) -> str:
    """Return the ten shares as bars; the middle height is right."""
    heights = [round(share * N_TENTHS * RIGHT_STEP) for share in shares]
    return "".join(STEPS[min(max(height, 0), len(STEPS) - 1)] for height in heights)


def _drift(row: Mapping[str, object]) -> str:
    if row["is_out_of_bounds"] is None:
        return "-"
    if not row["is_out_of_bounds"]:
        return "in bounds"
    return "[red]out[/]"


def _say_drift(row: Mapping[str, object]) -> str:
    middle, top = _number(row["mean_pit"]), _percent(row[TENTHS[-1]])
    where = f"counts lie at {middle} of their bands (right: 0.50), {top} % in the top tenth"
    return f"{row['source']}: [red]out of bounds[/]; {where}."
