"""kill -9 at random instants, two runs at once, a read-only home, a full disk: a plain re-run mends them all."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import polars as pl

from tests.faults.scene import Scene, differences, set_scene

Undisturbed = dict[str, pl.DataFrame]
MIB = 1 << 20
LEAST_SECONDS = 5.0


@dataclass(frozen=True)
class Told:
    """What came of one fault."""

    fault: str
    was_hit: bool
    """The run was at work when it was killed, or ended with an error as it should."""
    wrong: tuple[str, ...]
    """Tables that differ after the re-run, or what else was not as promised."""

    @property
    def line(self) -> str:
        """One line for the tally."""
        hit = "hit" if self.was_hit else "missed: the run had ended"
        return (
            f"{self.fault}: {hit}; {'same tables' if not self.wrong else 'WRONG: ' + ', '.join(self.wrong)}"
        )


def kill_once(scene: Scene, undisturbed: Undisturbed, seconds: float) -> Told:
    """Kill a run after so many seconds, run again, and compare."""
    was_hit = scene.killed_after(seconds)
    return Told(f"kill -9 after {seconds:.2f} s", was_hit, tuple(_mended(scene, undisturbed)))


def kill_twice(scene: Scene, undisturbed: Undisturbed, first: float, second: float) -> Told:
    """Kill a run, kill the re-run too, run again, and compare."""
    was_hit = scene.killed_after(first) | scene.killed_after(second)
    wrong = tuple(_mended(scene, undisturbed))
    return Told(f"kill -9 after {first:.2f} s, again after {second:.2f} s", was_hit, wrong)


def run_two_at_once(scene: Scene, undisturbed: Undisturbed) -> Told:
    """Start two runs of the same home together; each must end well or say in words who is in the way."""
    both = [scene.begin(), scene.begin()]
    ends = [(*process.communicate(), process.returncode) for process in both]
    wrong = [f"exit {code} with a trace" for _, err, code in ends if code not in (0, 1) or "Traceback" in err]
    return Told("two runs at once", was_hit=True, wrong=(*wrong, *_mended(scene, undisturbed)))


def run_read_only(scene: Scene, undisturbed: Undisturbed) -> Told:
    """Run with a home that cannot be written, then with one that can."""
    scene.home.parent.mkdir(parents=True, exist_ok=True)
    scene.home.write_text("a file where the home should be: not even root can write below it")
    code, said, _ = scene.run()
    scene.home.unlink()
    wrong = [] if code == 1 and "Traceback" not in said else [f"exit {code}: {said[-300:]}"]
    return Told(
        "a home that cannot be written", was_hit=code != 0, wrong=(*wrong, *_mended(scene, undisturbed))
    )


def run_on_full_disk(scene: Scene, undisturbed: Undisturbed, n_mib: int) -> Told | None:
    """Run with a home on a file system of so many MiB, then with room; None where mounting is not permitted."""
    with _small_disk(scene.home, n_mib) as is_small:
        if not is_small:
            return None
        code, said, _ = scene.run()
        left = scene.folder / "left"
        shutil.copytree(scene.home, left)
    shutil.rmtree(scene.home, ignore_errors=True)
    left.rename(scene.home)
    wrong = [] if code != 0 else ["the disk was not full"]
    wrong += [f"a trace: {said.strip()[-160:]}"] if "Traceback" in said else []
    return Told(f"a disk of {n_mib} MiB", was_hit=code != 0, wrong=(*wrong, *_mended(scene, undisturbed)))


@contextmanager
def _small_disk(folder: Path, n_mib: int) -> Iterator[bool]:
    folder.mkdir(parents=True)
    size = f"size={n_mib * MIB}"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], capture_output=True, check=False
    )
    try:
        yield mounted.returncode == 0 and os.path.ismount(folder)
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def _mended(scene: Scene, undisturbed: Undisturbed) -> list[str]:
    """Run again; return what is not as after an undisturbed run."""
    code, said, _ = scene.run()
    if code:
        return [f"the re-run ended with {code}: {said[-500:]}"]
    wrong = list(differences(scene, undisturbed))
    return wrong + ([f"{scene.n_left()} deliveries left in the inbox"] if scene.n_left() else [])


def random_kills(
    folder: Path, inbox: Path, undisturbed: Undisturbed, *, n_kills: int, seconds: float, seed: int
) -> Iterator[Told]:
    """Kill as many runs, at instants drawn from the length of an undisturbed one; every fifth is killed twice.

    A run that had ended before its kill does not count, and later kills come earlier than that.
    """
    rng, n_hits, n_tries = Random(seed), 0, 0  # noqa: S311  instants, no secrets
    while n_hits < n_kills and n_tries < 3 * n_kills:
        scene = set_scene(folder, inbox)
        first, second = rng.uniform(0, seconds), rng.uniform(0, seconds)
        is_double = n_tries % 5 == 4
        told = (
            kill_twice(scene, undisturbed, first, second)
            if is_double
            else kill_once(scene, undisturbed, first)
        )
        n_hits, n_tries = n_hits + told.was_hit, n_tries + 1
        seconds = seconds if told.was_hit else min(seconds, max(first, LEAST_SECONDS))
        yield told
