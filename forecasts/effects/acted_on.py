"""Nights after an alert that was acted on beside nights after one that was not: each action as one of few nights.

Not a test. Leads act on what looks worst, so that the alerts differ before anything is done; what both kinds have in
common, such as a surge that ends by itself, falls out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
from scipy.special import stdtrit

from forecasts.effects.inference import CONFIDENCE, POWER_QUANTILE
from nte.area import Area
from nte.outcomes import AFTER
from nte.tables.effects import ACTED_ON
from nte.words import Method

FEWEST_ALERTS: Final = 5
"""Of each kind, before they are compared."""
KINDS: Final = (True, False)


def alerts_told(outcomes: pl.DataFrame, area: Area, as_of: datetime) -> pl.DataFrame:
    """Return the alerts that people were told of and that stand: alert_id, centre_code, is_acted_on and span.

    `outcomes` as alert_outcomes. The nights after one begin when somebody said that it is acted on, or when people were
    told, and end two weeks after its last night.
    """
    zone = area.time_zone
    told = outcomes.filter(
        ~pl.col("is_withdrawn"), pl.col("told_at") <= as_of, pl.col("centre_code") != "everywhere"
    )
    acted = pl.when(pl.col("acted_on_at") <= as_of).then("acted_on_at")
    since = pl.coalesce(acted, "told_at").dt.convert_time_zone(zone).dt.date()
    return told.select(
        "alert_id",
        "centre_code",
        is_acted_on=acted.is_not_null(),
        first_after=pl.max_horizontal(since, pl.col("last_evening") + timedelta(days=1)),
        last_after=pl.col("last_evening") + AFTER,
    )


def nights_after(alerts: pl.DataFrame, nights: pl.DataFrame) -> pl.DataFrame:
    """Return the nights after each alert; one that follows several counts once, as acted on if one of them was.

    `nights`: evening, centre_code, source, n_incidents and mean, what its band expected of it.
    """
    joined = (
        nights.select("evening", "centre_code", "source", "n_incidents", expected="mean")
        .join(alerts, on="centre_code")
        .filter(pl.col("evening").is_between(pl.col("first_after"), pl.col("last_after")))
    )
    return joined.sort("is_acted_on", "alert_id", descending=[True, False]).unique(
        ["evening", "centre_code", "source"], keep="first", maintain_order=True
    )


def compare_actions(alerts: pl.DataFrame, nights: pl.DataFrame, area: Area) -> pl.DataFrame:
    """Return a row of intervention_effects for each source, without its as_of."""
    after = nights_after(alerts, nights)
    rows = [_row(alerts, after.filter(source=source), source, area) for source in _sources(area)]
    return pl.DataFrame(rows, infer_schema_length=None)


def _sources(area: Area) -> list[str]:
    return area.definition(area.alert_definition).sources


@dataclass(frozen=True)
class _Kind:
    """The nights after one kind of alert."""

    n_alerts: int
    n_observed: float
    n_expected: float
    scatter: float
    """Variance of the counts after an alert over what chance gives: at least 1."""


def _kind(after: pl.DataFrame, *, is_acted_on: bool) -> _Kind:
    sums = (
        after.filter(pl.col("is_acted_on") == is_acted_on)
        .group_by("alert_id")
        .agg(pl.col("n_incidents", "expected").sum())
    )
    came, due = (float(sums[name].to_numpy().sum()) for name in ("n_incidents", "expected"))
    level = came / due if due else 0.0
    fitted = level * sums["expected"].to_numpy()
    square = ((sums["n_incidents"].to_numpy() - fitted) ** 2 / np.maximum(fitted, 1e-9)).sum()
    return _Kind(sums.height, came, due, max(float(square) / max(sums.height - 1, 1), 1.0))


def _row(alerts: pl.DataFrame, after: pl.DataFrame, source: str, area: Area) -> dict[str, object]:
    acted, left = (_kind(after, is_acted_on=kind) for kind in KINDS)
    nights = after.filter("is_acted_on")
    row: dict[str, object] = {
        "intervention_id": ACTED_ON,
        "source": source,
        "definition": area.alert_definition,
        "method": str(Method.ACTED_ON),
        "n_observed": int(acted.n_observed),
        "n_counterfactual": None,
        "last_evening": nights["evening"].max(),
        "n_nights": nights.height,
        "n_nights_covered": nights.height,
        "is_post_hoc": True,
        "why_not": "",
        **dict.fromkeys(("ratio", "lower", "upper", "placebo_rank", "n_placebos", "pre_fit_error", "detectable_ratio")),
    }  # fmt: skip
    if min(acted.n_alerts, left.n_alerts) < FEWEST_ALERTS:
        why = (
            f"{acted.n_alerts} alerts with known nights after them were acted on and {left.n_alerts} were not: "
            f"{FEWEST_ALERTS} of each are needed"
        )
        return row | {"why_not": why}
    if not left.n_observed:
        return row | {"why_not": "nothing came after the alerts that were not acted on, to compare with"}
    due = acted.n_expected * left.n_observed / left.n_expected
    spread = np.sqrt(acted.scatter / (acted.n_observed + 0.5) + left.scatter / (left.n_observed + 0.5))
    critical = float(stdtrit(acted.n_alerts + left.n_alerts - 2, (1 + CONFIDENCE) / 2))
    middle = np.log((acted.n_observed + 0.5) / (due + 0.5))
    return row | {
        "n_counterfactual": due,
        "ratio": acted.n_observed / due,
        "lower": float(np.exp(middle - critical * spread)),
        "upper": float(np.exp(middle + critical * spread)),
        "detectable_ratio": float(np.exp(-(critical + POWER_QUANTILE) * spread)),
    }
