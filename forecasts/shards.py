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

import numpy as np
import polars as pl

from forecasts import limits, spread
from forecasts.almanac import build_almanac
from forecasts.area_inputs import band_settings, calendar_of, centres_frame, recording_changes
from forecasts.bands import BAND_SCHEMA
from forecasts.labels import without_labelled
from forecasts.panel import Panel, build_panel
from forecasts.record import Record
from forecasts.series_model import forecast_series
from forecasts.settings import MODEL_VERSION, BandSettings
from nte import negative_binomial as nb
from nte.area import Area
from nte.errors import NteError

PLAN = "plan.json"
FIT = "fit.parquet"
FRAMES = ("history", "calendar", "centres", "recording_changes", "completeness")
HISTORY_COLUMNS = ("evening", "centre_code", "source", "n_incidents", "is_covered", "share_known")
HASH_LETTERS = 12
PER_SERIES = ("alert_limit", "lower", "upper", "detectable_ratio")
"""Columns that a shard works out; the area's fit holds all others."""


@dataclass(frozen=True)
class Weekend:
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


def weekend_as_known(record: Record, as_of: datetime, evenings: list[date]) -> Weekend:
    """Return the inputs of a weekend's bands as the record knew them at `as_of`."""
    area, completeness = record.area, record.completeness(as_of)
    history = without_labelled(record.counts(as_of, completeness), record.labelled, as_of)
    return Weekend(
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


def weekend_files(weekend: Weekend) -> dict[str, bytes]:
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


def weekend_of(files: Mapping[str, bytes]) -> Weekend:
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
    return Weekend(
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


def fit_area(weekend: Weekend) -> pl.DataFrame:
    """Return the distribution of every night's final count, and the level at which the whole area alerts.

    One row a night, centre and source that has been covered often enough: the columns of a band without PER_SERIES.
    """
    panel = build_panel(weekend.history, list(weekend.evenings), weekend.centres["centre_code"].to_list())
    almanac = build_almanac(panel, weekend.calendar, weekend.recording_changes)
    from forecasts.area_curve import log_area_curves  # noqa: PLC0415 - Prophet takes seconds to import

    wanted = np.unique(np.array(weekend.evenings, dtype="datetime64[D]"))
    evenings = np.asarray((wanted - panel.evenings[0]).astype(np.int64))
    log_area = log_area_curves(panel, almanac, weekend.settings)
    forecast = forecast_series(panel, almanac, log_area, weekend.settings, evenings)
    n_nights = panel.is_known.sum(axis=-1)
    is_trained = (n_nights >= weekend.settings.min_training_nights)[..., None]
    c, s, e = np.nonzero(np.repeat(is_trained, len(evenings), axis=-1))
    # Rounded before limits are taken from them: the last digits depend on the order of a sum, a stored limit must not.
    mean = np.maximum(np.round(forecast.mean[c, s, e], 6), 1e-6)
    size = np.round(spread.predictive_size(forecast.inverse_size[c, s, 0], forecast.log_variance[c, s, e]), 6)
    is_judged = np.isin(panel.weekdays[evenings], weekend.settings.judged_weekdays)
    n_days = 7.0 * is_judged.sum() / len(weekend.settings.judged_weekdays)
    level = limits.alert_level(mean, size, is_judged[e], weekend.settings.night_budget(n_days))
    first, last = _trained_span(panel)
    return pl.DataFrame(
        {
            "evening": wanted[e].astype("datetime64[D]"),
            "centre_code": np.array(panel.centres)[c],
            "source": np.array(panel.sources)[s],
            "expected": mean,
            "dispersion": size,
            "alert_level": np.full(len(c), level),
            "n_training_nights": n_nights[c, s],
            "trained_from": first[c, s],
            "trained_to": last[c, s],
            "model_version": np.full(len(c), MODEL_VERSION),
        },
        schema={name: dtype for name, dtype in BAND_SCHEMA.items() if name not in PER_SERIES},
    ).sort("evening", "centre_code", "source")


def cut(n_centres: int, per_shard: int) -> list[tuple[int, int]]:
    """Return the first and last place, from 1 on, of the centres of each shard."""
    return [(first + 1, min(first + per_shard, n_centres)) for first in range(0, n_centres, per_shard)]


def shard_of(fit: pl.DataFrame, first: int, last: int) -> pl.DataFrame:
    """Return the part of a fit that belongs to the centres from place `first` to `last`, by their codes."""
    centres = fit["centre_code"].unique().sort().to_list()[first - 1 : last]
    return fit.filter(pl.col("centre_code").is_in(centres))


def shard_bands(fit: pl.DataFrame, settings: BandSettings) -> pl.DataFrame:
    """Return the bands of some series: their distributions in whole incidents. No series depends on another."""
    mean, size = fit["expected"].to_numpy(), fit["dispersion"].to_numpy()
    limit = nb.limit(fit["alert_level"].to_numpy(), mean, size)
    lower, upper = limits.visible_band(mean, size, settings)
    return fit.with_columns(
        alert_limit=pl.Series(limit.astype(np.int64)),
        lower=pl.Series(lower.astype(np.int64)),
        upper=pl.Series(upper.astype(np.int64)),
        detectable_ratio=pl.Series(limits.detectable_ratio(limit, mean, size, settings.detection_power)),
    ).select(list(BAND_SCHEMA))


def as_issued(weekend: Weekend, bands: pl.DataFrame, area: Area, now: datetime) -> pl.DataFrame:
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


def _trained_span(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and last known evening of every series."""
    first = panel.is_known.argmax(axis=-1)
    last = len(panel.evenings) - 1 - panel.is_known[..., ::-1].argmax(axis=-1)
    return panel.evenings[first], panel.evenings[last]
