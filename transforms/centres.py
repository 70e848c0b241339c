"""Town centres as the area folder changes: none is lost, and none gets a past that nobody counted."""

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from nte.area import Area
from nte.errors import NteError
from nte.tables.counts import CENTRE_STARTS, OUTSIDE, UNPLACED


def refuse_lost(codes: pl.Series, area: Area) -> None:
    """Raise NteError when records carry a town centre that the area no longer has and that is not mapped."""
    known = {c.centre_code for c in area.town_centres} | set(area.places.renamed) | {OUTSIDE, UNPLACED}
    if lost := sorted(set(codes.to_list()) - known):
        raise NteError(
            f"town_centres: records still carry {', '.join(lost)}, which the area no longer has: their incidents "
            "would vanish from the past. Put it back (with valid_to once it has ended), or say under [places.renamed] "
            "what it is called now."
        )


def centre_starts(
    before: pl.DataFrame, area: Area, counted: set[str], last_evening: date | None
) -> pl.DataFrame:
    """Return `centre_starts`: what stands already, and the first evening of each centre that is new.

    `counted` are the centres that have counts, `last_evening` the last that was counted before this run. Records of the
    evenings until then were placed without a centre that is new, so it begins with the next; in a warehouse without
    counts every centre begins with its first boundary.
    """
    standing = dict(before.select("centre_code", "counted_from").iter_rows())
    named_before = {new: old for old, new in area.places.renamed.items()}
    for code, valid_from in _first_boundaries(area).items():
        is_old = last_evening is None or code in counted or named_before.get(code) in counted
        first = valid_from if is_old else max(valid_from, last_evening + timedelta(days=1))  # type: ignore[operator]
        standing.setdefault(code, first)
    return pl.DataFrame(list(standing.items()), schema=CENTRE_STARTS.schema, orient="row")


def _first_boundaries(area: Area) -> dict[str, date]:
    found: dict[str, date] = {}
    for centre in area.town_centres:
        found[centre.centre_code] = min(centre.valid_from, found.get(centre.centre_code, centre.valid_from))
    return found


def last_evenings(area: Area) -> dict[str, date]:
    """Return the last evening of each town centre that has ended."""
    return {c.centre_code: c.valid_to for c in area.current_centres if c.valid_to is not None}


def placed_as_counted(records: pl.DataFrame, area: Area, starts: pl.DataFrame) -> pl.DataFrame:
    """Return records with today's code of a renamed centre, and outside any centre where theirs is not counted yet.

    So every counted incident of a covered night is still in exactly one count.
    """
    renamed = with_new_codes(records, area.places.renamed, "place_code")
    since = starts.select(pl.col("centre_code").alias("place_code"), "counted_from")
    joined = renamed.join(since, on="place_code", how="left", maintain_order="left")
    return joined.with_columns(
        pl.when(_is_counted_on(pl.col("night"), last_evenings(area), "place_code"))
        .then("place_code")
        .otherwise(pl.lit(OUTSIDE))
        .alias("place_code")
    ).drop("counted_from")


def only_counted(grid: pl.DataFrame, area: Area, starts: pl.DataFrame) -> pl.DataFrame:
    """Return the series and evenings on which a town centre is counted."""
    joined = grid.join(starts, on="centre_code", how="left", maintain_order="left")
    return joined.filter(_is_counted_on(pl.col("evening"), last_evenings(area), "centre_code")).drop(
        "counted_from"
    )


def _is_counted_on(evening: pl.Expr, ended: Mapping[str, date], code: str) -> pl.Expr:
    last = pl.col(code).replace_strict({"": date.max, **ended}, default=None, return_dtype=pl.Date)
    is_too_early, is_over = evening < pl.col("counted_from"), evening > last
    return ~(is_too_early.fill_null(value=False) | is_over.fill_null(value=False))


def with_new_codes(frame: pl.DataFrame, renamed: Mapping[str, str], column: str) -> pl.DataFrame:
    """Return a frame in which a town centre has the code that it has now."""
    return frame.with_columns(pl.col(column).replace(dict(renamed))) if renamed else frame
