"""Questions of what the service had issued, which no delivery has: worked out from that and from the files."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.oracle_answers.counted import Counted, Key
from tests.oracle_facts import SOURCES, Deliveries

Issued = Callable[[str], Sequence[Mapping[str, Any]]]
"""Asks the copy for what the service had issued: rows of a SELECT."""

COMPLETE = 0.97
SPANS = {"last 8 weekends": 8, "last 26 weekends": 26, "all weekends": 10_000}
BANDS = "SELECT * FROM bands WHERE definition = 'nte-violence'"
FILLING = """
SELECT source, age_days, known_share FROM completeness
WHERE as_of = (SELECT max(as_of) FROM band_scores) ORDER BY source, age_days
"""


def calibration(said: Deliveries, issued: Issued) -> Counted:
    """What bands promised of nights that were complete on the latest Monday, and what the files say came."""
    from scipy.stats import nbinom

    monday = said.morning - timedelta(days=said.morning.weekday())
    then, filled = said.on(monday), defaultdict(list)
    for row in issued(FILLING):
        filled[row["source"]].append((row["age_days"], row["known_share"]))
    nights: list[tuple[date, str, Key]] = []
    for band in issued(BANDS):
        if band["evening"] >= monday:
            continue
        curve: npt.NDArray[np.float64] = np.array(filled[band["source"]])
        known_share = float(np.interp((monday - band["evening"]).days, curve[:, 0], curve[:, 1]))
        n = then.night(band["source"], band["centre_code"], band["evening"])
        if n is None or known_share < COMPLETE:
            continue
        size, mean = band["dispersion"], band["expected"] * known_share
        law = nbinom(size, size / (size + mean))
        low, high = law.ppf(0.1), law.ppf(0.9)
        told = (
            low <= n <= high, law.cdf(high) - law.cdf(low - 1), n > band["upper"], law.sf(band["upper"]),
            n > band["alert_limit"], law.sf(band["alert_limit"]), law.cdf(n - 1) + law.pmf(n) / 2,
        )  # fmt: skip
        nights.append((band["evening"] - timedelta(days=band["evening"].weekday()), band["source"], told))
    rows: dict[Key, Key] = {}
    newest = max((week for week, _, _ in nights), default=monday)
    for span, n_weeks in SPANS.items():
        for source in ("", *SOURCES):
            mine = [
                told for week, of, told in nights if source in ("", of) and (newest - week).days < 7 * n_weeks
            ]
            if mine:
                means = np.mean(np.array(mine, float), axis=0)
                rows[span, source] = (
                    len(mine), *means[:4].tolist(), round(means[4] * len(mine)), means[5] * len(mine), means[6]
                )  # fmt: skip
    values = (
        "n_nights", "within_80", "within_80_promised", "above_upper", "above_upper_promised", "n_exceedances",
        "n_exceedances_promised", "mean_pit",
    )  # fmt: skip
    return Counted(("span", "source"), values, rows)


EVALUATED = """
SELECT intervention_id, source, method, n_nights FROM intervention_effects JOIN interventions USING (intervention_id)
QUALIFY as_of = max(as_of) OVER (PARTITION BY intervention_id)
"""


def interventions(said: Deliveries, issued: Issued) -> Counted:
    """What came on the nights that each evaluation looked at: the first so many of its nights since it began."""
    declared = {row["intervention_id"]: row for row in said.read("interventions.csv")}
    rows: dict[Key, Key] = {}
    for found in issued(EVALUATED):
        about = declared[found["intervention_id"]]
        began, weekdays = date.fromisoformat(about["starts_on"]), about["nights"].split(", ")
        evenings = (began + timedelta(days=n) for n in range((said.morning - began).days))
        nights = [evening for evening in evenings if f"{evening:%a}".lower() in weekdays][: found["n_nights"]]
        counts = [said.night(found["source"], about["place_code"], evening) for evening in nights]
        known = [n for n in counts if n is not None]
        rows[found["intervention_id"], found["source"], found["method"]] = sum(known), len(nights), len(known)
    keys, values = ("intervention_id", "source", "method"), ("n_observed", "n_nights", "n_nights_covered")
    return Counted(keys, values, rows)
