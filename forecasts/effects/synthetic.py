"""The second counterfactual: a weighted average of other centres that moved as this one did before (synthetic control).

Abadie and Gardeazabal (2003), on sums of four weeks, each centre relative to its own usual sum. Counts are small, so
the weights are drawn towards each donor's share of all counts: the fit before may not be bought with noise.
"""

from dataclasses import dataclass
from functools import cached_property
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
FEWEST_DONORS: Final = 2
MOST_DONORS: Final = 40
"""Of very many, those that moved most alike before: the weights of more cannot be found in good time."""
MOST_PLACES: Final = 60
"""Of very many, the place itself and those nearest to it in size are compared: more placebos say no more."""
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


@dataclass(frozen=True)
class Spans:
    """Four-week sums of one source before an origin and after it: centre × period."""

    counted: Floats
    counted_nights: Floats
    observed: Floats
    nights: Floats
    n_full: float
    """Nights of a whole period."""

    def fit(self, place: int, can_give: Bools) -> "Fitted | None":
        """Return a place beside its synthetic control, or None where it or its donors are not known long enough."""
        before, rate = self.before, self.rate
        donors = _donors(before, rate, place, can_give)
        if donors is None:
            return None
        weights, usual = _weights(before, place, donors), before.usual[donors]
        mine = before.usual[place]
        due = usual * self.nights[donors].sum(axis=-1)
        return Fitted(
            after=_average(weights, rate[donors] / usual[:, None]) * mine * self.nights[place],
            before=_average(weights, before.relative[donors]) * mine * self.counted_nights[place],
            scatter=float((weights**2 / np.maximum(due, 0.5)).sum()),
        )

    @cached_property
    def before(self) -> Before:
        """The winsorised rates before the origin."""
        return _before(self.counted, self.counted_nights, self.n_full)

    @cached_property
    def rate(self) -> Floats:
        """Incidents a known night after the origin; NaN where none is known."""
        return np.where(self.nights > 0, self.observed / np.maximum(self.nights, 1.0), np.nan)

    def places(self, place: int) -> np.ndarray:
        """Return the places that are compared: all, or of very many the place and those nearest to it in size."""
        apart = np.abs(np.log(self.before.usual) - np.log(self.before.usual[place]))
        return np.argsort(apart, kind="stable")[:MOST_PLACES]


@dataclass(frozen=True)
class Fitted:
    """What would have come at a place by its donors, by period, after the origin and before it."""

    after: Floats
    before: Floats
    scatter: float


def compare_synthetic(trial: Trial, window: Window) -> tuple[Comparison, Comparison]:
    """Return every centre's window against its synthetic control, and the periods before it by the same weights."""
    n_before = min(window.origin // FOUR_WEEKS, MOST_PERIODS)
    history = Window(window.origin - n_before * FOUR_WEEKS, window.origin)
    before = slice(history.origin, history.end)
    counted, counted_nights = _sums(trial, history, trial.is_clean[..., before] & trial.is_chosen[before])
    observed, nights = _sums(trial, window, trial.seen(window))
    after, fitted = np.full(observed.shape, np.nan), np.full(counted.shape, np.nan)
    scatter, can_give = np.zeros(observed.shape[:2]), trial.untouched_in(window)
    for s in range(observed.shape[1]):
        arrays = counted[:, s], counted_nights[:, s], observed[:, s], nights[:, s]
        spans = Spans(*arrays, n_full=FOUR_WEEKS / 7 * len(trial.nights))
        for place in spans.places(trial.place):
            if found := spans.fit(place, can_give[:, s]):
                after[place, s], fitted[place, s], scatter[place, s] = (
                    found.after,
                    found.before,
                    found.scatter,
                )
    after = np.where(nights > 0, after, np.nan)
    return Comparison(window, observed, after, scatter), Comparison(history, counted, fitted, scatter)


def _sums(trial: Trial, window: Window, seen: Bools) -> tuple[Floats, Floats]:
    """Return incidents and known nights by period."""
    counts = np.where(seen, trial.panel.counts[..., window.origin : window.end], 0.0)
    return by_period(counts, window), by_period(seen.astype(np.float64), window)


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
    if len(donors) < FEWEST_DONORS:
        return None
    apart = np.nanmean((before.relative[donors][:, mine] - before.relative[place, mine]) ** 2, axis=1)
    return np.sort(donors[np.argsort(apart, kind="stable")[:MOST_DONORS]])


def _weights(before: Before, place: int, donors: np.ndarray) -> Floats:
    """Return the donors' weights: nought or more, together 1, closest to the place before the origin."""
    import pandas as pd
    from pysyncon import Synth  # brings a drawing library along

    theirs, mine = before.relative[donors], before.relative[place]
    is_used = ~np.isnan(mine) & ~np.isnan(theirs).all(axis=0)
    theirs, mine = theirs[:, is_used], mine[is_used]
    theirs = np.where(np.isnan(theirs), np.nanmean(theirs, axis=0), theirs)
    share = np.nansum(before.rate[donors], axis=1)
    share = share / share.sum()
    # Rows that say "be each donor's share" are the pull of a ridge, in the words of a synthetic control.
    controls = pd.DataFrame(np.vstack([theirs.T, np.sqrt(PULL) * np.eye(len(donors))]))
    treated = pd.Series(np.concatenate([mine, np.sqrt(PULL) * share]), name="place")
    spread = pd.concat([controls, treated], axis=1).std(axis=1)
    # A row in which all are alike says nothing, and cannot be scaled.
    controls, treated = controls[spread > 0], treated[spread > 0]
    importance = spread[spread > 0].to_numpy() ** 2
    synth = Synth()
    synth.fit(X0=controls, X1=treated, Z0=controls, Z1=treated, custom_V=importance)
    return np.asarray(np.clip(synth.W, 0.0, None) / np.clip(synth.W, 0.0, None).sum())


def _average(weights: Floats, relative: Floats) -> Floats:
    """Return the donors' average of each period, over those that are known in it."""
    known = weights[:, None] * ~np.isnan(relative)
    total = (known * np.nan_to_num(relative)).sum(axis=0)
    return np.where(known.sum(axis=0) > 0, total / np.maximum(known.sum(axis=0), 1e-9), np.nan)
