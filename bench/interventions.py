"""Does an evaluation read back what was done? `python -m bench.interventions [--seeds 20] [--scenarios steady …]`.

Fourteen simulated centres, three sources, four years. In one centre after the other the Friday and Saturday nights of
the last weeks keep each incident with the chance of the planted ratio, and both methods of `nte evaluate` are asked,
beside the walk-forward forecast, whose level follows what it sees.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from bench.forecasts.scenarios import N_CENTRES, SCENARIOS, SOURCES, World, draw_world
from forecasts.curve.panel import Panel
from forecasts.effects.frozen import compare_frozen, forecast_frozen
from forecasts.effects.inference import Gaps, effect_of
from forecasts.effects.synthetic import compare_synthetic
from forecasts.effects.verdicts import find
from forecasts.effects.windows import Comparison, Trial, Window
from forecasts.settings import BandSettings

RATIOS = (1.0, 0.85, 0.7)
NIGHTS = (5, 6)
WALK_DAYS = 14
"""The bands of the walk are issued anew every two weeks."""
CENTRES = tuple(f"c{n:02d}" for n in range(N_CENTRES))
Row = dict[str, Any]


@dataclass(frozen=True)
class Drawn:
    """A simulated area as an evaluation sees it."""

    world: World
    changes: pl.DataFrame
    settings: BandSettings
    n_days: int
    """How long the intervention lasts."""

    @property
    def ahead(self) -> tuple[pl.DataFrame, pl.DataFrame, BandSettings]:
        """Return what a forecast knows ahead, and its settings."""
        return self.world.calendar.rename({"night": "evening"}), self.changes, self.settings

    def trial(self, place: int, counts: np.ndarray | None = None) -> Trial:
        """Return the trial at a centre, over the last weeks."""
        world = self.world
        n_nights, known = len(world.nights), world.is_known
        panel = Panel(
            CENTRES,
            SOURCES,
            np.array(world.nights, dtype="datetime64[D]"),
            n_nights,
            np.where(known, world.counts if counts is None else counts, 0).astype(np.float64),
            known,
            np.ones(known.shape),
        )
        is_clean = known.copy()
        is_clean[place, :, n_nights - self.n_days :] = False
        window, until = Window(n_nights - self.n_days, n_nights), np.full(len(SOURCES), n_nights)
        return Trial(panel, is_clean, place, window, NIGHTS, until)


def draw(scenario: str, seed: int, n_weeks: int = 26) -> Drawn:
    """Return an area of a scenario."""
    changes = [(source, day) for source, day, _ in SCENARIOS[scenario].changes]
    schema = {"source": pl.String, "first_evening": pl.Date}
    world = draw_world(SCENARIOS[scenario], 1000 * seed)
    return Drawn(world, pl.DataFrame(changes, schema, orient="row"), BandSettings(), 7 * n_weeks)


def read_back(drawn: Drawn, places: Sequence[int], seed: int) -> Iterator[Row]:
    """Yield what both methods find at each of `places` for each planted ratio, by source.

    What would have come knows nothing of the place from the start on: it is made once for all ratios.
    """
    random = np.random.default_rng(seed)
    first = drawn.trial(places[0])
    windows = [first.window, *first.placebo_windows()]
    forecasts = {window: forecast_frozen(first, window, *drawn.ahead) for window in windows}
    in_time = [compare_synthetic(first, window)[0] for window in windows[1:]]
    for place in places:
        trial = drawn.trial(place)
        frozen = [compare_frozen(trial, window, forecasts[window]) for window in windows]
        synthetic, before = compare_synthetic(trial, trial.window)
        methods = {
            "forecast": (frozen, frozen[1:]),
            "synthetic": ([synthetic, *in_time], [before]),
        }
        for ratio in RATIOS:
            kept = random.binomial(frozen[0].n_observed[place].astype(np.int64), ratio)
            for method, (comparisons, fit) in methods.items():
                planted = [_with_observed(comparisons[0], place, kept), *comparisons[1:]]
                for source in range(len(SOURCES)):
                    effect = find(trial, planted, fit, source).effect
                    yield {"method": method, "planted": ratio, "place": place} | (
                        vars(effect) if effect else NONE
                    )


NONE: Row = dict.fromkeys(("ratio", "lower", "upper", "placebo_rank", "n_placebos", "detectable_ratio"))


def _with_observed(comparison: Comparison, place: int, kept: np.ndarray) -> Comparison:
    n_observed = comparison.n_observed.copy()
    n_observed[place] = kept
    return replace(comparison, n_observed=n_observed)


def walk(drawn: Drawn, places: Sequence[int], ratio: float, seed: int) -> Iterator[Row]:
    """Yield what the sums of walk-forward forecasts say, issued anew every two weeks from all that was seen by then."""
    random = np.random.default_rng(seed)
    for place in places:
        counts = drawn.world.counts.copy()
        window = drawn.trial(place).window
        counts[place, :, window.origin :] = random.binomial(counts[place, :, window.origin :], ratio)
        trial = drawn.trial(place, counts)
        followed = replace(trial, is_clean=trial.panel.is_known)
        due = np.zeros(counts.shape[:2])
        for begins in range(window.origin, window.end, WALK_DAYS):
            weeks = Window(begins, min(begins + WALK_DAYS, window.end))
            due += (forecast_frozen(followed, weeks, *drawn.ahead).mean * followed.seen(weeks)).sum(axis=-1)
        came = (counts[..., window.origin :] * followed.seen(window)).sum(axis=-1)
        others = np.arange(N_CENTRES) != place
        for source in range(len(SOURCES)):
            parts = [
                Gaps(came[which, source], due[which, source], np.zeros(which.sum()))
                for which in (~others, others)
            ]
            yield {"method": "walk-forward", "planted": ratio, "place": place} | vars(effect_of(*parts))


def summary(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row a method and planted ratio: coverage, bias, and how often an effect is told from none."""
    given = pl.col("ratio").is_not_null()
    is_covered = (pl.col("lower") <= pl.col("planted")) & (pl.col("planted") <= pl.col("upper"))
    is_told = (pl.col("upper") < 1) | (pl.col("lower") > 1)
    return (
        rows.group_by("method", "planted", maintain_order=True)
        .agg(
            n_given=given.sum(),
            n_not_given=(~given).sum(),
            covered=is_covered.filter(given).mean(),
            bias=pl.col("ratio").mean() / pl.col("planted").first() - 1,
            told=is_told.filter(given).mean(),
            rank_told=(pl.col("placebo_rank") <= 0.05 * (pl.col("n_placebos") + 1)).filter(given).mean(),
            detectable=pl.col("detectable_ratio").median(),
        )
        .sort("method", "planted", descending=[False, True])
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print how well planted ratios are read back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", nargs="+", default=["steady"], choices=list(SCENARIOS))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--weeks", type=int, default=26, help="how long the intervention lasts")
    parser.add_argument("--walk-seeds", type=int, default=1)
    options = parser.parse_args(arguments)
    places = range(N_CENTRES)
    for scenario in options.scenarios:
        started = time.process_time()
        rows: list[Row] = []
        for seed in range(1, options.seeds + 1):
            drawn = draw(scenario, seed, options.weeks)
            rows += read_back(drawn, places, seed)
            if seed <= options.walk_seeds:
                rows += walk(drawn, places, RATIOS[-1], seed)
        print(
            f"{scenario}: {options.weeks} weeks, {options.seeds} seeds, {time.process_time() - started:.0f} CPU seconds"
        )
        with pl.Config(
            tbl_rows=20, tbl_cols=20, tbl_width_chars=140, tbl_hide_dataframe_shape=True, float_precision=3
        ):
            print(summary(pl.DataFrame(rows, infer_schema_length=None)))


if __name__ == "__main__":
    main()
