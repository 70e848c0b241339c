"""What the forecast is measured against: Prophet as it comes, and the average of the same night of the week."""

import logging
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import polars as pl
from scipy.special import ndtr

from bench.forecasts_truth import N_COUNTS, Floats, tails

MIN_INVERSE_SIZE = 1e-3


def climatology(history: pl.DataFrame, evenings: Sequence[date]) -> pl.DataFrame:
    """Return mean and size per series and night: the average of its night of the week, and their scatter."""
    known = history.filter(pl.col("is_covered")).with_columns(weekday=pl.col("evening").dt.weekday())
    keys = ["centre_code", "source"]
    means = known.group_by(*keys, "weekday").agg(mean=pl.col("n_incidents").mean() + 0.01)
    scatter = (
        known.join(means, on=[*keys, "weekday"])
        .group_by(keys)
        .agg(
            excess=((pl.col("n_incidents") - pl.col("mean")) ** 2 - pl.col("mean")).sum(),
            square=(pl.col("mean") ** 2).sum(),
        )
        .with_columns(size=1.0 / (pl.col("excess") / pl.col("square")).clip(MIN_INVERSE_SIZE, None))
    )
    nights = pl.DataFrame({"evening": list(evenings)}).with_columns(weekday=pl.col("evening").dt.weekday())
    return nights.join(means, on="weekday").join(scatter, on=keys).select("evening", *keys, "mean", "size")


def default_prophet(history: pl.DataFrame, evenings: Sequence[date]) -> pl.DataFrame:
    """Return Prophet's Gaussian forecast per series with every setting as it comes: mean and sd."""
    import cmdstanpy  # noqa: F401, PLC0415 - its logger must exist before it can be silenced
    from prophet import Prophet  # noqa: PLC0415 - takes seconds to import

    logging.getLogger("cmdstanpy").disabled = True
    future = pd.DataFrame({"ds": pd.to_datetime(list(evenings))})
    frames = []
    for (centre, source), rows in history.filter(pl.col("is_covered")).group_by("centre_code", "source"):
        frame = pd.DataFrame(
            {"ds": pd.to_datetime(rows["evening"].to_list()), "y": rows["n_incidents"].to_list()}
        )
        model = Prophet(interval_width=0.98)
        model.fit(frame)
        foretold = model.predict(future)
        sd = (foretold["yhat_upper"] - foretold["yhat_lower"]) / (2 * 2.3263)
        frames.append(
            pl.DataFrame(
                {"evening": list(evenings), "mean": foretold["yhat"].to_list(), "sd": sd.to_list()}
            ).with_columns(centre_code=pl.lit(centre), source=pl.lit(source))
        )
    return pl.concat(frames)


def gaussian_tails(mean: Floats, sd: Floats) -> Floats:
    """Return P(Y >= k) of a Gaussian rounded to whole counts, all below nought taken as nought."""
    edges = np.arange(N_COUNTS + 1) - 0.5
    tail = ndtr((mean[:, None] - edges) / np.maximum(sd[:, None], 1e-6))
    tail[:, 0] = 1.0
    return np.asarray(tail)


def count_tails(rows: pl.DataFrame) -> Floats:
    """Return P(Y >= k) of rows with a mean and a negative binomial size."""
    return tails(rows["mean"].to_numpy(), rows["size"].to_numpy())


def prophet_tails(rows: pl.DataFrame) -> Floats:
    """Return P(Y >= k) of default Prophet's rows."""
    return gaussian_tails(rows["mean"].to_numpy(), rows["sd"].to_numpy())
