"""The second counterfactual: a weighted average of other centres that moved as this one did before (synthetic control).

Abadie and Gardeazabal (2003), on sums of four weeks, each centre relative to its own usual sum. Counts are small, so
the weights are drawn towards each donor's share of all counts: the fit before may not be bought with noise.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from forecasts.curve.panel import Bools, Floats
from forecasts.effects.windows import FOUR_WEEKS, Comparison, Trial, Window, by_period, winsorised

FEWEST_PERIODS: Final = 13
"""Sums before the origin that both the place and its donors need: a year."""
MOST_PERIODS: Final = 52
USUAL_PERIODS: Final = 26
"""Sums over which a centre's usual one is taken: two years, whole seasons, and not so long that it has moved."""
FEWEST_NIGHTS_SHARE: Final = 0.5
"""Of a period, known nights from which its rate is taken."""
FEWEST_PERIODS_SHARE: Final = 0.8
"""Of the place's periods, those that a donor must have too."""
PULL: Final = 1.0
"""Weight of each donor's share of all counts, in the squares of sums that are relative to the usual one."""


@dataclass(frozen=True)
class Before:
    """One source's periods before an origin: incidents a known night, winsorised."""

    rate: Floats
    """centre × period; NaN where too few nights are known."""
    usual: Floats
    """centre: the rate of the last two years."""

    @property
    def relative(self) -> Floats:
        """Return each rate over the centre's usual one."""
        return np.asarray(self.rate / self.usual[:, None])


def compare_synthetic(trial: Trial, window: Window) -> tuple[Comparison, Comparison]:
    """Return every centre's window against its synthetic control, and the periods before it by the same weights."""
    seen = trial.seen(window)
    counts = np.where(seen, trial.panel.counts[..., window.origin : window.end], 0.0)
    observed, nights = by_period(counts, window), by_period(seen.astype(np.float64), window)
    n_before = min(window.origin // FOUR_WEEKS, MOST_PERIODS)
    history = Window(window.origin - n_before * FOUR_WEEKS, window.origin)
    known = trial.is_clean[..., history.origin : history.end] & trial.is_chosen[history.origin : history.end]
    counted = by_period(np.where(known, trial.panel.counts[..., history.origin : history.end], 0.0), history)
    known_nights = by_period(known.astype(np.float64), history)
    after = np.full(observed.shape, np.nan)
    fitted = np.full(counted.shape, np.nan)
    scatter = np.zeros(observed.shape[:2])
    can_give = trial.untouched_in(window)
    for source in range(observed.shape[1]):
        before = _before(counted[:, source], known_nights[:, source], 4.0 * len(trial.nights))
        rate = np.where(
            nights[:, source] > 0, observed[:, source] / np.maximum(nights[:, source], 1.0), np.nan
        )
        for place in range(len(observed)):
            donors = _donors(before, rate, place, can_give[:, source])
            if donors is None:
                continue
            weights = _weights(before, place, donors)
            usual = before.usual[donors]
            average = _average(weights, rate[donors] / usual[:, None])
            after[place, source] = average * before.usual[place] * nights[place, source]
            fitted[place, source] = (
                _average(weights, before.relative[donors]) * before.usual[place] * known_nights[place, source]
            )
            due = usual * nights[donors, source].sum(axis=-1)
            scatter[place, source] = float((weights**2 / np.maximum(due, 0.5)).sum())
    after = np.where(nights > 0, after, np.nan)
    return Comparison(window, observed, after, scatter), Comparison(history, counted, fitted, scatter)


def _before(counted: Floats, nights: Floats, full: float) -> Before:
    """Return one source's rates before an origin; `full` is the nights of a period."""
    rate = np.where(nights >= FEWEST_NIGHTS_SHARE * full, counted / np.maximum(nights, 1.0), np.nan)
    rate = np.stack([_winsorised(row, full) for row in rate])
    recent = rate[:, -USUAL_PERIODS:]
    n_known = np.maximum((~np.isnan(recent)).sum(axis=1), 1)
    return Before(rate, np.maximum(np.nansum(recent, axis=1) / n_known, 0.05 / full))


def _winsorised(rate: Floats, full: float) -> Floats:
    """Return a centre's rates, none farther from their median than chance and habit allow."""
    is_known = ~np.isnan(rate)
    if not is_known.any():
        return rate
    by_chance = np.sqrt(max(float(np.median(rate[is_known])), 1.0 / full) / full)
    tamed = rate.copy()
    tamed[is_known] = winsorised(rate[is_known], by_chance)
    return tamed


def _donors(before: Before, rate: Floats, place: int, can_give: Bools) -> np.ndarray | None:
    """Return the centres that can stand for a place, or None where it or they are not known long enough."""
    mine = ~np.isnan(before.rate[place])
    if mine.sum() < FEWEST_PERIODS or np.isnan(rate[place]).all():
        return None
    also = (~np.isnan(before.rate[:, mine])).mean(axis=1) >= FEWEST_PERIODS_SHARE
    then = (~np.isnan(rate)).mean(axis=1) >= FEWEST_PERIODS_SHARE
    is_there = also & then & can_give
    is_there &= np.nansum(before.rate, axis=1) > 0
    is_there[place] = False
    donors = np.flatnonzero(is_there)
    return donors if len(donors) > 1 else None


def _weights(before: Before, place: int, donors: np.ndarray) -> Floats:
    """Return the donors' weights: nought or more, together 1, closest to the place before the origin."""
    import pandas as pd
    from pysyncon import Synth  # brings a drawing library along

    mine = ~np.isnan(before.rate[place])
    theirs = before.relative[donors][:, mine]
    common = np.nanmean(theirs, axis=0, where=~np.isnan(theirs))
    theirs = np.where(np.isnan(theirs), common, theirs)
    share = np.nansum(before.rate[donors], axis=1)
    share = share / share.sum()
    # Rows that say "be each donor's share" are the pull of a ridge, in the words of a synthetic control.
    controls = pd.DataFrame(np.vstack([theirs.T, np.sqrt(PULL) * np.eye(len(donors))]))
    treated = pd.Series(np.concatenate([before.relative[place, mine], np.sqrt(PULL) * share]), name="place")
    importance = pd.concat([controls, treated], axis=1).std(axis=1).to_numpy() ** 2
    synth = Synth()
    synth.fit(X0=controls, X1=treated, Z0=controls, Z1=treated, custom_V=importance)
    return np.asarray(np.clip(synth.W, 0.0, None) / np.clip(synth.W, 0.0, None).sum())


def _average(weights: Floats, relative: Floats) -> Floats:
    """Return the donors' average of each period, over those that are known in it."""
    known = weights[:, None] * ~np.isnan(relative)
    total = (known * np.nan_to_num(relative)).sum(axis=0)
    return np.where(known.sum(axis=0) > 0, total / np.maximum(known.sum(axis=0), 1e-9), np.nan)
