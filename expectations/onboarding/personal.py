"""What of an export must never be here: found by the search of the real check, before anything is proposed or shown."""

from datetime import date, timedelta
from typing import Final

import polars as pl

from expectations.onboarding.candidates import Candidate, find_candidates
from expectations.onboarding.exports import Export
from expectations.onboarding.headers import score_of_role
from expectations.onboarding.matching import SURE_NAME
from expectations.personal_data import find_personal_data, forbidden_columns
from nte.area import Area, Columns, Source
from nte.deliveries.local_times import parse_local

MOST_YEARS: Final = timedelta(days=12 * 366)
"""Dates that reach back further from the latest are of no events."""
LEAST_SHARE: Final = 0.9


def find_personal(export: Export, source: Source, area: Area) -> dict[str, str]:
    """Return what must not be here, and why: columns by their names, other parts of the file in words."""
    contract = {*source.required_columns, *source.optional_columns}
    named = {
        export.text.header[int(place.removeprefix("column ")) - 1]: f"a column for {kind}"
        for place, kind in forbidden_columns(export.text.header, contract, area.forbidden_columns)
    }
    zone = area.zone_of(source).key
    times = [c for c in find_candidates(export, zone) if _is_of_events(c, zone)]
    columns = tuple(name for c in times for name in c.columns if name not in named)
    keys = [name for role in ("record_id", "incident_id") if (name := _key(role, export, source))]
    known = source.model_copy(
        update={
            "columns": Columns.model_construct(
                record_id=keys[0] if keys else "", incident_id=keys[-1] if keys else None, event_from=""
            ),
            "other_time_columns": columns,
            "unused_columns": export.header,
            "joined": {},
            "parted": {},
            "optional_columns": (),
        }
    )
    found = find_personal_data(export.text, known, area, _first_day(times, zone))
    return {finding.column: finding.kind for finding in found} | named


def _key(role: str, export: Export, source: Source) -> str | None:
    scores = {name: score_of_role(name, role, source.kind, None, is_time=False) for name in export.header}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= SURE_NAME else None


def _is_of_events(candidate: Candidate, zone: str) -> bool:
    times = candidate.times
    if times is None or times.best.kind == "hour" or times.best.share < LEAST_SHARE:
        return False
    days = _days(candidate, zone)
    return days is None or _last(days) - _first(days) <= MOST_YEARS


def _first_day(times: list[Candidate], zone: str) -> date:
    return min((_first(days) for c in times if (days := _days(c, zone)) is not None), default=date.max)


def _first(days: pl.Series) -> date:
    return date.fromisoformat(str(days.min()))


def _last(days: pl.Series) -> date:
    return date.fromisoformat(str(days.max()))


def _days(candidate: Candidate, zone: str) -> pl.Series | None:
    """Return the days of a candidate's times; None where they are numbers or cannot be read."""
    times = candidate.times
    if times is None or times.best.kind not in ("time", "date") or times.best.is_number:
        return None
    form, is_date = times.best.form, times.best.kind == "date"
    text = pl.col("at") + " 12:00" if is_date else pl.col("at")
    read = parse_local(text, [f"{form} %H:%M" if is_date else form], zone)
    days = candidate.cells.to_frame("at").select(read.dt.date())["at"].drop_nulls()
    return None if days.is_empty() else days
