"""Hard areas drawn from a known truth: `python -m bench.forecasts.scenarios FOLDER [--seeds 1 2 3]`.

Fourteen centres, three sources, four years and the last one to forecast, one panel folder a scenario and seed. Each
scenario makes one thing hard. Score them with `python -m bench.forecasts.scores FOLDER --every 6 --alone`.
"""

import argparse
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import nbinom

from bench.forecasts.truth import Floats

FIRST, N_NIGHTS, FIRST_TEST = date(2022, 2, 14), 1512, date(2025, 4, 7)
SOURCES = ("police", "emas", "ae")
SOURCE_FACTOR = np.array([1.0, 0.62, 0.75])
N_CENTRES = 14
WEEK = np.array([-0.65, -0.55, -0.3, -0.2, 0.75, 0.9, 0.1])
"""Log of each night's part of its week, Monday first."""
EVENTS = {"bh_sunday": 0.75, "mad_friday": 0.5, "xmas": 0.25, "nye": 0.95, "halloween": 0.3, "payday": 0.12}
"""Log of what an event adds."""
MATCH_EFFECT, MATCHES_A_YEAR = 0.2, 24
AREA_SHARE, CENTRE_SHARE = 0.05, 0.15
"""Parts of a night's luck that a whole area, and a whole centre, have in common."""
N_SURGES = 135
BH_SUNDAYS = {
    date(2022, 4, 17), date(2022, 5, 1), date(2022, 8, 28), date(2023, 4, 9), date(2023, 4, 30), date(2023, 5, 7),
    date(2023, 5, 28), date(2023, 8, 27), date(2024, 3, 31), date(2024, 5, 5), date(2024, 5, 26), date(2024, 8, 25),
    date(2025, 4, 20), date(2025, 5, 4), date(2025, 5, 25), date(2025, 8, 24), date(2022, 5, 29), date(2022, 6, 5),
}  # fmt: skip


@dataclass(frozen=True)
class Scenario:
    """What is hard about an area; the defaults are those of a steady one."""

    level: float = 1.0
    growth: float = 0.0
    """Log growth a year of all series …"""
    trend_sd: float = 0.0
    """… and by how much each series' own growth differs."""
    season_sd: float = 0.08
    week_sd: float = 0.12
    """By how much a centre's season and week differ from the area's, on the log scale."""
    walk_sd: float = 0.02
    walk_memory: float = 0.96
    """A series' log level from week to week; a memory of 1 wanders without end."""
    missing_share: float = 0.012
    n_new: int = 0
    """Centres with three months of history."""
    sizes: tuple[float, float] = (8.0, 60.0)
    event_factor: float = 1.0
    changes: tuple[tuple[str, date, float], ...] = ()
    """Recording changes: source, first night, factor."""
    is_announced: bool = True
    closures: tuple[tuple[int, date, date, float], ...] = ()
    """Centre number, first night, night after the last, what is left."""
    is_listed: bool = True


SCENARIOS = {
    "steady": Scenario(),
    "sparse": Scenario(level=0.3),
    "own_trends": Scenario(trend_sd=0.2),
    "growth": Scenario(growth=0.2),
    "decline": Scenario(growth=-0.25),
    "own_seasons": Scenario(season_sd=0.25, week_sd=0.25),
    "closure": Scenario(
        closures=(
            (2, date(2025, 8, 4), date(2025, 11, 24), 0.2),
            (5, date(2023, 5, 1), date(2023, 9, 1), 0.1),
            (1, date(2025, 2, 1), date(2025, 5, 20), 0.4),
        )
    ),
    "unlisted_closure": Scenario(
        closures=(
            (2, date(2025, 8, 4), date(2025, 11, 24), 0.2),
            (5, date(2025, 1, 1), date(2025, 5, 20), 0.2),
        ),
        is_listed=False,
    ),
    "recording": Scenario(
        changes=(
            ("emas", date(2024, 9, 2), 0.7),
            ("police", date(2025, 7, 14), 1.35),
            ("emas", date(2025, 10, 6), 1.5),
        )
    ),
    "unannounced_change": Scenario(changes=(("emas", date(2025, 7, 7), 0.65),), is_announced=False),
    "missing": Scenario(missing_share=0.08),
    "new_centres": Scenario(n_new=3),
    "wandering": Scenario(walk_sd=0.05, walk_memory=1.0, trend_sd=0.1),
    "scatter": Scenario(sizes=(2.0, 100.0)),
    "big_events": Scenario(event_factor=1.6),
    "overdispersed": Scenario(sizes=(1.0, 4.0)),
    "recording_up": Scenario(
        changes=(("police", date(2025, 6, 2), 1.5), ("ae", date(2025, 10, 6), 1.3)),
    ),
    "recording_down": Scenario(
        changes=(("emas", date(2025, 5, 19), 0.6), ("police", date(2025, 9, 15), 0.7)),
    ),
    "recording_small": Scenario(
        changes=(
            ("police", date(2024, 11, 4), 1.2),
            ("ae", date(2025, 6, 9), 1.12),
            ("emas", date(2025, 8, 18), 0.88),
        )
    ),
}


