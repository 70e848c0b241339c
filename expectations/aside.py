"""Rows that say nothing by their keys, and of which nights the rows are that were set aside."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import polars as pl

from expectations.evidence import placing_instants
from expectations.manifest import Manifest
from expectations.messages import rows as say_rows
from expectations.prints import PART_ROWS
from expectations.rules import Outcome, Rule, Severity
from nte.area import Area, Source
from nte.deliveries.text import ROW_NUMBER, DeliveryText

FEWEST_LOST: Final = 2
LEAST_LOST_SHARE: Final = 0.2
"""So many records of a delivery, and such a share of them, that have the key of another: its keys are no keys."""
TIMELESS: Final = ("row_ragged", "time_unreadable", "time_impossible")
"""Reasons with which a row's time says nothing."""
ROUNDED: Final = 1000
"""Metres; of points that were measured one in a million is round in both directions."""
SCHEMA: Final = {"evening": pl.Date(), "n_rows": pl.Int64(), "n_untimed": pl.Int64()}
NO_NIGHTS: Final = pl.DataFrame(schema=SCHEMA)


def shared_keys(text: DeliveryText, source: Source) -> list[Outcome]:
    """Set aside the rows whose key and version other rows have with other content, where that is no slip of a row.

    A row that stands twice with the same content says the same twice; a source without versions may repeat its keys.
    """
    roles = source.columns
    if roles.record_version is None:
        return []
    stored = {*roles.by_role().values(), *source.other_time_columns} & {*text.frame.columns}
    key = pl.struct(roles.record_id, roles.record_version).hash().alias("key")
    content = pl.struct(sorted(stored)).hash().alias("content")
    found = pl.concat(
        part.frame.filter(pl.col(roles.record_id).is_not_null()).select(ROW_NUMBER, key, content)
        for part in text.parts(PART_ROWS)
    )
    per_key = found.unique(["key", "content"]).group_by("key").len("n")
    n_contents, n_lost = int(per_key["n"].sum()), int((per_key["n"] - 1).sum())
    if n_lost < FEWEST_LOST or n_lost < LEAST_LOST_SHARE * n_contents:
        return []
    at_fault = found.join(per_key.filter(pl.col("n") > 1), on="key", how="semi")[ROW_NUMBER]
    rule = Rule("key_shared", roles.record_id, Severity.ERROR)
    detail = f"{n_lost} of {say_rows(n_contents)} have the key of another"
    return [Outcome(rule, is_met=False, rows=tuple(sorted(at_fault)), detail=detail)]


def common_point(text: DeliveryText, quarantine: pl.DataFrame, source: Source) -> tuple[int, int]:
    """Return how many incidents of the used rows are at the point that most are at, and how many have a point.

    All points that were rounded to kilometres are one: each says as little. Where a place is told in words, the words
    that most have are the point.
    """
    role = source.columns
    if not (role.x and role.y) and not role.place_text:
        return 0, 0
    if role.place_text and not role.x:
        used = _used(
            text, quarantine, [pl.col(role.place_text).str.to_lowercase().str.replace_all("[^a-z0-9]", "")]
        )
        counts = used.to_series().drop_nulls().value_counts(name="n")["n"]
        return int(counts.max() or 0), int(counts.sum())  # type: ignore[arg-type]
    point = [
        pl.col(name).cast(pl.Float64, strict=False).alias(axis)
        for axis, name in (("x", role.x), ("y", role.y))
        if name
    ]
    incident = pl.coalesce(role.incident_id or role.record_id, role.record_id).hash().alias("incident")
    placed = _used(text, quarantine, [*point, incident]).drop_nulls(("x", "y")).unique()
    is_round = (pl.col("x") % ROUNDED == 0) & (pl.col("y") % ROUNDED == 0)
    placed = placed.with_columns(pl.when(~is_round).then(pl.col(axis)).otherwise(0.0) for axis in ("x", "y"))
    most = placed.group_by("x", "y").len()["len"].max()
    return int(most or 0), placed.height  # type: ignore[arg-type]


def _used(text: DeliveryText, quarantine: pl.DataFrame, said: Sequence[pl.Expr]) -> pl.DataFrame:
    """Return what the rows say that are used; of a very large delivery a part is looked at at a time."""
    return pl.concat(
        part.frame.join(quarantine, on=ROW_NUMBER, how="anti").select(said) for part in text.parts(PART_ROWS)
    )


def nights_aside(
    text: DeliveryText, quarantine: pl.DataFrame, manifest: Manifest, source: Source, area: Area
) -> pl.DataFrame:
    """Return, for each night of the span, how many rows that were set aside are of it, and how many say no time.

    Columns: evening, n_rows, n_untimed (the same number for every night). Empty where none was set aside.
    """
    if quarantine.is_empty():
        return NO_NIGHTS
    happened = (
        text.frame.join(quarantine, on=ROW_NUMBER)
        .select("rule", pl.coalesce(placing_instants(source, area)).alias("at"))
        .with_columns(pl.when(~pl.col("rule").is_in(TIMELESS)).then("at").alias("at"))
    )
    nights = happened.select(area.clock.evening_column(pl.col("at")).alias("evening"))["evening"]
    first = area.clock.local_date(manifest.covers_from_at)
    last = area.clock.local_date(manifest.covers_to_at)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    evenings = [day for day in days if area.clock.closes_at(day) <= manifest.covers_to_at]
    found = [(evening, int((nights == evening).sum()), happened["at"].null_count()) for evening in evenings]
    return pl.DataFrame(found, schema=SCHEMA, orient="row")
