"""Night counts, with every value that they have had: a pure function of the records and of coverage.

An incident is counted where and when the earliest of its records that count says. As versions arrive it may
appear, move or vanish; each such change is a +1 or -1 on the morning from which it is known, and a night
count as known at any instant is the sum of the changes until then. The order in which files are taken does
not matter.
"""

from collections.abc import Sequence
from datetime import date, datetime

import polars as pl

from nte.area import Area, Definition
from nte.columns import INSTANT
from nte.tables.counts import NIGHT_COUNT_REVISIONS, OUTSIDE, UNPLACED
from transforms.centres import only_counted
from transforms.definitions import is_counted
from transforms.versions import current_versions, parts_of

INCIDENT = ["source", "incident_id"]
NEEDED = [
    *INCIDENT,
    *(
        "record_id",
        "known_at",
        "record_version",
        "delivery_rank",
        "row_number",
        "occurred_at",
        "night",
        "place_code",
    ),
    *("is_withdrawn", "state", "offence_code", "is_domestic", "has_knife"),
]
"""Columns of records on which counts depend."""
SERIES = ["source", "definition", "evening", "centre_code"]


def count_changes(records: pl.DataFrame, definitions: Sequence[Definition]) -> pl.DataFrame:
    """Return the change of each night count on each morning.

    Columns: source, definition, evening, centre_code, known_at, change (incidents).
    """
    changes = []
    for part in parts_of(records):
        truths = current_versions(part.select(NEEDED))
        is_alone = pl.len().over(INCIDENT) == 1
        alone, others = truths.filter(is_alone), truths.filter(~is_alone)
        mornings = others.select(*INCIDENT, "known_at").unique()
        for definition in definitions:
            changes += [_appearances(alone, definition), _changes(others, mornings, definition)]
    return (
        pl.concat(changes)
        .group_by(*SERIES, "known_at")
        .agg(pl.col("change").sum())
        .filter(pl.col("change") != 0)
    )


def _changes(truths: pl.DataFrame, mornings: pl.DataFrame, definition: Definition) -> pl.DataFrame:
    placements = _placements(truths, mornings.filter(pl.col("source").is_in(definition.sources)), definition)
    appears = placements.with_columns(pl.lit(1, pl.Int64).alias("change"))
    leaves = placements.with_columns(
        pl.col("night", "place_code").shift(1).over(INCIDENT, order_by="known_at"),
        pl.lit(-1, pl.Int64).alias("change"),
    )
    return _as_changes(pl.concat([appears, leaves]), definition)


def _appearances(alone: pl.DataFrame, definition: Definition) -> pl.DataFrame:
    """Return the changes of incidents of which one version alone is known, as of most: it counts, or never did."""
    counted = alone.filter(is_counted(definition), pl.col("source").is_in(definition.sources))
    return _as_changes(counted.with_columns(pl.lit(1, pl.Int64).alias("change")), definition)


def _as_changes(placements: pl.DataFrame, definition: Definition) -> pl.DataFrame:
    return placements.filter(pl.col("night").is_not_null()).select(
        "source",
        pl.lit(definition.definition).alias("definition"),
        pl.col("night").alias("evening"),
        pl.col("place_code").alias("centre_code"),
        "known_at",
        "change",
    )


def _placements(truths: pl.DataFrame, mornings: pl.DataFrame, definition: Definition) -> pl.DataFrame:
    """Return where and when each incident was counted, as known on each morning it changed."""
    states = truths.select(
        *INCIDENT,
        "record_id",
        pl.col("known_at").alias("since"),
        "occurred_at",
        "night",
        "place_code",
        is_counted(definition).alias("counts"),
    )
    earliest = (
        mornings.join(states, on=INCIDENT)
        .filter(pl.col("since") <= pl.col("known_at"))
        .sort("since")
        .unique([*INCIDENT, "known_at", "record_id"], keep="last", maintain_order=True)
        .filter("counts")
        .sort("occurred_at", "record_id", nulls_last=True)
        .unique([*INCIDENT, "known_at"], keep="first", maintain_order=True)
    )
    return mornings.join(
        earliest.select(*INCIDENT, "known_at", "night", "place_code"), on=[*INCIDENT, "known_at"], how="left"
    )


