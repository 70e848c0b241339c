"""What is said of one source: an effect with its interval, or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from forecasts.curve.panel import Bools
from forecasts.effects.inference import FEWEST_PLACEBOS, Effect, Gaps, effect_of
from forecasts.effects.windows import Comparison, Trial, Window, winsorised

FEWEST_EXPECTED: Final = 10.0
"""Incidents that were to be expected in a window before anything is said of it."""
LEAST_COVERED: Final = 0.8
"""Share of the nights of a window that must be known: unknown is not zero."""
MOST_MISFIT: Final = 0.25
"""Relative error of a four-week sum before the start, beyond what chance explains, up to which a fit is adequate."""


@dataclass(frozen=True)
class Found:
    """What one method found of one source."""

    n_nights: int
    n_covered: int
    n_observed: int
    n_counterfactual: float | None
    pre_fit_error: float | None
    """Root mean square of the relative error of the four-week sums before."""
    effect: Effect | None
    why_not: str
    """Empty with an effect."""


def gaps_of(comparison: Comparison, source: int, is_usable: Bools) -> tuple[np.ndarray, Gaps]:
    """Return the places of a comparison that can be told of, and their gaps over the whole window."""
    counterfactual = comparison.n_counterfactual[:, source]
    has_one = ~np.isnan(counterfactual)
    due = np.where(has_one, counterfactual, 0.0).sum(axis=-1)
    came = np.where(has_one, comparison.n_observed[:, source], 0.0).sum(axis=-1)
    places = np.flatnonzero(is_usable & (due >= FEWEST_EXPECTED))
    return places, Gaps(came[places], due[places], comparison.scatter[places, source])


def covered_shares(trial: Trial, window: Window, source: int) -> np.ndarray:
    """Return the share of the chosen nights of a window that is known, by centre."""
    n_known = trial.seen(window)[:, source].sum(axis=-1)
    return np.asarray(n_known / max(trial.n_nights(window, source), 1))


def placebos_of(
    trial: Trial, comparisons: Sequence[Comparison], source: int
) -> list[tuple[Comparison, np.ndarray, Gaps]]:
    """Return the gaps of every untouched place in its own window and of every place in the windows before it."""
    found = []
    for one in comparisons:
        usable = covered_shares(trial, one.window, source) >= LEAST_COVERED
        found.append((one, *gaps_of(one, source, usable & trial.untouched_in(one.window)[:, source])))
    return found


def joined(parts: Sequence[Gaps]) -> Gaps:
    """Return gaps one after another."""
    return Gaps(
        np.concatenate([part.n_observed for part in parts]),
        np.concatenate([part.n_counterfactual for part in parts]),
        np.concatenate([part.scatter for part in parts]),
    )


def find(trial: Trial, comparisons: Sequence[Comparison], before: Sequence[Comparison], source: int) -> Found:
    """Return what a method found of a source.

    `comparisons` are those of the window itself, first, and of the placebo windows; `before` are the periods before the
    start on which the fit is judged.
    """
    window = trial.window
    n_nights = trial.n_nights(window, source)
    n_covered = int(trial.seen(window)[trial.place, source].sum())
    own, placebos = comparisons[0], joined([gaps for _, _, gaps in placebos_of(trial, comparisons, source)])
    n_observed = int(own.n_observed[trial.place, source].sum())
    error, by_chance, n_periods = fit_before(before, trial.place, source)
    places, gaps = gaps_of(own, source, np.arange(len(own.n_observed)) == trial.place)
    known = own.n_counterfactual[trial.place, source]
    due = None if np.isnan(known).all() else float(np.nansum(known))
    why = _why_not(n_nights, n_covered, due, len(placebos.n_observed))
    if not why and error is None:
        why = "too little is known of the time before the start to show how well a window of this length fits"
    elif not why and error is not None and error**2 > _most_square(by_chance, n_periods):
        why = "the fit before the start is too poor for what came after it to be read"
    effect = effect_of(gaps, placebos) if not why and len(places) else None
    return Found(n_nights, n_covered, n_observed, due, error, effect, why)


def _most_square(by_chance: float, n_periods: int) -> float:
    """Return the largest mean square of an adequate fit: chance, three of its standard errors, and the misfit."""
    return by_chance * (1 + 3 * float(np.sqrt(2 / n_periods))) + MOST_MISFIT**2


def _why_not(n_nights: int, n_covered: int, due: float | None, n_placebos: int) -> str:
    """Return why nothing can be said, empty where something can."""
    if not n_nights:
        return "fewer than four complete weeks have passed since the start"
    if n_covered < LEAST_COVERED * n_nights:
        return f"only {n_covered} of {n_nights} nights are known, and an unknown night is not a quiet one"
    if due is None:
        return "too little is known of the time before the start, or of other centres, to say what would have come"
    if due < FEWEST_EXPECTED:
        return f"fewer than {FEWEST_EXPECTED:g} incidents were to be expected: too few to tell anything from"
    if n_placebos < FEWEST_PLACEBOS:
        return (
            f"fewer than {FEWEST_PLACEBOS} windows of other centres or earlier years can be set beside it: too few to "
            "know how far counts stray by themselves"
        )
    return ""


def fit_before(before: Sequence[Comparison], place: int, source: int) -> tuple[float | None, float, int]:
    """Return the root mean square of the relative error of a place's four-week sums, what chance makes of its square,
    and the number of sums; None where there is none.
    """
    observed = np.concatenate([one.n_observed[place, source] for one in before] or [np.zeros(0)])
    due = np.concatenate([one.n_counterfactual[place, source] for one in before] or [np.zeros(0)])
    has_one = ~np.isnan(due) & (due > 0)
    if not has_one.any():
        return None, 0.0, 0
    usual = due[has_one].mean()
    error = winsorised((observed - due)[has_one] / usual, float(np.sqrt(1.0 / usual)))
    square = float((error**2).mean())
    return float(np.sqrt(square)), float(1.0 / usual), int(has_one.sum())
