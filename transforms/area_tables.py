"""The area folder as tables: town centres, definitions, sources, and the words that counts are cut by."""

import polars as pl

from nte.area import Area
from nte.columns import Table
from nte.disclosure import policy_of
from nte.errors import NteError
from nte.tables.counts import OUTSIDE, TOWN_CENTRES, UNPLACED
from nte.tables.definitions import (
    ADMISSIONS,
    DEFINITION_RULES,
    DEFINITIONS,
    OFFENCE_GROUPS,
    PLACES,
    POPULATIONS,
    RECORDING_CHANGES,
    SOURCES,
)
from nte.tables.slices import ELSEWHERE, NOT_KEPT, NOT_STATED
from nte.words import Audience
from transforms.slices import places_outside

Row = dict[str, object]


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
            "excludes_domestic": d.excludes_domestic,
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
            "least_shown": policy_of(area).least_shown(name, Audience.LICENSING),
            "contact": source.contact,
        }
        for name, source in area.sources.items()
    ]
    return SOURCES.conform(pl.DataFrame(rows, SOURCES.schema))


def word_frames(area: Area) -> list[tuple[Table, pl.DataFrame]]:
    """Return the tables by which an analyst reads counts: each with the rows of the area folder."""
    rows: list[tuple[Table, list[Row]]] = [
        (DEFINITION_RULES, _rules(area)),
        (OFFENCE_GROUPS, _groups(area)),
        (RECORDING_CHANGES, _changes(area)),
        (PLACES, _places(area)),
        (POPULATIONS, [figure.model_dump() for figure in area.populations]),
        (ADMISSIONS, [figure.model_dump() for figure in area.admissions]),
    ]
    return [(table, table.conform(pl.DataFrame(found, table.schema))) for table, found in rows]


def _rules(area: Area) -> list[Row]:
    found: list[Row] = [
        {
            "definition": definition.definition,
            "source": rule.source,
            "offence_code": code,
            "needs_knife": rule.has_knife,
            "states": ", ".join(rule.states or ()),
        }
        for definition in area.definitions
        for rule in definition.counts
        for code in (rule.offence_codes or ("",))
    ]
    return list({tuple(row.values()): row for row in found}.values())


def _groups(area: Area) -> list[Row]:
    said = [
        group.model_dump(exclude={"offence_codes"})
        | {"gravity": rank, "offence_codes": ", ".join(group.offence_codes)}
        for rank, group in enumerate(area.offence_groups, start=1)
    ]
    last = {"gravity": len(said) + 1, "has_victim": True, "offence_codes": ""}
    return said + [
        {"offence_group": code, "source": source, "title": title, **last}
        for source in area.sources
        for code, title in ((NOT_STATED, "Not stated"), (NOT_KEPT, "Not kept"))
    ]


def _changes(area: Area) -> list[Row]:
    """Return the changes that the area's file explains, and those of a source that it does not."""
    said = [c.model_dump() | {"offence_group": c.offence_group or ""} for c in area.recording_changes]
    explained = {(row["source"], row["first_day"]) for row in said if not row["offence_group"]}
    unexplained = [(s, day) for s, source in area.sources.items() for day in source.recording_changes]
    return said + [
        {"source": s, "offence_group": "", "first_day": day, "expected_effect": "not stated", "citation": "not stated"}
        for s, day in unexplained
        if (s, day) not in explained
    ]  # fmt: skip


def _places(area: Area) -> list[Row]:
    centres = [(c.centre_code, c.name, c.district, "centre") for c in area.current_centres]
    outside = [(code, f"{d}, in no town centre", d, "outside") for d, code in places_outside(area).items()]
    others = [
        (OUTSIDE, "In no town centre, district not known or not told apart", "", "outside"),
        (ELSEWHERE, "Stated to be in no town centre, such as a home", "", "outside"),
        (UNPLACED, "Not known", "", "unplaced"),
    ]
    return [dict(zip(PLACES.names, row, strict=True)) for row in (*centres, *outside, *others)]
