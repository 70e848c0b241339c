"""Simulates an inbox: draws what happened, how each source tells of it, and writes the deliveries."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from simulator.ae import ae_records
from simulator.bad_rows import with_bad_rows
from simulator.calibration import Calibration, load_calibration
from simulator.clock import Happenings, place_in_time
from simulator.counts import Cell, draw_counts, expected_counts, list_cells, surge_factors, with_changes
from simulator.draws import Ints, stream
from simulator.emas import emas_records
from simulator.figures import WEEKDAYS, DefaultSurge
from simulator.ground import Ground, Spot, load_ground
from simulator.offences import counted_weight
from simulator.plan import SOURCES, Gap, SimulationPlan, Surge, check_planted, planned_gaps
from simulator.points import place_on_ground
from simulator.police import police_records
from simulator.schedule import Scheduled, records_of_deliveries, schedule_deliveries
from simulator.season import expected_offences
from simulator.write import write_deliveries

__all__ = ["SimulationPlan", "SimulationSummary", "Surge", "simulate_deliveries"]

KEYS = {"police": "crime_ref", "emas": "incident_ref", "ae": "attendance_ref"}
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
COVERS_FORMAT = "%Y-%m-%dT06:00"
Progress = Callable[[str], None]


@dataclass(frozen=True)
class SimulationSummary:
    """What a simulation wrote."""

    inbox: Path
    begins_on: date
    ends_on: date
    n_deliveries: Mapping[str, int]
    n_rows: Mapping[str, int]
    n_files_written: int
    surges: tuple[Surge, ...]
    gaps: tuple[Gap, ...]


def simulate_deliveries(
    plan: SimulationPlan, area_folder: Path, folder: Path, progress: Progress | None = None
) -> SimulationSummary:
    """Write a plan's deliveries to `folder`/inbox/<source>; what is already there, byte for byte, stays.

    Raises ValueError, and writes nothing, if plan and area do not fit or the inbox holds anything else.
    """
    tell = progress or (lambda _text: None)
    calibration, ground = load_calibration(area_folder), load_ground(area_folder)
    surges, gaps = planned_surges(plan, calibration.surge), planned_gaps(plan)
    check_planted(plan, surges, [centre.centre_code for centre in ground.centres])
    tell("Drawing what happened")
    happened, cells = draw_incidents(plan, calibration, ground, surges)
    files: dict[str, bytes] = {}
    n_deliveries, n_rows = {}, {}
    for source in SOURCES:
        tell(f"Telling it as {source} does")
        records = draw_records(
            plan.seed, calibration, source, happened[source], cells=cells, spots=ground.spots
        )
        scheduled = schedule_deliveries(plan, source, gaps)
        delivered = records_of_deliveries(records, scheduled, KEYS[source])
        if plan.has_bad_rows:
            delivered[scheduled[-1].name] = with_bad_rows(source, delivered[scheduled[-1].name])
        files |= delivery_files(scheduled, delivered)
        n_deliveries[source], n_rows[source] = len(scheduled), sum(map(len, delivered.values()))
    tell(f"Writing {len(files)} files")
    n_written = write_deliveries(folder / "inbox", files)
    return SimulationSummary(
        folder / "inbox", plan.begins_on, plan.ends_on, n_deliveries, n_rows, n_written, surges, gaps
    )


def planned_surges(plan: SimulationPlan, default: DefaultSurge) -> tuple[Surge, ...]:
    """Return the plan's surges, or the area's default one on its weekday's last night before the end."""
    if plan.surges is not None:
        return plan.surges
    last_evening = plan.ends_on - timedelta(days=1)
    days_back = (last_evening.weekday() - WEEKDAYS.index(default.weekday)) % len(WEEKDAYS)
    evening = last_evening - timedelta(days=days_back)
    return (Surge(default.centre_code, evening, default.factor, default.sources),)


def draw_incidents(
    plan: SimulationPlan, calibration: Calibration, ground: Ground, surges: Sequence[Surge]
) -> tuple[dict[str, Happenings], tuple[Cell, ...]]:
    """Return what happened, by source, and the cells in which it did."""
    cells = list_cells(ground, calibration)
    expected = expected_counts(calibration, cells, expected_offences(calibration, plan.days), ground)
    expected["police"] = expected["police"] / counted_weight(calibration.police)
    factors = with_changes(surge_factors(surges, cells, plan.days), plan.changes, cells, plan.days)
    counts = draw_counts(plan.seed, calibration.spread, expected, factors)
    return {source: _in_time(plan, calibration, source, counts[source]) for source in SOURCES}, cells


def _in_time(plan: SimulationPlan, calibration: Calibration, source: str, counts: Ints) -> Happenings:
    rng = stream(plan.seed, f"{source} times")
    return place_in_time(rng, counts, plan.days, calibration.times.hours_of_night)


def draw_records(
    seed: int,
    calibration: Calibration,
    source: str,
    happened: Happenings,
    *,
    cells: Sequence[Cell],
    spots: Sequence[Spot],
) -> pl.DataFrame:
    """Return the records of a source, every version, with the `morning` on which each is due."""
    point_rng, rng = stream(seed, f"{source} points"), stream(seed, f"{source} records")
    points = place_on_ground(
        point_rng, happened.cell, cells, spots, calibration.places, is_emas=source == "emas"
    )
    if source == "police":
        knife_rng = stream(seed, "police knives")
        return police_records(
            rng, calibration.police, happened, points, cells=cells, spots=spots, knife_rng=knife_rng
        )
    if source == "emas":
        return emas_records(rng, calibration.emas, happened, points, cells)
    return ae_records(rng, calibration.ae, happened, points, cells=cells, spots=spots)


def delivery_files(scheduled: Sequence[Scheduled], delivered: Mapping[str, pl.DataFrame]) -> dict[str, bytes]:
    """Return the bytes of each delivery and its manifest, by `<source>/<name>`."""
    files: dict[str, bytes] = {}
    for delivery in scheduled:
        rows = delivered[delivery.name]
        files[f"{delivery.source}/{delivery.name}.csv"] = csv_bytes(rows)
        files[f"{delivery.source}/{delivery.name}.json"] = manifest_bytes(delivery, len(rows))
    return files


def csv_bytes(rows: pl.DataFrame) -> bytes:
    """Return rows as a delivery: comma, one header row, empty where nothing is known."""
    texts = pl.col(pl.String)
    emptied = rows.with_columns(pl.when(texts == "").then(None).otherwise(texts).name.keep())
    return emptied.write_csv(datetime_format=TIME_FORMAT).encode()


def manifest_bytes(delivery: Scheduled, n_rows: int) -> bytes:
    """Return the manifest of a delivery: its control total and the span it accounts for, local time."""
    manifest = {
        "feed": delivery.source,
        "rows": n_rows,
        "covers_from": delivery.covers_from.strftime(COVERS_FORMAT),
        "covers_to": delivery.covers_to.strftime(COVERS_FORMAT),
    }
    return json.dumps(manifest).encode()
