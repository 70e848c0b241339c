"""Prophet, for the one thing it does well here: the area's own shape of week, season and events.

The only file that imports Prophet. It is fitted once, on the average of the sources' totals, where counts are large
enough for its Gaussian view; single sources and centres, and all uncertainty, are left to the count model around it.
"""

import logging
from collections.abc import Mapping

import numpy as np
import pandas as pd

from forecasts.panel import Days, Floats
from forecasts.settings import BandSettings

FLOOR_SHARE = 0.05
"""Prophet's Gaussian curve may touch zero or less; it is kept above this share of its mean."""
MIN_SEASON_YEARS = 1.5
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
    import cmdstanpy  # noqa: F401, PLC0415 - its logger must exist before it can be silenced
    from prophet import Prophet  # noqa: PLC0415 - takes seconds to import

    logging.getLogger("cmdstanpy").disabled = True
    logging.getLogger("prophet").setLevel(logging.ERROR)
    is_known = np.isfinite(totals)
    scale = max(float(np.mean(totals[is_known])), 1e-3)
    frame = pd.DataFrame({"ds": pd.to_datetime(evenings), "y": totals / scale, **events, **steps})
    has_season = float(np.ptp(np.flatnonzero(is_known))) / 365.25 >= MIN_SEASON_YEARS
    model = Prophet(
        growth="flat",
        seasonality_mode="multiplicative",
        yearly_seasonality=settings.prophet_yearly_order if has_season else False,
        weekly_seasonality=settings.prophet_weekly_order,
        daily_seasonality=False,
        uncertainty_samples=0,
    )
    for name, values in (*events.items(), *steps.items()):
        if np.ptp(values[is_known]) > 0:
            model.add_regressor(name, mode="multiplicative", standardize=False)
    model.fit(frame[is_known], algorithm="LBFGS")
    curve = model.predict(frame.assign(**dict.fromkeys(steps, 0.0)))["yhat"].to_numpy(dtype=np.float64)
    return np.asarray(np.maximum(curve, FLOOR_SHARE * float(np.mean(curve))) * scale, dtype=np.float64)
