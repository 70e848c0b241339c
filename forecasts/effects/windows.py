"""The nights that are compared, the place where something was done, and the earlier windows in which nothing was."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from forecasts.curve.panel import Bools, Floats, Ints, Panel

FOUR_WEEKS: Final = 28
"""Days of a period: sums of it are large enough to be compared, and each has every night of the week four times."""
FEWEST_BEFORE: Final = 364
"""Days of history before an origin: without a year of them a season is taken for an effect."""
STEP: Final = 91
"""Days at least between two placebo origins, so that placebos in time see other seasons."""
MOST_WINDOWS: Final = 6
"""Placebo windows before the start: older ones say less of today."""

MOST_SPREADS: Final = 3.5
"""A four-week sum before a start farther than this from its usual one is drawn to there: a surge or a closure must
neither choose the donors nor spoil the fit."""
MAD_TO_SD: Final = 1.4826


@dataclass(frozen=True)
class Window:
    """A span of evenings that is compared with what was to be expected from before it, by their places in a panel."""

    origin: int
    """The first evening: nothing from it on is known to the counterfactual."""
    end: int
    """The evening after the last."""

    @property
    def n_days(self) -> int:
        """Return its length."""
        return self.end - self.origin

    @property
    def periods(self) -> np.ndarray:
        """Return the first evening of each of its periods of four weeks, the last one shorter where they do not fit."""
        return np.arange(self.origin, self.end, FOUR_WEEKS)


@dataclass(frozen=True)
class Trial:
    """All nights of an area, which of them are untouched, and what is compared on which nights of the week."""

    panel: Panel
    """Every count that is known."""
    is_clean: Bools
    """centre × source × evening: known, and nothing was being done there."""
    place: int
    """The centre whose window is looked at."""
    window: Window
    nights: tuple[int, ...]
    """ISO weekdays."""
    complete_until: Ints
    """source: the evening after the last whose counts should be complete."""

    @property
    def is_chosen(self) -> Bools:
        """Return which evenings are of the nights that are compared."""
        return np.isin(self.panel.weekdays, self.nights)

    def seen(self, window: Window) -> Bools:
        """Return the nights of a window that are compared: centre × source × evening of the window.

        The place itself is looked at whatever was done there; the others only while they are untouched.
        """
        span = slice(window.origin, window.end)
        seen = self.is_clean[..., span].copy()
        if window == self.window:
            seen[self.place] = self.panel.is_known[self.place, :, span]
        return np.asarray(seen & self.is_chosen[span])

    def until(self, window: Window) -> Panel:
        """Return the panel to the end of a window in which nothing from its origin on is known."""
        is_known = self.is_clean[..., : window.end].copy()
        is_known[..., window.origin :] = False
        counts, share = self.panel.counts[..., : window.end], self.panel.share[..., : window.end]
        return replace(
            self.panel,
            evenings=self.panel.evenings[: window.end],
            n_train=window.origin,
            counts=np.where(is_known, counts, 0.0),
            is_known=is_known,
            share=np.where(is_known, share, 1.0),
        )

    def n_nights(self, window: Window, source: int) -> int:
        """Return how many nights of a window are compared once all of them are known."""
        end = min(window.end, int(self.complete_until[source]))
        return int(self.is_chosen[window.origin : max(end, window.origin)].sum())

    def untouched_in(self, window: Window) -> Bools:
        """Return which series had nothing done to them in a window: centre × source."""
        is_untouched = np.ones(self.panel.counts.shape[:2], dtype=np.bool_)
        is_untouched[self.place] = window != self.window
        return is_untouched

    def placebo_windows(self) -> list[Window]:
        """Return the windows of the same length before the start, the latest first: placebos in time."""
        return windows_before(self.window)


@dataclass(frozen=True)
class Comparison:
    """What came in a window and what would have come without anything done, by periods of four weeks."""

    window: Window
    n_observed: Floats
    """centre × source × period, on the nights that are known; 0 where none is."""
    n_counterfactual: Floats
    """The same; NaN where nothing can be said."""
    scatter: Floats
    """centre × source: variance of the log of the ratio beside what a count of its size has by chance."""


def windows_before(window: Window) -> list[Window]:
    """Return the windows of the same length before one, the latest first, each with a year of history before it."""
    step = max(window.n_days, STEP)
    origins = range(window.origin - step, FEWEST_BEFORE - 1, -step)
    return [Window(origin, origin + window.n_days) for origin in origins][:MOST_WINDOWS]


def winsorised(values: Floats, least_spread: float) -> Floats:
    """Return values of which none lies farther from their median than MOST_SPREADS robust standard deviations.

    `least_spread`: what chance alone makes of it, where most values are alike.
    """
    middle = float(np.median(values))
    spread = max(MAD_TO_SD * float(np.median(np.abs(values - middle))), least_spread)
    return np.clip(values, middle - MOST_SPREADS * spread, middle + MOST_SPREADS * spread)


def by_period(values: Floats, window: Window) -> Floats:
    """Sum the last axis (evenings of a window) within its periods."""
    return np.asarray(np.add.reduceat(values, window.periods - window.origin, axis=-1))
