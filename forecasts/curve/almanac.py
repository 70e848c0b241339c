"""What is known ahead of every evening: week, season, events, closures and recording changes, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from forecasts.curve.panel import Days, Floats, Panel

DAYS_PER_YEAR = 365.25
TREND_YEARS = 3.0
"""Years over which a trend is taken to have held."""


@dataclass(frozen=True)
class Almanac:
    """Columns of numbers per evening; `local` ones differ from centre to centre."""

    events: dict[str, Floats]
    """Area-wide events: evening."""
    local_events: dict[str, Floats]
    """Events that belong to centres: centre × evening, nought where a centre has none."""
    steps: dict[str, list[int]]
    """Source → indices of the evenings on which its recording changed."""


def build_almanac(panel: Panel, calendar: pl.DataFrame, recording_changes: pl.DataFrame) -> Almanac:
    """Return the almanac of a panel's evenings; an evening missing from the calendar has no event."""
    columns = [name for name in calendar.columns if name != "evening"]
    on_evening = _align(panel.evenings, calendar.sort("evening"), columns)
    local: dict[str, Floats] = {}
    events: dict[str, Floats] = {}
    for name in columns:
        kind, place = _owner(name, panel.centres)
        if place is None:
            events[name] = on_evening[name]
        else:
            local.setdefault(kind, np.zeros((len(panel.centres), len(panel.evenings))))[place] += on_evening[
                name
            ]
    return Almanac(_varying(events, panel), _varying(local, panel), _steps(panel, recording_changes))


def fourier(evenings: Days, order: int) -> Floats:
    """Return the yearly sine and cosine waves up to `order`: evening × 2·order."""
    phase = 2 * np.pi * evenings.astype("datetime64[D]").astype(np.float64) / DAYS_PER_YEAR
    waves = [wave(k * phase) for k in range(1, order + 1) for wave in (np.sin, np.cos)]
    return np.stack(waves, axis=1) if waves else np.zeros((len(evenings), 0))


def recent_trend(evenings: Days, n_train: int) -> Floats:
    """Return a line that rises by one a year over the last years of training, and is level before and after.

    It ends at nought with the training: a trend is followed, never extended into the future.
    """
    years = (np.arange(len(evenings)) - n_train) / DAYS_PER_YEAR
    return np.clip(years, -TREND_YEARS, 0.0)[:, None]


def _owner(name: str, centres: Sequence[str]) -> tuple[str, int | None]:
    """Return the kind of event and the centre it belongs to; the longest matching code wins."""
    matches = [(len(code), place) for place, code in enumerate(centres) if name.endswith(f"_{code}")]
    if not matches:
        return name, None
    length, place = max(matches)
    return name[: -length - 1], place


def _align(evenings: Days, calendar: pl.DataFrame, columns: Sequence[str]) -> dict[str, Floats]:
    wanted = pl.DataFrame({"evening": evenings.astype("datetime64[D]")})
    joined = wanted.join(calendar, on="evening", how="left").fill_null(0)
    return {name: joined[name].cast(pl.Float64).to_numpy() for name in columns}


def _varying(columns: dict[str, Floats], panel: Panel) -> dict[str, Floats]:
    """Leave out what history never saw: nothing can be learned about it."""
    return {name: values for name, values in columns.items() if values[..., : panel.n_train].any()}


def _steps(panel: Panel, recording_changes: pl.DataFrame) -> dict[str, list[int]]:
    steps: dict[str, list[int]] = {source: [] for source in panel.sources}
    for source, first_evening in recording_changes.select("source", "first_evening").iter_rows():
        index = int((np.datetime64(first_evening, "D") - panel.evenings[0]).astype(int))
        if source in steps and 0 < index < len(panel.evenings):
            steps[source].append(index)
    return {source: sorted(indices) for source, indices in steps.items()}
