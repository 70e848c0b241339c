"""The rules of weekends and of four weekends side by side: what each says of drawn windows, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from bench.alerts.nights import Reports
from bench.alerts.rules import Outcome
from bench.alerts.scores import Figures, Run, figures
from bench.alerts.windows import Kind, steps
from bench.alerts.world import MORNINGS, Counts
from forecasts.curve.panel import Bools, Floats, Ints
from forecasts.judging import windows
from forecasts.judging.mornings import SCORED_AGES

LAST_FIRST_MORNING = 10
OUT_OF_REACH = 0.3
"""Standard deviations, cells apart, between a window's likely end and its limit: no chance reaches gamma from there."""
LOOKS_WORTH = {"weekend": 1.8, "four_weekends": 1.4}
"""What the looks at a window cost under the rule before: its level is that of the budget divided by this."""
SETTLED_SHARE = 0.9
N_CLEAN = 10_000

Says = Callable[[Counts, int, Bools, Bools], tuple[Bools, Bools]]
"""From counts, age, which windows are open, and from which a record has gone: what is above, and what holds."""


def score_windows(all_kinds: list[Kind], factor: float, run: Run, nights: str, delta: float) -> list[Figures]:
    """Return the figures of both rules over the same drawn windows of one detector, all raised by `factor`."""
    world = all_kinds[0].world
    outcomes: dict[str, list[Outcome]] = {}
    seen, n = 0, max(run.n_weekends // len(np.unique(world.season)), 1)
    for seed in run.seeds:
        for place, kind in enumerate(all_kinds):
            random = np.random.default_rng([seed, int(100 * factor), place])
            reports = kind.draw(n, factor, random)
            seen += int(kind.is_above(reports.known[:, :, MORNINGS - 1]).sum())
            rules = {
                "so far": Before(kind, random).says,
                "chance": ByChance(kind, world.settings.gamma_of_windows, delta).says,
            }
            for name, says in rules.items():
                outcomes.setdefault(name, []).append(follow(says, kind, reports))
    drawn = n * len(all_kinds) * len(run.seeds)
    return [figures(nights, name, parts, drawn, run, 100 * seen / drawn) for name, parts in outcomes.items()]


@dataclass
class ByChance:
    """The service's rule."""

    kind: Kind
    gamma: float
    delta: float

    def says(self, seen: Counts, age: int, is_open: Bools, has_gone: Bools) -> tuple[Bools, Bools]:
        """Ask for the chance where a window is open, or within reach of its limit."""
        middle, spread = self.kind.likely_end(seen, age)
        wanted = is_open | (middle + OUT_OF_REACH * spread >= self.kind.limit)
        chance = self.kind.chances(seen, age, wanted)
        return chance >= self.gamma, is_open & ~has_gone & (chance > self.delta)


@dataclass
class Before:
    """The rule until version 4: what is in against clean draws of what should be in by now."""

    kind: Kind
    random: np.random.Generator
    ordered: list[Floats] = field(init=False)
    """By cell: the hidden scores of clean windows, in order …"""
    rank: list[Ints] = field(init=False)
    """… and each one's place in that order."""

    def __post_init__(self) -> None:
        """Draw the hidden scores once for all ages."""
        normal = self.random.standard_normal((N_CLEAN, len(self.kind.place)))
        luck = (normal @ np.linalg.cholesky(self.kind.correlation).T).T
        self.ordered = [np.sort(cell) for cell in luck]
        self.rank = [np.argsort(np.argsort(cell)) for cell in luck]

    def says(self, seen: Counts, age: int, is_open: Bools, has_gone: Bools) -> tuple[Bools, Bools]:
        """Hold an open alert until nearly all is known; `has_gone` counts nights by themselves, and is not asked."""
        known = self.kind.filling(age).known
        mean, size = self.kind.mean * known, self.kind.size
        weight = windows.log_ratio_per_incident(mean, size, self.kind.detector.rise)
        clean = np.zeros(N_CLEAN)
        for cell, step in enumerate(steps(mean, size)):
            reached = np.searchsorted(self.ordered[cell], step, side="right")
            counts = np.repeat(np.arange(len(step) + 1), np.diff(reached, prepend=0, append=N_CLEAN))
            clean += np.take(weight[cell] * counts, self.rank[cell])
        n_above = int(np.floor(self.level * N_CLEAN))
        limit = np.partition(clean, -n_above - 1)[-n_above - 1]
        is_filling = np.full(len(seen), known.min() < SETTLED_SHARE)
        return np.asarray(seen @ weight > limit), is_open & is_filling

    @property
    def level(self) -> float:
        """Return the level of one look."""
        return self.kind.level / LOOKS_WORTH[str(self.kind.detector.detector)]


def follow(says: Says, kind: Kind, reports: Reports) -> Outcome:
    """Return what a rule says of windows on the mornings on which they are scored."""
    n = len(reports.known)
    first = np.zeros(n, dtype=np.int64)
    is_open, for_nothing, on_10 = np.zeros((3, n), dtype=bool)
    told = np.zeros(reports.known.shape[:2], dtype=np.int64)
    for age in SCORED_AGES:
        seen = np.take_along_axis(reports.known, kind.at(age)[None, :, None], axis=2)[:, :, 0]
        has_gone = np.asarray((seen < told).any(axis=1))
        is_above, holds = says(seen, age, is_open, has_gone)
        is_above = is_above & ((first > 0) | (age <= LAST_FIRST_MORNING))
        first = np.where((first == 0) & is_above, age, first)
        for_nothing = for_nothing | (is_open & ~is_above & ~holds & ~has_gone)
        is_open = is_above | holds
        told = np.where(is_open[:, None], seen, told)
        on_10 = is_open if age == LAST_FIRST_MORNING else on_10
    night = np.flatnonzero(first)
    return Outcome(night, first[night], on_10[night], is_open[night], for_nothing[night])
