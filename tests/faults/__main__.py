"""`python -m tests.faults --kills 100 --seed 1`: every fault, one line each, and the tally; code 1 if any was not mended."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.alerts.test_faults import kill_while_posting
from tests.faults.acts import ACTS, kills_over_acts
from tests.faults.duckdb_alone import kill_alone
from tests.faults.kills import (
    Told,
    kill_once,
    random_kills,
    run_on_full_disk,
    run_read_only,
    run_two_at_once,
)
from tests.faults.scene import set_scene, simulate_inbox

DISKS_MIB = (1, 4, 8)
AIRFLOW_KILLS = (5.0, 12.0)
"""Seconds after the start of the command itself, Airflow's own start included."""


def main() -> int:
    """Run the faults and print what came of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="runs to kill (default 100)")
    parser.add_argument("--acts", type=int, default=0, help="kills over retry, purge, restore and rebuild")
    parser.add_argument("--posts", type=int, default=0, help="kills while posting")
    parser.add_argument("--duckdb", type=int, default=0, help="kills on DuckDB alone")
    parser.add_argument("--seed", type=int, default=1, help="of the instants (default 1)")
    parser.add_argument("--airflow", action="store_true", help="kill `nte run` itself too, with Airflow")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nte-faults-") as folder:
        told = list(_faults(Path(folder), chosen.kills, chosen.seed, with_airflow=chosen.airflow))
        for one in kills_over_acts(Path(folder) / "acts", list(ACTS), n_kills=chosen.acts, seed=chosen.seed):
            told.append(one)
            print(one.line, flush=True)
    posts = kill_while_posting(chosen.posts, chosen.seed)
    print(f"{chosen.posts} kills while posting; wrong: {posts or 'nothing'}", flush=True)
    alone = kill_alone(chosen.duckdb, chosen.seed)
    n_kills = sum(t.was_hit for t in told if t.fault.startswith("kill"))
    wrong = [t for t in told if t.wrong]
    print(
        f"{n_kills} kills over run, {', '.join(ACTS)}, {len(told) - n_kills} other runs: {len(wrong)} not mended by doing "
        f"it again; {chosen.posts} kills while posting: {len(posts)} faults; {chosen.duckdb} kills on DuckDB alone: "
        f"{alone} files wrong"
    )
    return 1 if wrong or posts or alone else 0


def _faults(folder: Path, n_kills: int, seed: int, *, with_airflow: bool) -> list[Told]:
    started = time.monotonic()
    inbox = simulate_inbox(folder / "simulated")
    straight = set_scene(folder / "straight", inbox)
    code, said, seconds = straight.run()
    if code:
        raise SystemExit(said)
    undisturbed, told = straight.tables(), []
    print(f"undisturbed: {seconds:.1f} s, {sum(t.height for t in undisturbed.values()):,} rows compared")

    def tell(one: Told | None) -> None:
        if one is None:
            print("a full disk: skipped, this user may not mount a small file system")
            return
        told.append(one)
        print(f"{time.monotonic() - started:6.0f} s  {one.line}", flush=True)

    place = folder / "scene"
    for one in random_kills(place, inbox, undisturbed, n_kills=n_kills, seconds=seconds, seed=seed):
        tell(one)
    tell(run_two_at_once(set_scene(place, inbox), undisturbed))
    tell(run_read_only(set_scene(place, inbox), undisturbed))
    for n_mib in DISKS_MIB:
        tell(run_on_full_disk(set_scene(place, inbox), undisturbed, n_mib))
    for after in AIRFLOW_KILLS if with_airflow else ():
        tell(kill_once(set_scene(place, inbox, with_airflow=True), undisturbed, after))
    return told


if __name__ == "__main__":
    sys.exit(main())
