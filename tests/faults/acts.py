"""kill -9 at random instants over retry, purge, restore, rebuild and restore-deliveries; the same act again mends it.

After it every table of the warehouse is as after an undisturbed act, and the journal says what the warehouse says.
A child is `python -m tests.faults.acts ACT FOLDER`.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from random import Random

from rich.console import Console

from cli.rebuild import rebuild
from cli.restore_deliveries import restore_deliveries
from cli.retry import retry_sources
from deploy.copies import back_up, restore
from nte.area_files import load_area
from nte.errors import NteError
from nte.journal import KEPT, Journal
from nte.warehouse import open_warehouse_file
from tests.areas import DERBYSHIRE
from tests.faults.child import BEGUN, run_steps
from tests.faults.kills import Told
from tests.recovery.house import LAST, NOW, Home, Tables, different, used_home
from transforms.steps import count_nights, purge_records

QUIET = Console(quiet=True)
LOST_TO_RESTORE = ("warehouse", "journal", "lake", "reports", "published")


@dataclass(frozen=True)
class Act:
    """Something that a person or a DAG does to a home."""

    prepare: Callable[[Home], object]
    """What happens to a used home before, undisturbed."""
    do: Callable[[Home], object]
    apart_from: tuple[str, ...] = ()
    """Tables that are not compared: what they say depends on the machine's clock."""


def _set_rows_aside(home: Home) -> None:
    """Take the last morning's police file again as it would have been under an area file that lacks a state."""
    narrow = home.folder / "area"
    shutil.copytree(DERBYSHIRE, narrow)
    file = narrow / "area.toml"
    file.write_text(
        file.read_text().replace('live_states = ["recorded", "reclassified"]', 'live_states = ["recorded"]')
    )
    kept = home.settings.accepted
    for path in kept.glob("*/*"):
        target = home.folder / "inbox" / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    shutil.rmtree(home.settings.home)
    run_steps(home.settings.home, home.settings.inbox_folder, NOW, narrow)


def _purge(home: Home) -> None:
    purge_records(home.settings, home.area, LAST - timedelta(weeks=10), home.now)
    count_nights(home.settings, home.area, home.now)


def _lose_home(home: Home) -> None:
    shutil.copy(back_up(home.settings, home.folder / "backups"), home.folder / "backup.tar.gz")
    shutil.rmtree(home.settings.home)


def _truncate(home: Home) -> None:
    path = home.settings.warehouse_file
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _lose_all_but_originals(home: Home) -> None:
    for name in LOST_TO_RESTORE:
        shutil.rmtree(home.settings.home / name, ignore_errors=True)


ACTS = {
    "retry": Act(
        _set_rows_aside, lambda h: retry_sources(QUIET, h.settings, h.area, list(h.area.sources), h.now)
    ),
    "purge": Act(lambda _: None, _purge),
    "restore": Act(_lose_home, lambda h: restore(h.settings, h.folder / "backup.tar.gz")),
    "rebuild": Act(_truncate, lambda h: rebuild(h.settings, h.area, h.now)),
    "restore-deliveries": Act(
        _lose_all_but_originals,
        lambda h: restore_deliveries(QUIET, h.settings, h.area, None, h.now),
        ("schema_version",),
    ),
}


def kills_over_acts(folder: Path, names: list[str], *, n_kills: int, seed: int) -> Iterator[Told]:
    """Kill each act as often as its share of the kills; yield what came of each."""
    used = used_home(folder / "used")
    for n, name in enumerate(names):
        ready = used.copy(folder / name / "ready")
        ACTS[name].prepare(ready)
        straight = ready.copy(folder / name / "straight")
        seconds = _seconds_of(name, straight)
        undisturbed, random = straight.tables(), Random(seed + n)  # noqa: S311  instants, no secrets
        n_hits = n_tries = 0
        share = n_kills // len(names) + (n < n_kills % len(names))
        while n_hits < share and n_tries < 3 * share:
            told = _kill(name, ready.copy(folder / "killed"), undisturbed, random.uniform(0, seconds))
            n_hits, n_tries = n_hits + told.was_hit, n_tries + 1
            shutil.rmtree(folder / "killed")
            yield told


def _begin(name: str, home: Home) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.faults.acts", name, str(home.folder)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ),
    )  # fmt: skip
    if process.stdout:
        while (line := process.stdout.readline()) and line.strip() != BEGUN:
            pass
    return process


def _seconds_of(name: str, home: Home) -> float:
    process, started = _begin(name, home), time.monotonic()
    said, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{name}: {said}")
    return time.monotonic() - started


def _kill(name: str, home: Home, undisturbed: Tables, seconds: float) -> Told:
    process, was_hit = _begin(name, home), False
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        was_hit = True
    return Told(
        f"kill -9 of {name} after {seconds:.2f} s",
        was_hit,
        tuple(_mended(name, home, undisturbed, was_hit=was_hit)),
    )


def _mended(name: str, home: Home, undisturbed: Tables, *, was_hit: bool) -> list[str]:
    """Do it again, as a person would who saw it end; return what is not as after an undisturbed act."""
    if was_hit:
        again = _begin(name, home)
        said, _ = again.communicate()
        if again.returncode and not _was_done(said):
            return [f"again, it ended with {again.returncode}: {said[-400:]}"]
    compared = {n: rows for n, rows in undisturbed.items() if n not in ACTS[name].apart_from}
    wrong = different(compared, home.tables())
    return wrong + [f"the journal of {n}" for n in _journal_differs(home)]


def _was_done(said: str) -> bool:
    """A restore that had put everything in place before it was killed says that the home is not empty."""
    return "is not empty" in said


def _journal_differs(home: Home) -> list[str]:
    """Return the tables of which the journal, where it says that it is complete, says something else."""
    journal, wrong = Journal(home.settings.journal), list[str]()
    if not journal.is_complete():
        return []
    with open_warehouse_file(home.settings.warehouse_file) as warehouse:
        for kept in KEPT:
            rows = warehouse.read(kept.table, kept.where).sort(kept.table.keys)
            if not journal.read(kept).sort(kept.table.keys).equals(rows):
                wrong.append(kept.table.name)
    return wrong


if __name__ == "__main__":
    here = Home(Path(sys.argv[2]))
    load_area(DERBYSHIRE)
    import_module("expectations.suites")  # takes seconds: before it is said to have begun
    print(BEGUN, flush=True)
    try:
        ACTS[sys.argv[1]].do(here)
    except NteError as problem:
        print(f"nte: {problem}")
        sys.exit(1)
