"""How the bands of past weekends have done, in words: for ops, who can do something about it."""

from typing import Any

import polars as pl

FEWEST_SCORED = 100
"""A share of fewer counts than that says little."""
SCORED_SPAN = "last 8 weekends"


def say_scores(scores: pl.DataFrame) -> str:
    """Return in words how the bands of past weekends have done, or that it is too early to say.

    `scores`: band_scores as known now; the latest Monday's row of all sources together is said.
    """
    together = scores.filter(pl.col("source") == "", pl.col("span") == SCORED_SPAN).sort("as_of")
    latest = together[-1].row(0, named=True) if together.height else None
    if latest is None or latest["n_nights"] < FEWEST_SCORED:
        return "How well the bands do cannot be said yet: too few nights are complete."
    n_weekends = latest["n_weekends"]
    weekends = "last complete weekend" if n_weekends == 1 else f"last {n_weekends} complete weekends"
    seen, promised = latest["within_95_share"], latest["within_95_promised_share"]
    return (
        f"How the bands have done in the whole area, {weekends}: {100 * seen:.0f} of 100 counts lay within "
        f"the band that promises {100 * promised:.0f}. {_say_exceedances(latest)}"
    )


def _say_exceedances(row: dict[str, Any]) -> str:
    n_seen, n_chance = row["n_exceedances"], row["n_exceedances_promised"]
    stood = {0: "None stood", 1: "1 stood"}.get(n_seen, f"{n_seen} stood")
    chance = "fewer than 1" if n_chance < 1 else f"about {n_chance:.0f}"
    text = f"{stood} above the alert limit; chance alone brings {chance}"
    if (budget := row["n_exceedances_budget"]) is not None:
        text += f", and {budget:.1f} are budgeted"
    return f"{text}."
