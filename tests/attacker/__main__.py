"""`python -m tests.attacker --seasons 20 --weekends 200`: what the attacker wins, and code 1 if it is anything."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator

from tests.attacker.attack import attack
from tests.attacker.scenes import Scene, odd_weekend, season


def main() -> int:
    """Attack every scene and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacker", description=__doc__)
    parser.add_argument(
        "--seasons", type=int, default=20, help="whole seasons, as they are judged (default 20)"
    )
    parser.add_argument("--weeks", type=int, default=13, help="weekends of a season (default 13)")
    parser.add_argument("--weekends", type=int, default=200, help="weekends of every odd kind (default 200)")
    parser.add_argument("--seed", type=int, default=1, help="of the first scene (default 1)")
    chosen = parser.parse_args()
    sums: Counter[str] = Counter()
    for name, scene in _scenes(chosen):
        for found in attack(scene):
            for line in [*found.won, *found.misread]:
                print(f"{name}, {found.channel}: {line}", flush=True)
            sums += Counter(
                hidden=len(found.known.under),
                alerts=len(found.known.above & found.known.under.keys()),
                said=len(found.known.exact),
                joined=len(found.known.sums) + len(found.known.moves),
                won=len(found.won),
                misread=len(found.misread),
            )
    print(
        f"{chosen.seasons} seasons and {chosen.weekends} weekends: {sums['hidden']:,} hidden counts, {sums['alerts']:,} of "
        f"them told as alerts, beside {sums['said']:,} that were said; {sums['joined']:,} constraints between counts; "
        f"{sums['won']} narrowed, {sums['misread']} misread"
    )
    return 1 if sums["won"] or sums["misread"] else 0


def _scenes(chosen: argparse.Namespace) -> Iterator[tuple[str, Scene]]:
    for seed in range(chosen.seed, chosen.seed + chosen.seasons):
        yield f"season {seed}", season(seed, chosen.weeks)
    for seed in range(chosen.seed, chosen.seed + chosen.weekends):
        yield f"weekend {seed}", odd_weekend(seed)


if __name__ == "__main__":
    sys.exit(main())
