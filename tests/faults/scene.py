"""The scene of a fault: a small simulated inbox, a run in a process of its own, and what it left."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from nte.warehouse import read_published
from simulator.deliveries import simulate_deliveries
from simulator.plan import SimulationPlan, Surge
from tests.areas import DERBYSHIRE
from tests.faults.child import BEGUN

LAST = date(2026, 3, 9)
NOW = f"{LAST}T09:00"
PLAN = SimulationPlan(
    seed=5, n_live_weeks=1, n_history_weeks=30, ends_on=LAST, surges=(Surge("derby", date(2026, 3, 7), 4.0),)
)
STEPS = (sys.executable, "-W", "ignore", "-m", "tests.faults.child")
COMMAND = (sys.executable, "-W", "ignore", "-m", "cli", "run")
N_DIGITS = 9
FRACTION = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
COMPARED = {
    "night_count_revisions": "*",
    "night_counts": "*",
    "bands": "* EXCLUDE (made_at, is_retrospective)",
    "judgements": "*",
    "window_scores": "*",
    "decisions": "*",
    "alerts": "*",
    "verdicts": "* EXCLUDE (decided_at)",
    "quarantine": "*",
    "delivery_changes": "*",
    "ledger": "*",
}
"""Published tables that a run after a fault must leave as an undisturbed one does."""


@dataclass(frozen=True)
class Scene:
    """One installation and its inbox, under a folder of its own."""

    folder: Path
    with_airflow: bool = False

    @property
    def home(self) -> Path:
        """Where its state lives."""
        return self.folder / "home"

    def begin(self) -> subprocess.Popen[str]:
        """Start a run and return when it has begun to work."""
        inbox = self.folder / "inbox"
        arguments = [*COMMAND, "--inbox", str(inbox), "--now", NOW]
        if not self.with_airflow:
            arguments = [*STEPS, str(self.home), str(inbox), NOW]
        process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | {"NTE_HOME": str(self.home), "COLUMNS": "200"},
        )  # fmt: skip
        if not self.with_airflow and process.stdout:
            while (line := process.stdout.readline()) and line.strip() != BEGUN:
                pass
        return process

    def run(self) -> tuple[int, str, float]:
        """Run to the end; return exit code, what it printed, and the seconds after it began."""
        process, started = self.begin(), time.monotonic()
        out, err = process.communicate()
        return process.returncode, out + err, time.monotonic() - started

    def killed_after(self, seconds: float) -> bool:
        """Run and kill -9 it so many seconds after it began; return whether it was still at work."""
        process = self.begin()
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return True
        return False

    def n_left(self) -> int:
        """Return how many deliveries stand in the inbox."""
        return len(list((self.folder / "inbox").rglob("*.csv")))

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return what analysts would see."""
        path = self.home / "published" / "nte.duckdb"
        return {
            name: _rounded(read_published(path, f"SELECT {columns} FROM {name} ORDER BY ALL"))
            for name, columns in COMPARED.items()
        }


def _rounded(rows: pl.DataFrame) -> pl.DataFrame:
    """Sums of floats may differ in the last bits from run to run: compare nine digits, also inside JSON."""
    numbers = pl.col(pl.Float64).round_sig_figs(N_DIGITS)
    if "facts" not in rows.columns:
        return rows.with_columns(numbers)
    return rows.with_columns(
        numbers, pl.Series("facts", [FRACTION.sub(_short, facts) for facts in rows["facts"]], dtype=pl.String)
    )


def _short(number: re.Match[str]) -> str:
    return f"{float(number[0]):.{N_DIGITS}g}"


def simulate_inbox(folder: Path) -> Path:
    """Write the deliveries of every scene; return their inbox."""
    simulate_deliveries(PLAN, DERBYSHIRE, folder)
    return folder / "inbox"


def set_scene(folder: Path, inbox: Path, *, with_airflow: bool = False) -> Scene:
    """Return a fresh scene with a copy of the inbox."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(inbox, folder / "inbox")
    return Scene(folder, with_airflow)


def differences(scene: Scene, undisturbed: dict[str, pl.DataFrame]) -> Sequence[str]:
    """Return the names of the tables that are not what an undisturbed run leaves."""
    found = scene.tables()
    return [name for name, rows in undisturbed.items() if not found[name].equals(rows)]
