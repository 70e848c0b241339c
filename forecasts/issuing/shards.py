"""The bands of a weekend in parts: what is area-wide once, then shards of centres that know nothing of each other.

The inputs of a weekend are a handful of files named by their content. From them comes one fit over the whole area
(its curve, its pooling, its levels and its alert level depend on every centre), and from the fit, shard by shard,
what a series' distribution means in whole incidents. However many shards, the bands are the same.
"""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from forecasts.issuing.bands import fit_area
from forecasts.known.area_inputs import band_settings, calendar_of, centres_frame, recording_changes
from forecasts.known.labels import without_labelled
from forecasts.known.record import Record
from forecasts.settings import MODEL_VERSION, BandSettings
from nte.area import Area
from nte.errors import NteError

PLAN = "plan.json"
FIT = "fit.parquet"
FRAMES = ("history", "calendar", "centres", "recording_changes", "completeness")
HISTORY_COLUMNS = ("evening", "centre_code", "source", "n_incidents", "is_covered", "known_share")
HASH_LETTERS = 12


@dataclass(frozen=True)
class WeekendInputs:
    """All that the bands of one weekend are made from, as known on the morning of their issue."""

    evenings: tuple[date, ...]
    as_of: datetime
    definition: str
    settings: BandSettings
    history: pl.DataFrame
    calendar: pl.DataFrame
    centres: pl.DataFrame
    recording_changes: pl.DataFrame
    completeness: pl.DataFrame


def weekend_as_known(record: Record, as_of: datetime, evenings: list[date]) -> WeekendInputs:
    """Return the inputs of a weekend's bands as the record knew them at `as_of`."""
    area, completeness = record.area, record.completeness(as_of)
    history = without_labelled(record.counts(as_of, completeness), record.labelled, as_of)
    return WeekendInputs(
        evenings=tuple(evenings),
        as_of=as_of,
        definition=area.alert_definition,
        settings=band_settings(area),
        history=history.select(HISTORY_COLUMNS).sort("source", "centre_code", "evening"),
        calendar=calendar_of(area, history, max(evenings)),
        centres=centres_frame(area),
        recording_changes=recording_changes(area),
        completeness=completeness,
    )


def weekend_files(weekend: WeekendInputs) -> dict[str, bytes]:
    """Return the files that hold a weekend's inputs, by name."""
    plan = {
        "evenings": [str(evening) for evening in weekend.evenings],
        "as_of": weekend.as_of.isoformat(),
        "definition": weekend.definition,
        "settings": asdict(weekend.settings),
        "model_version": MODEL_VERSION,
    }
    files = {f"{name}.parquet": frame_bytes(getattr(weekend, name)) for name in FRAMES}
    return {**files, PLAN: json.dumps(plan, indent=1, sort_keys=True).encode()}


def weekend_of(files: Mapping[str, bytes]) -> WeekendInputs:
    """Return the weekend that its files describe; a frame whose file is not given is empty.

    Raises NteError when another version of the method wrote them.
    """
    plan = json.loads(files[PLAN])
    if plan["model_version"] != MODEL_VERSION:
        raise NteError(
            f"these inputs are of method {plan['model_version']}, this worker has {MODEL_VERSION}: install the same "
            "version on all workers, then clear the task `plan`."
        )
    settings: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in plan["settings"].items()
    }
    return WeekendInputs(
        evenings=tuple(date.fromisoformat(text) for text in plan["evenings"]),
        as_of=datetime.fromisoformat(plan["as_of"]),
        definition=plan["definition"],
        settings=BandSettings(**settings),
        **{
            name: read_frame(files[file]) if (file := f"{name}.parquet") in files else pl.DataFrame()
            for name in FRAMES
        },
    )


def folder_name(files: Mapping[str, bytes]) -> str:
    """Return the first evening and the print of the content: other inputs, another folder."""
    content = hashlib.sha256()
    for name in sorted(files):
        content.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return f"{json.loads(files[PLAN])['evenings'][0]}-{content.hexdigest()[:HASH_LETTERS]}"


def fit_weekend_area(weekend: WeekendInputs) -> pl.DataFrame:
    """Return the fit of the whole area, from the weekend's inputs alone."""
    return fit_area(
        weekend.history,
        weekend.evenings,
        weekend.calendar,
        weekend.centres,
        weekend.recording_changes,
        weekend.settings,
        weekend.completeness,
    )


def cut(n_centres: int, per_shard: int) -> list[tuple[int, int]]:
    """Return the first and last place, from 1 on, of the centres of each shard."""
    return [(first + 1, min(first + per_shard, n_centres)) for first in range(0, n_centres, per_shard)]


def shard_of(fit: pl.DataFrame, first: int, last: int) -> pl.DataFrame:
    """Return the part of a fit that belongs to the centres from place `first` to `last`, by their codes."""
    centres = fit["centre_code"].unique().sort().to_list()[first - 1 : last]
    return fit.filter(pl.col("centre_code").is_in(centres))


def as_issued(weekend: WeekendInputs, bands: pl.DataFrame, area: Area, now: datetime) -> pl.DataFrame:
    """Add what the warehouse keeps of the issue itself: a band made after its night had begun is retrospective."""
    begun = [evening for evening in weekend.evenings if area.clock.opens_at(evening) <= now]
    return bands.with_columns(
        pl.lit(weekend.definition).alias("definition"),
        pl.lit(weekend.as_of).alias("issued_as_of"),
        pl.col("evening").is_in(begun).alias("is_retrospective"),
        pl.lit(now).alias("made_at"),
    )


def shard_file(first: int, last: int) -> str:
    """Return the name of a shard's file."""
    return f"bands-{first:05d}-{last:05d}.parquet"


def frame_bytes(frame: pl.DataFrame) -> bytes:
    """Return a frame as a Parquet file."""
    file = io.BytesIO()
    frame.write_parquet(file, compression="zstd", statistics=False)
    return file.getvalue()


def read_frame(content: bytes) -> pl.DataFrame:
    """Return the frame of a Parquet file."""
    return pl.read_parquet(io.BytesIO(content))
