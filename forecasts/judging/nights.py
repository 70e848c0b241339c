"""What is in of a night against the limit of its final count, night by night."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import polars.selectors as cs

from forecasts.curve.panel import Bools, Floats
from forecasts.judging.standing import chance_to_stand, greatest_quiet
from forecasts.known.completeness import Filling
from forecasts.known.paths import PATH_SCHEMA, Paths
from nte import negative_binomial as nb
from nte.words import AlertRule, Verdict

FAR_ABOVE_FACTOR = 0.1
"""A limit at a tenth of the alert level is that of far above."""
MIN_SHARE_KNOWN = 0.05
"""Below this completeness a night cannot be told from an uncovered one: it stays unknown."""
KEYS = ("evening", "centre_code", "source")


def judge_nights(bands: pl.DataFrame, counts_now: pl.DataFrame, gamma: float) -> pl.DataFrame:
    """Return every band with its verdict, as far as the night is known.

    `counts_now`: evening, centre_code, source, n_incidents (null where unknown), is_covered, known_share and
    survival_share (how full the night should be by now), and PATH_SCHEMA where records come in lots. A night is above
    its limit when its chance to stand is at least `gamma`; bands of the rule before keep it. Adds expected_so_far,
    limit_so_far (null where records come in lots), p_value, stands_chance and verdict. The numbers are null, and the
    verdict is `unknown`, where the night is not covered or nothing can be known of it yet.
    """
    rows = bands.join(
        counts_now.select(
            *KEYS,
            "n_incidents",
            "is_covered",
            "known_share",
            "survival_share",
            cs.by_name(*PATH_SCHEMA, require_all=False),
        ),
        on=list(KEYS),
        how="left",
    ).with_columns(pl.col("is_covered").fill_null(value=False), pl.col("known_share").fill_null(0.0))
    is_known = (
        rows["is_covered"] & rows["n_incidents"].is_not_null() & (rows["known_share"] >= MIN_SHARE_KNOWN)
    ).to_numpy()
    night = _Night.of(rows)
    is_before = (rows["rule"] == str(AlertRule.SO_FAR)).to_numpy()
    by_chance, by_now = night.by_chance(gamma), night.by_what_should_be_known()
    found = _Found(
        *(np.where(is_before, old, new) for new, old in zip(by_chance.parts, by_now.parts, strict=True))
    )
    return rows.with_columns(
        _where_known("expected_so_far", night.so_far, is_known),
        _where_known("limit_so_far", found.limit_so_far, is_known).cast(pl.Int64),
        _where_known("p_value", found.p_value, is_known),
        _where_known("stands_chance", found.chance, is_known),
        pl.Series("verdict", _verdicts(is_known, found.is_above, found.is_extreme), dtype=pl.String),
    )


@dataclass(frozen=True)
class _Found:
    """What a rule finds of each night."""

    limit_so_far: Floats
    p_value: Floats
    chance: Floats
    is_above: Bools
    is_extreme: Bools

    @property
    def parts(self) -> tuple[np.ndarray, ...]:
        return self.limit_so_far, self.p_value, self.chance, self.is_above, self.is_extreme


@dataclass(frozen=True)
class _Night:
    """Counts and bands of nights, one place each."""

    seen: Floats
    mean: Floats
    size: Floats
    level: Floats
    limit: Floats
    filling: Filling
    paths: Paths

    @classmethod
    def of(cls, rows: pl.DataFrame) -> "_Night":
        """Read the columns; an unknown count is reckoned as nought and left out afterwards."""
        number = {
            name: rows[name].fill_null(0).cast(pl.Float64).to_numpy()
            for name in ("n_incidents", "expected", "dispersion", "alert_level", "alert_limit", "known_share")
        }
        known, survival = (
            np.clip(number["known_share"], 0.0, 1.0),
            rows["survival_share"].fill_null(1.0).to_numpy(),
        )
        return cls(
            number["n_incidents"],
            number["expected"],
            number["dispersion"],
            number["alert_level"],
            number["alert_limit"],
            Filling(known, survival),
            Paths.of(rows),
        )

    @property
    def so_far(self) -> Floats:
        """What should be in by now."""
        return nb.thin(self.mean, self.filling.known)

    def by_chance(self, gamma: float) -> _Found:
        """Judge by the chance that the final count exceeds its limit."""
        far_limit = np.maximum(nb.limit(FAR_ABOVE_FACTOR * self.level, self.mean, self.size), self.limit)
        given = self.mean, self.size, self.filling
        chance = chance_to_stand(self.seen, self.limit, *given, self.paths)
        far_chance = chance_to_stand(self.seen, far_limit, *given, self.paths)
        quiet = greatest_quiet(self.limit, *given, gamma)
        claimed = np.select([far_chance >= gamma, chance >= gamma], [far_limit + 1, self.limit + 1], 0.0)
        return _Found(
            np.where(self.paths.in_lots, np.nan, quiet),
            # As rare as what is claimed of the finished night: far above is never said beside the rarity of above.
            nb.tail_probability(np.maximum(self.seen, claimed), self.mean, self.size),
            chance,
            chance >= gamma,
            far_chance >= gamma,
        )

    def by_what_should_be_known(self) -> _Found:
        """Judge by the limit of what should be in by now, as bands of the rule before are."""
        limit = nb.limit(self.level, self.so_far, self.size)
        p_value = nb.tail_probability(self.seen, self.so_far, self.size)
        unknown = np.full(len(limit), np.nan)
        return _Found(limit, p_value, unknown, self.seen > limit, p_value < FAR_ABOVE_FACTOR * self.level)


def _verdicts(is_known: Bools, is_above: Bools, is_extreme: Bools) -> list[str]:
    verdicts = np.where(
        is_above & is_extreme, Verdict.FAR_ABOVE, np.where(is_above, Verdict.ABOVE, Verdict.WITHIN)
    )
    return [str(verdict) for verdict in np.where(is_known, verdicts, Verdict.UNKNOWN)]


def _where_known(name: str, values: Floats, is_known: np.ndarray) -> pl.Series:
    return pl.Series(name, np.where(is_known, values, np.nan)).fill_nan(None)
