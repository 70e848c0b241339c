"""The alert table: the service's rule beside the one before it and a clairvoyant.

    python -m bench.alerts --years 10 --seeds 1 2 3 [--gammas 0.7 0.75 0.8] [--without-least-counts]

Nights of 14 centres and three sources are drawn from true bands, clean and with every night doubled or trebled, and so
are the mornings on which their reports come and go. Budget, level, chance and what holds an open alert are those of the
service; a night here is that of one source.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from bench.alerts import rules
from bench.alerts.scores import Run, reliability, score
from bench.alerts.window_rules import score_windows
from bench.alerts.windows import kinds, spent_by_limits
from bench.alerts.world import MEASURED, NONE, SOME, WEEKENDS_A_YEAR, World, build_world
from bench.tables import print_table
from forecasts.known.area_inputs import band_settings
from forecasts.known.coming import INDEPENDENT
from forecasts.settings import BandSettings
from nte.area import Area
from nte.area_files import load_area
from nte.detectors import WINDOWS

AREA = Path(__file__).resolve().parents[2] / "areas" / "derbyshire"
CLUMPING = 12.0
N_FINISHED = 4000
"""Finished windows drawn for each centre and season, to see what their limits spend."""
NIGHTS = {"clean": 1.0, "doubled": 2.0, "trebled": 3.0}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print all tables."""
    options = _options(arguments)
    area = load_area(options.area)
    settings = band_settings(area)
    if options.without_least_counts:
        settings = replace(settings, least_count={}, least_sum={})
    started = time.process_time()
    for title, world in worlds(area, settings).items():
        _show_rules(title, world, options, area.alerts.delta)
    _show_windows(build_world(area, settings, withdrawn=MEASURED), options, area.alerts.delta)
    print(f"{time.process_time() - started:.0f} s CPU")


def worlds(area: Area, settings: BandSettings) -> dict[str, World]:
    """Return what the rules are tried in, by its title."""
    return {
        "No record is withdrawn": build_world(area, settings, withdrawn=NONE),
        "1.3 % of police records are withdrawn": build_world(area, settings, withdrawn=MEASURED),
        "3, 2 and 1 % are withdrawn": build_world(area, settings, withdrawn=SOME),
        f"1.3 % of police records are withdrawn, all come in lots (c = {CLUMPING:.0f})": build_world(
            area, settings, withdrawn=MEASURED, clumping=CLUMPING
        ),
    }


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--gammas", type=float, nargs="+", default=[0.7, 0.725, 0.75, 0.775, 0.8])
    parser.add_argument("--area", type=Path, default=AREA)
    parser.add_argument(
        "--without-least-counts", action="store_true", help="as the area file were without them"
    )
    return parser.parse_args(arguments)


def _show_rules(title: str, world: World, options: argparse.Namespace, delta: float) -> None:
    clean = Run(WEEKENDS_A_YEAR * options.years, options.seeds)
    compared = [rules.by_what_should_be_known(world)]
    gammas = options.gammas if world.clumping >= INDEPENDENT else [world.settings.gamma]
    compared += [rules.by_chance(world, gamma, delta) for gamma in gammas]
    rows = [
        asdict(row) for name, factor in NIGHTS.items() for row in score(world, compared, factor, clean, name)
    ]
    print(f"budget of single nights: {world.settings.night_budget(30.0):.2f} false alarms in 30 days")
    print_table(title, rows)
    own = rules.by_chance(world, world.settings.gamma, delta)
    fifths, brier = reliability(world, own, 500_000 * options.years * len(options.seeds), options.seeds[0])
    print_table(
        f"{title}: chance at one look a night, gamma {world.settings.gamma}", [asdict(row) for row in fifths]
    )
    print(f"Brier score {brier:.6f}")


def _show_windows(world: World, options: argparse.Namespace, delta: float) -> None:
    """Show windows, of which a raised one costs many draws: a tenth as many are raised."""
    rows, spent = [], {}
    for detector in WINDOWS:
        all_kinds = kinds(world, detector)
        spent[str(detector.detector)] = spent_by_limits(all_kinds, N_FINISHED)
        n = WEEKENDS_A_YEAR * options.years
        for factor, run in ((1.0, Run(n, options.seeds)), (detector.rise, Run(n // 10, options.seeds))):
            name = "clean" if factor == 1.0 else f"all × {factor:g}"
            scored = score_windows(all_kinds, factor, run, name, delta)
            rows += [{"window": str(detector.detector), **asdict(row)} for row in scored]
    print_table("Windows; 1.3 % of police records are withdrawn", rows)
    for detector in WINDOWS:
        share = world.settings.false_alarms_per_30_days * world.settings.budget_shares[detector.detector]
        print(
            f"budget of {detector.detector}: {share:.2f} false alarms in 30 days; finished clean windows are above "
            f"their limits {spent[str(detector.detector)]:.2f} times as often as it lets them"
        )


if __name__ == "__main__":
    main()
