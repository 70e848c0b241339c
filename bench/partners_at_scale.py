"""An edition for the partners of a large area: `python -m bench.partners_at_scale [--districts 40] [--centres 180]`.

Counts drawn from one seed, some places busy and some hardly ever seen, three sources; the police's serious violence
with and without a knife. Makes the first edition and the next, with late corrections, and prints the CPU seconds of
each.
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence

from reports.partners.editions import Edition, next_edition
from tests.attacker.partners import LEAST, late, world


def main(arguments: Sequence[str] | None = None) -> None:
    """Make two editions and print what they cost, and how many numbers are hidden."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--districts", type=int, default=40)
    parser.add_argument("--centres", type=int, default=180)
    parser.add_argument("--quarters", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    places = Counter(f"D{n % chosen.districts:02d}" for n in range(chosen.centres))
    known = world(chosen.seed, chosen.quarters + 1, places)
    edition, last = Edition(), max(atom.quarter for atom in known)
    first = {atom: n for atom, n in known.items() if atom.quarter < last}
    for name, counts in (("first", first), ("next", late(known, chosen.seed))):
        cpu = time.process_time()
        edition = next_edition(edition, counts, LEAST)
        cpu = time.process_time() - cpu
        said = Counter(map(str, edition.status.values()))
        print(f"{name} edition: {len(edition.status):,} numbers, {dict(said)}; {cpu:.1f} s CPU", flush=True)


if __name__ == "__main__":
    main()
