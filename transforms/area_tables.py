"""The area folder as tables: town centres, definitions, sources."""

import polars as pl

from nte.area import Area
from nte.errors import NteError
from nte.tables.counts import TOWN_CENTRES
from nte.tables.definitions import DEFINITIONS, SOURCES


def town_centres_frame(area: Area) -> pl.DataFrame:
    """Return `town_centres`: every boundary that an area has had."""
    rows = [
        {
            "centre_code": c.centre_code,
            "name": c.name,
            "district": c.district,
            "latitude": c.latitude,
            "longitude": c.longitude,
            "radius_m": c.radius_m,
            "is_placeholder": c.is_placeholder,
            "valid_from": c.valid_from,
            "valid_to": c.valid_to,
            "sources": ", ".join(c.covered_by),
        }
        for c in area.town_centres
    ]
    return TOWN_CENTRES.conform(pl.DataFrame(rows, TOWN_CENTRES.schema))


def definitions_frame(area: Area) -> pl.DataFrame:
    """Return `definitions`: what the area counts, and why."""
    rows = [
        {
            "definition": d.definition,
            "title": d.title,
            "why": d.why,
            "used_for": d.used_for,
            "effective_from": d.effective_from,
            "effective_to": d.effective_to,
            "hours": d.hours,
            "unit": d.unit,
            "sources": ", ".join(d.sources),
            "print": d.fingerprint,
        }
        for d in area.definitions
    ]
    return DEFINITIONS.conform(pl.DataFrame(rows, DEFINITIONS.schema))


def refuse_changed(before: pl.DataFrame, now: pl.DataFrame) -> None:
    """Raise NteError when a definition counts otherwise than it did."""
    was = now.join(before.select("definition", pl.col("print").alias("print_before")), on="definition")
    changed = was.filter(pl.col("print") != pl.col("print_before"))["definition"].to_list()
    if changed:
        raise NteError(
            f"definitions: {', '.join(changed)} counts otherwise than it did, which would count the past anew. "
            "Put back what it counted, and give the new rule a code of its own."
        )


def sources_frame(area: Area) -> pl.DataFrame:
    """Return `sources`: who reports."""
    rows = [
        {
            "source": name,
            "title": source.title,
            "short_title": source.short_title,
            "kind": source.kind,
            "due_by": f"{source.due_by:%H:%M}",
            "time_zone": source.time_zone or area.time_zone,
            "recording_changes": ", ".join(str(day) for day in source.recording_changes),
        }
        for name, source in area.sources.items()
    ]
    return SOURCES.conform(pl.DataFrame(rows, SOURCES.schema))
