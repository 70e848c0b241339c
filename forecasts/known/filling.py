"""How full each night should be: by the age that its source's, or its hospitals', last believed delivery reached."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import polars as pl

from forecasts.known.completeness import Filling, filling_at
from nte.area import Area
from nte.reach import WHOLE_SOURCE, Reach

Weights = tuple[tuple[str, float], ...]
"""Sites, each with its part of a centre's records."""


@dataclass(frozen=True)
class Ages:
    """By what the age of a night is counted at an instant."""

    area: Area
    reach: Reach
    at: datetime

    def weights(self, source: str, centre: str) -> Weights:
        """Return the sites of a centre with their parts of its records; the whole source where none is its own."""
        serving = {c.centre_code: c.sites.get(source, ()) for c in self.area.current_centres}.get(centre, ())
        sites = [site for site in self.reach.sites(source) if site in serving]
        n_rows = {site: self.reach.n_rows(source, site, self.at) for site in sites}
        if not sum(n_rows.values()):
            return ((WHOLE_SOURCE, 1.0),)
        return tuple((site, n / sum(n_rows.values())) for site, n in n_rows.items())

    def filling(
        self, completeness: pl.DataFrame, source: str, weights: Weights, evenings: pl.Series
    ) -> Filling:
        """Return how full nights are, mixed over the sites."""
        known, survival = np.zeros(len(evenings)), np.zeros(len(evenings))
        for site, weight in weights:
            ages = _days_from(evenings, self.reach.day(source, self.at, site))
            part = filling_at(completeness, [source] * len(evenings), ages)
            known, survival = known + weight * part.known, survival + weight * part.survival
        return Filling(known, survival)


def with_filling(counts: pl.DataFrame, completeness: pl.DataFrame, ages: Ages) -> pl.DataFrame:
    """Add how full each night should be: known_share and survival_share.

    The last nights of a history load fill on like any others: what is late of them comes with the days after it. A
    centre that several hospitals serve is as full as they are, each by its share of the rows so far.
    """
    series = counts.select("source", "centre_code").unique(maintain_order=True)
    weights = [ages.weights(*pair) for pair in series.iter_rows()]
    kinds = {kind: n for n, kind in enumerate(dict.fromkeys(weights))}
    of_series = series.with_columns(kind=pl.Series([kinds[w] for w in weights], dtype=pl.Int64))
    place = counts.select("source", "centre_code", "evening").with_row_index("place")
    parts = [_NOTHING]
    by_kind = place.join(of_series, on=["source", "centre_code"], how="left", maintain_order="left")
    for (source, kind), rows in by_kind.group_by("source", "kind", maintain_order=True):
        filling = ages.filling(completeness, str(source), list(kinds)[int(str(kind))], rows["evening"])
        shares = {"known_share": filling.known, "survival_share": filling.survival}
        parts.append(rows.select("place", **{name: pl.Series(share) for name, share in shares.items()}))
    return counts.hstack(pl.concat(parts).sort("place").drop("place"))


_NOTHING = pl.DataFrame(schema={"place": pl.UInt32, "known_share": pl.Float64, "survival_share": pl.Float64})


def _days_from(evenings: pl.Series, day: date) -> np.ndarray:
    return (
        evenings.to_frame("evening")
        .select((pl.lit(day) - pl.col("evening")).dt.total_days().cast(pl.Float64))
        .to_series()
        .to_numpy()
    )
