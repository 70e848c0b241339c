"""Prophet, for the one thing it does well here: the area's own shape of week, season and events per source.

The only file that imports Prophet. It is fitted once per source on the area's total, where counts are large enough
for its Gaussian view; single centres and all uncertainty are left to the count model around it.
"""

import logging
from collections.abc import Mapping

import numpy as np
import pandas as pd

from forecasts.panel import Days, Floats
from forecasts.settings import BandSettings

FLOOR_SHARE = 0.05
"""Prophet's Gaussian curve may touch zero or less; it is kept above this share of its mean."""


def fit_area_curve(
    evenings: Days, totals: Floats, regressors: Mapping[str, Floats], settings: BandSettings
) -> Floats:
    """Return the area's expected total on every evening; `totals` is NaN where it is unknown or still to come."""
    import cmdstanpy  # noqa: F401, PLC0415 - its logger must exist before it can be silenced
    from prophet import Prophet  # noqa: PLC0415 - takes seconds to import

    logging.getLogger("cmdstanpy").disabled = True
    logging.getLogger("prophet").setLevel(logging.ERROR)
    is_known = np.isfinite(totals)
    scale = max(float(np.mean(totals[is_known])), 1e-3)
    frame = pd.DataFrame({"ds": pd.to_datetime(evenings), "y": totals / scale, **regressors})
    span_years = float(np.ptp(np.flatnonzero(is_known))) / 365.25
    model = Prophet(
        growth="flat",
        seasonality_mode="multiplicative",
        yearly_seasonality=settings.prophet_yearly_order if span_years >= 1.5 else False,  # noqa: PLR2004
        weekly_seasonality=settings.prophet_weekly_order,
        daily_seasonality=False,
        uncertainty_samples=0,
    )
    for name, values in regressors.items():
        if np.ptp(values[is_known]) > 0:
            model.add_regressor(name, mode="multiplicative", standardize=False)
    model.fit(frame[is_known], algorithm="LBFGS")
    foretold = model.predict(frame)
    curve = foretold["yhat"].to_numpy(dtype=np.float64)
    # On weekdays that Prophet never saw, its week is an extrapolation: there the average of the seen ones stands.
    seen = np.isin(frame["ds"].dt.weekday, frame.loc[is_known, "ds"].dt.weekday.unique())
    week = foretold["trend"].to_numpy() * foretold["weekly"].to_numpy()
    curve = np.where(seen, curve, curve - week + float(np.mean(week[seen])))
    return np.asarray(np.maximum(curve, FLOOR_SHARE * float(np.mean(curve))) * scale, dtype=np.float64)