def night_count_revisions(
    changes: pl.DataFrame,
    covered: dict[str, dict[date, datetime]],
    evenings: Sequence[date],
    area: Area,
    first_known: dict[str, datetime],
    *,
    exceptions: pl.DataFrame,
    starts: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return `night_count_revisions` for every night, zeros and unknown ones included.

    `covered` holds, by source, since when each evening is covered; `exceptions` the centres that are not, as
    transforms/site_coverage.py has them; `starts` since when each centre is counted (None: since ever); `first_known`
    the morning of a source's first delivery. A night that is not covered when it ends has a row that says so.
    """
    everything = _grid(covered, evenings, area, first_known)
    counted = everything if starts is None else only_counted(everything, area, starts)
    grid = _with_exceptions(counted, exceptions)
    unknown = grid.filter(pl.col("covered_at").is_null() | (pl.col("covered_at") > pl.col("ends_at"))).select(
        *SERIES,
        pl.col("ends_at").alias("known_at"),
        pl.lit(None, pl.Int64).alias("n_incidents"),
        pl.lit(value=False).alias("is_covered"),
    )
    return NIGHT_COUNT_REVISIONS.conform(
        pl.concat([unknown, _known_values(grid.filter(pl.col("covered_at").is_not_null()), changes)]).sort(
            "evening", "centre_code", "source", "definition", "known_at"
        )
    )


def _with_exceptions(grid: pl.DataFrame, exceptions: pl.DataFrame) -> pl.DataFrame:
    marked = exceptions.with_columns(pl.lit(value=True).alias("is_exception"))
    joined = grid.join(marked, on=["source", "centre_code", "evening"], how="left")
    known = pl.when("is_exception").then("site_covered_at").otherwise("covered_at")
    return joined.with_columns(pl.when("is_served").then(known).alias("covered_at"))


def _known_values(grid: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Sum the changes: those known before the night was covered join its first value."""
    base = grid.select(*SERIES, pl.col("covered_at").alias("known_at"), pl.lit(0, pl.Int64).alias("change"))
    moved = changes.join(grid.select(*SERIES, "covered_at"), on=SERIES).select(
        *SERIES, pl.max_horizontal("known_at", "covered_at").alias("known_at"), "change"
    )
    return (
        pl.concat([base, moved])
        .group_by(*SERIES, "known_at")
        .agg(pl.col("change").sum(), (pl.len() == 1).alias("is_alone"))
        .sort(*SERIES, "known_at")
        .with_columns(pl.col("change").cum_sum().over(SERIES).alias("n_incidents"))
        .filter((pl.col("change") != 0) | (pl.col("known_at") == pl.col("known_at").min().over(SERIES)))
        .select(*SERIES, "known_at", "n_incidents", pl.lit(value=True).alias("is_covered"))
    )


def _grid(
    covered: dict[str, dict[date, datetime]],
    evenings: Sequence[date],
    area: Area,
    first_known: dict[str, datetime],
) -> pl.DataFrame:
    """Return every series and evening since a source's first covered one, with covered_at and ends_at."""
    nights = [
        (source, evening, since.get(evening), max(area.clock.closes_at(evening), first_known[source]))
        for source, since in covered.items()
        for evening in evenings
        if since and evening >= min(since)
    ]
    schema: pl.Schema = pl.Schema(
        [("source", pl.String), ("evening", pl.Date), ("covered_at", INSTANT), ("ends_at", INSTANT)]
    )
    pairs = [(source, d.definition) for d in area.definitions for source in d.sources if source in covered]
    centres = [
        (source, centre.centre_code, source in centre.covered_by)
        for source in covered
        for centre in area.current_centres
    ] + [(source, code, True) for source in covered for code in (OUTSIDE, UNPLACED)]
    counted = {"source": pl.String, "definition": pl.String}
    served = {"source": pl.String, "centre_code": pl.String, "is_served": pl.Boolean}
    return (
        pl.DataFrame(nights, schema=schema, orient="row")
        .join(pl.DataFrame(pairs, schema=counted, orient="row"), on="source")
        .join(pl.DataFrame(centres, schema=served, orient="row"), on="source")
        .with_columns(pl.when("is_served").then("covered_at").alias("covered_at"))
    )