def main() -> None:
    """Write every scenario, once per seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    options = parser.parse_args()
    for place, (name, scenario) in enumerate(SCENARIOS.items()):
        for seed in options.seeds:
            write_scenario(scenario, 1000 * seed + place, options.folder / f"{name}-{seed}")


@dataclass(frozen=True)
class World:
    """A drawn area and its truth; arrays are centre × source × night."""

    nights: list[date]
    calendar: pl.DataFrame
    """night, and a 0/1 column an event."""
    mean: Floats
    """Of clean nights: surges are in the counts alone."""
    size: Floats
    """centre × source × 1."""
    counts: NDArray[np.int64]
    is_known: NDArray[np.bool_]


def draw_world(scenario: Scenario, seed: int) -> World:
    """Return an area; the same seed draws the same."""
    random = np.random.default_rng(seed)
    nights = [FIRST + timedelta(days=n) for n in range(N_NIGHTS)]
    calendar = _calendar(nights, scenario, random)
    mean = np.exp(_log_means(scenario, calendar, random))
    low, high = np.log(scenario.sizes)
    size = np.exp(random.uniform(low, high, (N_CENTRES, len(SOURCES), 1)))
    counts = _draw(mean * _surges(nights, random), size, random)
    return World(nights, calendar, mean, size, counts, _known(scenario, random))


def write_scenario(scenario: Scenario, seed: int, folder: Path) -> None:
    """Write one panel folder with its truth; the same seed draws the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    world = draw_world(scenario, seed)
    centres = [f"c{n:02d}" for n in range(N_CENTRES)]
    keys = pl.DataFrame({"centre": centres}).join(pl.DataFrame({"source": SOURCES}), how="cross")
    rows = keys.join(pl.DataFrame({"night": world.nights}), how="cross", maintain_order="left_right")
    known, drawn = pl.Series(world.is_known.ravel()), pl.Series(world.counts.ravel())
    rows.with_columns(
        count=pl.DataFrame({"n": drawn, "k": known}).select(pl.when("k").then("n")).to_series(),
        observed=known.cast(pl.String).str.to_titlecase(),
    ).write_csv(folder / "nights.csv")
    rows.with_columns(
        mu=pl.Series(world.mean.ravel()),
        r=pl.Series(np.broadcast_to(world.size, world.mean.shape).ravel()),
    ).filter(pl.col("night") >= FIRST_TEST).write_csv(folder / "truth.csv")
    world.calendar.write_csv(folder / "calendar.csv")
    pl.DataFrame({"centre": centres, "lat": 53.0, "lon": -1.5, "radius_m": 500}).write_csv(
        folder / "centres.csv"
    )
    changes = [(s, day) for s, day, _ in scenario.changes] if scenario.is_announced else []
    pl.DataFrame(changes, schema={"source": pl.String, "first_night": pl.Date}, orient="row").write_csv(
        folder / "recording_changes.csv"
    )
    weekends = [night for night in world.nights if night >= FIRST_TEST and night.isoweekday() >= 5]
    pl.DataFrame({"night": weekends}).write_csv(folder / "to_forecast.csv")


def _calendar(nights: list[date], scenario: Scenario, random: np.random.Generator) -> pl.DataFrame:
    fridays_before_christmas = {
        max(n for n in nights if n < date(y, 12, 25) and n.isoweekday() == 5) for y in range(2022, 2026)
    }
    columns = {
        "bh_sunday": [n in BH_SUNDAYS for n in nights],
        "mad_friday": [n in fridays_before_christmas for n in nights],
        "xmas": [(n.month, n.day) in {(12, 24), (12, 25), (12, 26)} for n in nights],
        "nye": [(n.month, n.day) == (12, 31) for n in nights],
        "halloween": [n.month == 10 and n.day == 31 for n in nights],
        "payday": [(n + timedelta(days=7)).month != n.month and n.isoweekday() in {5, 6} for n in nights],
    }
    for place in (0, 1):
        columns[f"football_home_c{place:02d}"] = _matches(nights, random)
    for place, first, end, _ in scenario.closures if scenario.is_listed else ():
        columns[f"closure_c{place:02d}"] = [first <= n < end for n in nights]
    return pl.DataFrame({"night": nights, **columns}).with_columns(pl.col(pl.Boolean).cast(pl.Int64))


def _matches(nights: list[date], random: np.random.Generator) -> list[bool]:
    can_be = [k for k, n in enumerate(nights) if n.isoweekday() in {2, 6} and n.month not in {6, 7}]
    chosen = set(random.choice(can_be, round(MATCHES_A_YEAR * N_NIGHTS / 365), replace=False).tolist())
    return [k in chosen for k in range(len(nights))]


