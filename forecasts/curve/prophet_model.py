"""Prophet, for the one thing it does well here: the area's own shape of week, season and events.

The only file that imports Prophet. It is fitted once, on the average of the sources' totals, where counts are large
enough for its Gaussian view; single sources and centres, and all uncertainty, are left to the count model around it.
"""

import logging
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from forecasts.curve.almanac import DAYS_PER_YEAR
from forecasts.curve.panel import Bools, Days, Floats
from forecasts.settings import BandSettings

if TYPE_CHECKING:
    from prophet import Prophet

FLOOR_SHARE = 0.05
"""Prophet's Gaussian curve may touch zero or less; it is kept above this share of its mean."""
MIN_SEASON_YEARS = 2.0
"""With less history than this a season cannot be told from a trend."""


def fit_area_curve(
    evenings: Days,
    totals: Floats,
    events: Mapping[str, Floats],
    steps: Mapping[str, Floats],
    settings: BandSettings,
) -> Floats:
    """Return the curve of week, season and events on every evening, without the steps.

    `totals` is NaN where it is unknown or still to come. `steps` are columns of recording changes: they are
    fitted, so that they do not pass for season, and left out of the curve.
    """
    is_known = np.isfinite(totals)
    scale = max(float(np.mean(totals[is_known])), 1e-3)
    frame = pd.DataFrame({"ds": pd.to_datetime(evenings), "y": totals / scale, **events, **steps})
    curve = _fit(frame, is_known, [*events, *steps], steps, settings)
    return np.asarray(np.maximum(curve, FLOOR_SHARE * float(np.mean(curve))) * scale, dtype=np.float64)


def _fit(
    frame: pd.DataFrame,
    is_known: Bools,
    regressors: Iterable[str],
    steps: Iterable[str],
    settings: BandSettings,
) -> Floats:
    """Return the fitted curve, the steps taken out."""
    has_season = float(np.ptp(np.flatnonzero(is_known))) / DAYS_PER_YEAR >= MIN_SEASON_YEARS
    prophet = _quiet_prophet()
    model = prophet(
        growth="flat",
        # A flat line has no bends: without them nothing changes but the time.
        n_changepoints=0,
        seasonality_mode="multiplicative",
        yearly_seasonality=False,
        weekly_seasonality=settings.prophet_weekly_order,
        daily_seasonality=False,
        uncertainty_samples=0,
    )
    if has_season:
        order, scale = settings.prophet_yearly_order, settings.prophet_season_scale
        model.add_seasonality("season", DAYS_PER_YEAR, order, prior_scale=scale, mode="multiplicative")
    for name in regressors:
        if np.ptp(frame.loc[is_known, name]) > 0:
            model.add_regressor(name, mode="multiplicative", standardize=False)
    with warnings.catch_warnings():
        # Prophet calls pandas in ways that pandas 3 will drop: not a thing that we can mend.
        warnings.simplefilter("ignore")
        model.fit(frame[is_known], algorithm="LBFGS")
        without_steps = frame.assign(**dict.fromkeys(steps, 0.0))
        return np.asarray(model.predict(without_steps)["yhat"], dtype=np.float64)


def _quiet_prophet() -> type["Prophet"]:
    """Return Prophet's class: the import takes seconds, and neither it nor its sampler talks below an error."""
    logging.getLogger("prophet.plot").setLevel(logging.CRITICAL)
    import cmdstanpy  # noqa: F401 - its logger must exist before it can be silenced
    from prophet import Prophet

    logging.getLogger("cmdstanpy").disabled = True
    return Prophet
