"""Scores of forecasts against the known truth of a simulated panel, and against the counts of a real one.

A forecast is a matrix of tail probabilities, P(Y >= k) for k = 0, 1, 2 …: any distribution can be compared.
"Exact" means that probabilities are taken from the true distribution of the night, not from the one count that was
drawn, and that the discreteness is removed: at the limit itself an alarm is raised with just the probability that
makes the forecast's own level right.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nte import negative_binomial as nb

Floats = NDArray[np.float64]

N_COUNTS = 400
"""Counts that nothing in a panel comes near, however small the level asked for."""
LEVEL = 0.01
EVENT_COLUMNS = ("bh_sunday", "xmas", "nye", "halloween")


@dataclass(frozen=True)
class Scores:
    """One row of the table of scores; power and CRPS are relative to the truth's own."""

    false_alarm_percent: float
    event_percent: float
    share_calibrated: float
    power: float
    crps: float
    alarms_percent: float
    """Nights whose whole-number count lies above the whole-number limit; surges are in it."""


def tails(mean: Floats, size: Floats) -> Floats:
    """Return P(Y >= k) of negative binomial forecasts: night × k."""
    return nb.tail_probability(np.arange(N_COUNTS + 1), mean[:, None], size[:, None])


def alarm_rate(forecast: Floats, truth: Floats, level: Floats) -> Floats:
    """Return each night's true probability of an alarm at the forecast's own level, discreteness removed."""
    first = np.minimum((forecast > level[:, None]).sum(axis=1), forecast.shape[1] - 1)
    row = np.arange(len(forecast))
    above, at = forecast[row, first], forecast[row, first - 1] - forecast[row, first]
    chance = np.clip((level - above) / np.maximum(at, 1e-300), 0.0, 1.0)
    alarmed: Floats = truth[row, first] + chance * (truth[row, first - 1] - truth[row, first])
    return alarmed


def expected_pit(forecast: Floats, truth: Floats) -> Floats:
    """Return the shares of nights in each tenth of their forecast: a tenth each when it means what it says.

    Over all counts that the truth could draw, not over the one that it drew: without randomness.
    """
    levels = np.linspace(0.9, 0.1, 9)
    above = [alarm_rate(forecast, truth, np.full(len(forecast), level)).mean() for level in levels]
    return -np.diff([1.0, *above, 0.0])


def power(forecast: Floats, truth: Floats, doubled: Floats, series: NDArray[np.int64]) -> float:
    """Return the probability of seeing a doubled night when every series alarms on exactly 1 % of clean nights."""
    n_series = int(series.max()) + 1
    low, high = np.full(n_series, np.log(1e-7)), np.full(n_series, np.log(0.5))
    n_nights = np.maximum(np.bincount(series, minlength=n_series), 1)
    for _ in range(18):
        middle = (low + high) / 2.0
        rates = alarm_rate(forecast, truth, np.exp(middle)[series])
        is_high = np.bincount(series, rates, minlength=n_series) / n_nights > LEVEL
        low, high = np.where(is_high, low, middle), np.where(is_high, middle, high)
    return float(alarm_rate(forecast, doubled, np.exp(low)[series]).mean())


def expected_crps(forecast: Floats, truth: Floats) -> float:
    """Return the expected continuous ranked probability score under the truth."""
    f, g = forecast[:, 1:], truth[:, 1:]
    return float(((f - g) ** 2 + g * (1.0 - g)).sum(axis=1).mean())


def observed_crps(forecast: Floats, counts: Floats) -> Floats:
    """Return each night's continuous ranked probability score for the count that came."""
    reached = counts[:, None] >= np.arange(1, N_COUNTS + 1)
    scores: Floats = ((forecast[:, 1:] - reached) ** 2).sum(axis=1)
    return scores


def randomised_pit(forecast: Floats, counts: Floats, seed: int = 1) -> Floats:
    """Return P(Y < y) plus a random part of P(Y = y): uniform when the forecasts mean what they say."""
    row = np.arange(len(forecast))
    k = np.minimum(counts.astype(np.int64), N_COUNTS - 1)
    share = np.random.default_rng(seed).random(len(forecast))
    placed: Floats = 1.0 - forecast[row, k] + share * (forecast[row, k] - forecast[row, k + 1])
    return placed


def score_against_truth(rows: pl.DataFrame, forecast: Floats) -> Scores:
    """Return the scores of one method.

    `rows`: centre_code, source, mu, r, n_incidents, is_event, in the order of `forecast`'s rows.
    """
    mean, size = rows["mu"].to_numpy(), rows["r"].to_numpy()
    truth, doubled = tails(mean, size), tails(2.0 * mean, size)
    series = (
        rows.select(pl.struct("centre_code", "source").rank("dense")).to_series().to_numpy().astype(int) - 1
    )
    rates = alarm_rate(forecast, truth, np.full(len(rows), LEVEL))
    per_series = np.bincount(series, rates) / np.bincount(series)
    is_calibrated = (per_series >= LEVEL / 2) & (per_series <= 2 * LEVEL)
    known = rows["n_incidents"].is_not_null().to_numpy()
    limit = (forecast > LEVEL).sum(axis=1) - 1
    return Scores(
        false_alarm_percent=100 * float(rates.mean()),
        event_percent=100 * _mean(rates[rows["is_event"].to_numpy()]),
        share_calibrated=float(is_calibrated.mean()),
        power=power(forecast, truth, doubled, series) / power(truth, truth, doubled, series),
        crps=expected_crps(forecast, truth) / expected_crps(truth, truth),
        alarms_percent=100 * _mean((rows["n_incidents"].fill_null(0).to_numpy() > limit)[known]),
    )


def _mean(values: NDArray[np.generic]) -> float:
    return float(values.mean()) if len(values) else float("nan")