def _log_means(scenario: Scenario, calendar: pl.DataFrame, random: np.random.Generator) -> Floats:
    """Return the log mean of every clean night: centre × source × night."""
    years = np.arange(N_NIGHTS) / 365.25
    week_of = np.arange(N_NIGHTS) // 7
    base = np.exp(random.normal(np.log(0.7), 0.45, N_CENTRES))
    base[:2], base[-3:] = (8.0, 2.2), np.minimum(base[-3:], 0.3)
    season = np.array([0.12 * np.cos(-0.9 * np.pi), -0.12 * np.sin(-0.9 * np.pi), 0.05, 0.0])
    waves = np.stack([f(k * np.pi * years) for k in (2, 4) for f in (np.cos, np.sin)])
    log_mean = np.empty((N_CENTRES, len(SOURCES), N_NIGHTS))
    for c in range(N_CENTRES):
        own_season = season + random.normal(0.0, scenario.season_sd, 4) * np.array([1.0, 1.0, 0.5, 0.5])
        own_week = WEEK + random.normal(0.0, scenario.week_sd, 7)
        shared = (
            own_season @ waves
            + own_week[np.arange(N_NIGHTS) % 7]
            + _event_part(c, scenario, calendar, random)
        )
        for s, factor in enumerate(SOURCE_FACTOR):
            own = np.log(scenario.level * base[c] * factor) + random.normal(0.0, 0.25)
            trend = (scenario.growth + random.normal(0.0, scenario.trend_sd)) * (years - 2.0)
            log_mean[c, s] = own + shared + trend + _walk(scenario, random)[week_of]
    for source, first, factor in scenario.changes:
        log_mean[:, SOURCES.index(source), (first - FIRST).days :] += np.log(factor)
    for c, first, end, left in scenario.closures:
        log_mean[c, :, (first - FIRST).days : (end - FIRST).days] += np.log(left)
    return log_mean


def _event_part(
    centre: int, scenario: Scenario, calendar: pl.DataFrame, random: np.random.Generator
) -> Floats:
    part = np.zeros(N_NIGHTS)
    for name, effect in EVENTS.items():
        own = scenario.event_factor * (effect + random.normal(0.0, 0.15 * min(1.0, 1.5 * effect)))
        part += own * calendar[name].to_numpy()
    match = f"football_home_c{centre:02d}"
    return part + MATCH_EFFECT * calendar[match].to_numpy() if match in calendar.columns else part


def _walk(scenario: Scenario, random: np.random.Generator) -> Floats:
    steps = random.normal(0.0, scenario.walk_sd, N_NIGHTS // 7 + 1)
    level = np.zeros(len(steps))
    for k in range(1, len(steps)):
        level[k] = scenario.walk_memory * level[k - 1] + steps[k]
    return level


def _surges(nights: list[date], random: np.random.Generator) -> Floats:
    """Return what is added to the clean mean on a few weekend nights: centre × 1 × night."""
    factor = np.ones((N_CENTRES, 1, N_NIGHTS))
    weekends = [k for k, n in enumerate(nights) if n.isoweekday() >= 5]
    at = random.integers(N_CENTRES, size=N_SURGES), random.choice(weekends, N_SURGES)
    factor[at[0], 0, at[1]] = random.choice([1.5, 2.0, 3.0], N_SURGES, p=[0.15, 0.7, 0.15])
    return factor


def _draw(mean: Floats, size: Floats, random: np.random.Generator) -> NDArray[np.int64]:
    """Return negative binomial counts whose luck is partly shared by the area and the centre."""
    own = 1.0 - AREA_SHARE - CENTRE_SHARE
    luck = np.sqrt(AREA_SHARE) * random.normal(size=(1, 1, N_NIGHTS))
    luck = luck + np.sqrt(CENTRE_SHARE) * random.normal(size=(N_CENTRES, 1, N_NIGHTS))
    luck = luck + np.sqrt(own) * random.normal(size=mean.shape)
    return np.asarray(nbinom.ppf(ndtr(luck), size, size / (size + mean)), dtype=np.int64)


def _known(scenario: Scenario, random: np.random.Generator) -> NDArray[np.bool_]:
    """Return which nights are covered: gaps of days, of a source everywhere or of one series."""
    is_known = np.ones((N_CENTRES, len(SOURCES), N_NIGHTS), dtype=np.bool_)
    while 1.0 - is_known.mean() < scenario.missing_share:
        centre = slice(None) if random.random() < 0.5 else random.integers(N_CENTRES)
        start, length = random.integers(N_NIGHTS - 14), random.integers(1, 14)
        is_known[centre, random.integers(len(SOURCES)), start : start + length] = False
    for n in range(scenario.n_new):
        is_known[N_CENTRES - 1 - n, :, : (FIRST_TEST - FIRST).days - 90] = False
    return is_known


if __name__ == "__main__":
    main()
