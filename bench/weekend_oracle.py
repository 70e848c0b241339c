"""The weekend detector beside an exact one: `python -m bench.weekend_oracle [PANEL] [--every 3]`.

Weekends are drawn anew from a panel's truth, clean and doubled, the sources of a centre's night sharing part of their
luck as `bench.forecasts.scenarios` draws it. The exact detector knows means, scatter and that share, and compares the
likelihoods of a clean and a doubled weekend. Ours has the bands issued before each weekend and the togetherness learned
from the weeks before. Both are set to alarm on 1 % of each centre's clean weekends. Without a panel, a steady area is
drawn.
"""

import argparse
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.progress import track
from scipy.special import ndtr, ndtri

from bench.forecasts.methods import all_mondays
from bench.forecasts.scenarios import AREA_SHARE, CENTRE_SHARE, SCENARIOS, write_scenario
from bench.forecasts.truth import Floats
from forecasts.backtest.panel_files import read_panel
from forecasts.backtest.walk import issue_week
from forecasts.judging.togetherness import Togetherness, learn_togetherness
from forecasts.judging.windows import log_ratio_per_incident
from forecasts.settings import BandSettings
from nte import negative_binomial as nb
from nte.detectors import WINDOWS

WEEKEND_RISE = WINDOWS[0].rise
SHARED_LUCK = AREA_SHARE + CENTRE_SHARE
LEVEL = 0.01
N_DRAWS = 4000
N_NULL_DRAWS = 20_000
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(16)
KEYS = ["centre_code", "source", "evening"]
Counts = NDArray[np.int64]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both powers, their ratio, and our rate of alarms on clean weekends at its own limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("panel", type=Path, nargs="?")
    parser.add_argument("--every", type=int, default=3, help="use every n-th week")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        if options.panel is None:
            write_scenario(SCENARIOS["steady"], 7, Path(folder))
        nights = _foretold(options.panel or Path(folder), options.every)
    weeks = nights["week"].unique().sort()
    taught, scored = weeks[: len(weeks) // 2], weeks[len(weeks) // 2 :]
    learned = learn_togetherness(nights.filter(pl.col("week").is_in(taught.implode())))
    ours, exact, clean = compare(nights.filter(pl.col("week").is_in(scored.implode())), learned)
    print(f"togetherness learned: {learned}; true on the same night: {SHARED_LUCK:.2f}")
    print(
        f"a doubled weekend at a true rate of 1 %: ours {ours:.3f}, exact {exact:.3f}, ratio {ours / exact:.3f}; "
        f"ours alarms on {100 * clean:.2f} % of clean weekends at its own 1 % limit"
    )


def compare(nights: pl.DataFrame, learned: Togetherness) -> tuple[float, float, float]:
    """Return our power, the exact detector's, and our clean rate at our own limit.

    `nights`: centre_code, week, evening, source, mu, r, expected, dispersion. A weekend with a
    night missing is left out.
    """
    random = np.random.default_rng(3)
    source, night = np.tile([0, 1, 2], 3), np.repeat([0, 1, 2], 3)
    hidden = np.linalg.cholesky(learned.correlation(night, source)) @ random.standard_normal(
        (9, N_NULL_DRAWS)
    )
    p_clean: dict[str, list[Floats]] = {}
    p_doubled: dict[str, list[Floats]] = {}
    seen_exactly: list[float] = []
    ordered = nights.sort("centre_code", "week", "evening", "source")
    for (centre, _), rows in track(ordered.group_by("centre_code", "week", maintain_order=True), "drawing"):
        if rows.height < len(source):
            continue
        mu, r = rows["mu"].to_numpy(), rows["r"].to_numpy()
        clean, doubled = draw(mu, r, night, random), draw(WEEKEND_RISE * mu, r, night, random)
        null, weight = null_scores(rows, hidden)
        for part, counts in ((p_clean, clean), (p_doubled, doubled)):
            score = weight @ counts - 1e-9
            above = 1.0 - np.searchsorted(null, score) / len(null)
            # Ties are broken at random, so that a rate of exactly 1 % can be set.
            part.setdefault(str(centre), []).append(above + 1e-7 * random.random(len(above)))
        limit = np.quantile(exact_score(clean, mu, r, night), 1 - LEVEL)
        seen_exactly.append(float((exact_score(doubled, mu, r, night) > limit).mean()))
    powers = [
        (np.concatenate(p_doubled[c]) <= np.quantile(np.concatenate(p_clean[c]), LEVEL)).mean()
        for c in p_clean
    ]
    at_own_limit = [(np.concatenate(p_clean[c]) <= LEVEL).mean() for c in p_clean]
    return float(np.mean(powers)), float(np.mean(seen_exactly)), float(np.mean(at_own_limit))


def draw(mu: Floats, r: Floats, night: Counts, random: np.random.Generator) -> Counts:
    """Return counts whose luck is partly shared by the sources of a night: cell × draw."""
    shared = random.standard_normal((int(night.max()) + 1, N_DRAWS))[night]
    luck = np.sqrt(SHARED_LUCK) * shared + np.sqrt(1 - SHARED_LUCK) * random.standard_normal(shared.shape)
    return np.stack([np.searchsorted(_steps(m, s), z) for m, s, z in zip(mu, r, luck, strict=True)])


def null_scores(rows: pl.DataFrame, hidden: Floats) -> tuple[Floats, Floats]:
    """Return our detector's clean scores in order, and the weight of one incident of each cell."""
    mean, size = rows["expected"].to_numpy(), rows["dispersion"].to_numpy()
    weight = log_ratio_per_incident(mean, size, WEEKEND_RISE)
    cells = zip(weight, mean, size, hidden, strict=True)
    return np.sort(sum(w * np.searchsorted(_steps(m, s), z) for w, m, s, z in cells)), weight


def exact_score(counts: Counts, mu: Floats, r: Floats, night: Counts) -> Floats:
    """Return the log likelihood ratio of a doubled weekend, by all that is true: one per draw."""
    total = np.zeros(counts.shape[1])
    share = NODE_WEIGHTS / NODE_WEIGHTS.sum()
    for one in np.unique(night):
        raised, usual = np.ones((counts.shape[1], len(NODES))), np.ones((counts.shape[1], len(NODES)))
        for cell in np.flatnonzero(night == one):
            raised *= _given_luck(WEEKEND_RISE * mu[cell], r[cell], int(counts[cell].max()))[counts[cell]]
            usual *= _given_luck(mu[cell], r[cell], int(counts[cell].max()))[counts[cell]]
        total += np.log(raised @ share) - np.log(usual @ share)
    return total


def _given_luck(mu: float, r: float, most: int) -> Floats:
    """Return the probability of every count up to `most` at each node of the shared luck: count × node."""
    ladder = -ndtri(np.clip(nb.tail_probability(np.arange(1, most + 2), mu, r), 1e-300, 1.0))
    edges = np.concatenate([[-np.inf], ladder])[:, None]
    below = ndtr((edges - np.sqrt(SHARED_LUCK) * NODES) / np.sqrt(1 - SHARED_LUCK))
    return np.asarray(np.maximum(np.diff(below, axis=0), 1e-300))


def _steps(mean: float, size: float) -> Floats:
    """Return the hidden score from which on a count is at least 1, 2, …"""
    most = int(nb.quantile(1 - 1e-8, mean, size)) + 2
    return np.asarray(-ndtri(np.clip(nb.tail_probability(np.arange(1, most + 1), mean, size), 1e-300, 1.0)))


def _foretold(folder: Path, every: int) -> pl.DataFrame:
    panel = read_panel(folder)
    mondays: list[date] = all_mondays(panel)[::every]
    bands = pl.concat([issue_week(panel, monday, BandSettings()).bands for monday in track(mondays, "bands")])
    truth = pl.read_csv(folder / "truth.csv", schema_overrides={"night": pl.Date, "centre": pl.String})
    known = panel.counts.filter(pl.col("is_covered")).select(*KEYS, "n_incidents")
    return (
        bands.join(truth.rename({"centre": "centre_code", "night": "evening"}), on=KEYS)
        .join(known, on=KEYS)
        .with_columns(week=pl.col("evening").dt.truncate("1w"))
    )


if __name__ == "__main__":
    main()
