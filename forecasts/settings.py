"""Every number of the forecast that a person could want to change, with its unit and its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nte.detectors import usual_shares
from nte.nights import LEAST_NIGHTS
from nte.words import Detector

Floats = NDArray[np.float64]

MODEL_VERSION = "prophet-pool-4"
"""Changes whenever the same history would give another band."""


@dataclass(frozen=True)
class BandSettings:
    """The tunables of the bands. The defaults were chosen on simulated and real histories: docs/method.md."""

    lower_level: float = 0.01
    """Share of nights below `lower` at most: with `upper_level` the band that people see."""
    upper_level: float = 0.99
    """Share of nights up to `upper` at least."""

    false_alarms_per_30_days: float = 1.0
    """Budget of the area, all detectors together: an alert that is wrong twice is not read a third time."""
    budget_shares: Mapping[str, float] = field(default_factory=usual_shares)
    """Part of the budget by detector. They add up to 1."""
    gamma: float = 0.75
    """Chance to stand from which a night that is still filling is above its limit."""
    gamma_of_windows: float = 0.85
    """The same of a weekend or four weekends, of which less is in when they are first looked at."""
    least_count: Mapping[str, int] = field(default_factory=dict)
    """By source: no final count under it is above its limit, however rare."""
    least_sum: Mapping[str, int] = field(default_factory=dict)
    """By window: the same of all its counts together."""
    judged_weekdays: tuple[int, ...] = (5, 6, 7)
    """ISO weekdays of the evenings that are judged: Friday, Saturday, Sunday."""
    detection_power: float = 0.8
    """Probability with which the stated rise (`detectable_ratio`) would have been seen."""

    other_nights_weight: float = 1.0
    """Weight in training of the nights that are not judged; 1 uses all seven nights alike."""
    prophet_yearly_order: int = 6
    """Fourier order of the area's season: bends of about a month, no finer."""
    prophet_season_scale: float = 0.01
    """Prior scale of the season's waves: small ones are noise unless they insist."""
    prophet_weekly_order: int = 3
    """Fourier order of the area's week; 3 gives each of the seven nights its own level."""
    season_order: int = 2
    """Fourier order by which a centre's season may differ from its area's."""
    shape_half_life_years: float = 6.0
    """Age at which a night counts half for shapes (week, season, events): habits change over years."""

    recording_step_sd: float = 0.35
    """Standard deviation of the log of a source's step when its recording changes, before it is seen."""
    centre_step_sd: float = 0.1
    """By how much a centre's step may differ from its source's, same unit."""
    shift_threshold: float = 4.0
    """Standardised surprise over `shift_weeks` from which a level is taken to have shifted unannounced."""
    shift_weeks: int = 4
    """Weeks over which an unannounced shift must last: a surge of a weekend is not a level."""
    min_training_nights: int = LEAST_NIGHTS
    """Covered nights before a series has a band at all."""

    def least_limits(self, sources: Sequence[str]) -> Floats:
        """Return the least limit of each of `sources`: least count - 1, or 0 where there is none."""
        return np.array([max(self.least_count.get(source, 1) - 1, 0) for source in sources], dtype=np.float64)

    def night_budget(self, days: float) -> float:
        """Return the expected false alarms that single nights may raise in a span of `days`."""
        return self.false_alarms_per_30_days * self.budget_shares[Detector.NIGHT] * days / 30.0
