"""How far what is known of a source reaches: a feed that was silent since Sunday knows on Tuesday what it knew then."""

from collections.abc import Iterator
from datetime import datetime

import polars as pl

from nte.area import Area, Source
from nte.reach import WHOLE_SOURCE
from nte.tables.counts import REACHES
from transforms.site_coverage import Morning, mornings_of, silent_mornings

Row = tuple[str, str, datetime, datetime, int]


def reaches(believed: pl.DataFrame, records: pl.DataFrame, area: Area) -> pl.DataFrame:
    """Return `reaches`: for each source, and each of its sites that is not silent, a row a morning that brought more.

    `believed`: rows of `deliveries` whose records count.
    """
    found: list[Row] = []
    for source in area.sources.values():
        mine = records.filter(pl.col("source") == source.source)
        mornings = mornings_of(believed.filter(pl.col("source") == source.source), mine)
        found += _rows(source.source, WHOLE_SOURCE, mornings)
        for site in _sites(source):
            silent = {silence.morning.known_at for silence in silent_mornings(mornings, site)}
            found += _rows(source.source, site, [m for m in mornings if m.known_at not in silent])
    return pl.DataFrame(found, schema=REACHES.schema, orient="row")


def _sites(source: Source) -> tuple[str, ...]:
    return source.sites if len(source.sites) > 1 and source.columns.site_code else ()


def _rows(source: str, site: str, mornings: list[Morning]) -> Iterator[Row]:
    until: datetime | None = None
    for morning in mornings:
        ends = max(span.covers_to_at for span in morning.spans)
        until = max(ends, until or ends)
        n_rows = morning.n_rows.get(site, 0) if site else sum(morning.n_rows.values())
        yield source, site, morning.known_at, until, n_rows
