"""What the forecast is measured against: Prophet as it comes, and the average of the same night of the week."""

import logging
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import polars as pl
from scipy.special import ndtr

from bench.forecasts.truth import N_COUNTS, Floats, tails

MIN_INVERSE_SIZE = 1e-3
MIN_MEAN = 0.01
"""Prophet's curve may fall below nought; a count's mean may not."""
MAX_LOG_MEAN = 6.0
N_FITTING_STEPS = 8
RIDGE = 0.1


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
    """Return Prophet's forecast per series with every setting as it comes: mean, sd, and a negative binomial size.

    The size is that of its past nights around its own curve: Prophet's mean with a count distribution around it.
    """
    import cmdstanpy  # noqa: F401 - its logger must exist before it can be silenced
    from prophet import Prophet  # takes seconds to import

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
        model.uncertainty_samples = 0
        fitted = np.maximum(model.predict(frame[["ds"]])["yhat"].to_numpy(), MIN_MEAN)
        size = size_of(frame["y"].to_numpy(), fitted)
        sd = (foretold["yhat_upper"] - foretold["yhat_lower"]) / (2 * 2.3263)
        frames.append(
            pl.DataFrame(
                {"evening": list(evenings), "mean": foretold["yhat"].to_list(), "sd": sd.to_list()}
            ).with_columns(centre_code=pl.lit(centre), source=pl.lit(source), size=pl.lit(size))
        )
    return pl.concat(frames)


def count_regression(history: pl.DataFrame, calendar: pl.DataFrame, evenings: Sequence[date]) -> pl.DataFrame:
    """Return mean and size per series of a negative binomial regression: week, season, trend and events."""
    frames = []
    columns = _regressors(calendar, history["evening"].min())
    names = [name for name in columns.columns if name != "evening"]
    ahead = pl.DataFrame({"evening": list(evenings)}).join(
        columns, on="evening", how="left", maintain_order="left"
    )
    for (centre, source), rows in history.filter(pl.col("is_covered")).group_by("centre_code", "source"):
        known = rows.join(columns, on="evening", maintain_order="left")
        design, counts = known.select(names).to_numpy(), known["n_incidents"].to_numpy().astype(np.float64)
        slope, size = _fit_regression(design, counts)
        mean = np.exp(np.clip(ahead.select(names).to_numpy() @ slope, -MAX_LOG_MEAN, MAX_LOG_MEAN))
        frames.append(
            pl.DataFrame({"evening": list(evenings), "mean": mean}).with_columns(
                centre_code=pl.lit(centre), source=pl.lit(source), size=pl.lit(size)
            )
        )
    return pl.concat(frames)


def _regressors(calendar: pl.DataFrame, first: object) -> pl.DataFrame:
    day = (pl.col("evening") - pl.lit(first)).dt.total_days()
    year = day * (2 * np.pi / 365.25)
    week = [(pl.col("evening").dt.weekday() == n).cast(pl.Float64).alias(f"week_{n}") for n in range(1, 8)]
    waves = [
        wave.alias(f"wave_{k}_{n}")
        for k in (1, 2)
        for n, wave in enumerate([(k * year).sin(), (k * year).cos()])
    ]
    events = [pl.col(name).cast(pl.Float64) for name in calendar.columns if name != "evening"]
    return calendar.select("evening", *week, *waves, (day / 1000.0).alias("trend"), *events)


def _fit_regression(design: Floats, counts: Floats) -> tuple[Floats, float]:
    """Fit by reweighted least squares, the size anew on the way; a slight ridge keeps unseen events at nought."""
    slope: Floats = np.zeros(design.shape[1])
    slope[:7] = np.log(counts.mean() + 0.01)
    size = 20.0
    for _ in range(N_FITTING_STEPS):
        log_mean = np.clip(design @ slope, -MAX_LOG_MEAN, MAX_LOG_MEAN)
        mean = np.exp(log_mean)
        weight = mean / (1.0 + mean / size)
        target = log_mean + (counts - mean) / mean
        matrix = (design * weight[:, None]).T @ design + RIDGE * np.eye(len(slope))
        slope = np.asarray(np.linalg.solve(matrix, design.T @ (weight * target)))
        size = size_of(counts, np.exp(np.clip(design @ slope, -MAX_LOG_MEAN, MAX_LOG_MEAN)))
    return slope, size


def size_of(counts: Floats, mean: Floats) -> float:
    """Return the negative binomial size by moments."""
    excess = float(((counts - mean) ** 2 - mean).sum() / (mean**2).sum())
    return 1.0 / max(excess, MIN_INVERSE_SIZE)


def gaussian_tails(mean: Floats, sd: Floats) -> Floats:
    """Return P(Y >= k) of a Gaussian rounded to whole counts, all below nought taken as nought."""
    edges = np.arange(N_COUNTS + 1) - 0.5
    tail = ndtr((mean[:, None] - edges) / np.maximum(sd[:, None], 1e-6))
    tail[:, 0] = 1.0
    return np.asarray(tail)


def count_tails(rows: pl.DataFrame) -> Floats:
    """Return P(Y >= k) of rows with a mean and a negative binomial size."""
    return tails(np.maximum(rows["mean"].to_numpy(), MIN_MEAN), rows["size"].to_numpy())


def prophet_tails(rows: pl.DataFrame) -> Floats:
    """Return P(Y >= k) of default Prophet's rows."""
    return gaussian_tails(rows["mean"].to_numpy(), rows["sd"].to_numpy())
