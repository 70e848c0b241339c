"""One simulated inbox over the published years, shared by the tests that only read it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from simulator.deliveries import SimulationSummary, simulate_deliveries
from simulator.plan import SimulationPlan

AREA = Path(__file__).parents[2] / "areas" / "derbyshire"
ENDS_ON = date(2026, 4, 6)
TIMES = {
    "police": ("last_modified_at", "committed_from", "committed_to", "reported_at", "recorded_at"),
    "emas": ("last_modified_at", "call_connect_at", "arrived_at"),
    "ae": ("last_modified_at", "arrival_at", "assault_at"),
}


@dataclass(frozen=True)
class Inbox:
    """Simulated deliveries, read back from disk."""

    plan: SimulationPlan
    folder: Path
    summary: SimulationSummary
    rows: dict[str, pl.DataFrame]

    def truth(self, source: str, key: str) -> pl.DataFrame:
        """Return the newest version of each record."""
        return self.rows[source].sort(key, "record_version").unique(key, keep="last", maintain_order=True)


def read_rows(inbox: Path, source: str) -> pl.DataFrame:
    """Return all rows of a source, with the file they came in."""
    frames = []
    for path in sorted((inbox / source).glob("*.csv")):
        rows = pl.read_csv(path, infer_schema_length=0).fill_null("")
        frames.append(rows.with_columns(file=pl.lit(path.stem)))
    times = pl.col(*TIMES[source]).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    return pl.concat(frames).with_columns(times, pl.col("record_version").cast(pl.Int64))


def simulated(plan: SimulationPlan, folder: Path, area: Path = AREA) -> Inbox:
    """Simulate and read back."""
    summary = simulate_deliveries(plan, area, folder)
    rows = {source: read_rows(summary.inbox, source) for source in ("police", "emas", "ae")}
    return Inbox(plan, folder, summary, rows)


@pytest.fixture(scope="session")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    """Two and a quarter years of history over 2024 and 2025, then eight live weeks, with the defaults."""
    return simulated(SimulationPlan(5, 8, 117, ENDS_ON), tmp_path_factory.mktemp("published"))
