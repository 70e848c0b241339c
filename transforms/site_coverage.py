"""Which hospitals fell silent inside a source that went on: their centres are unknown, the others are judged.

A site's share of its source's rows is steady where its number of rows is not: a quiet night is quiet everywhere, a
failed export is not. So a morning is held against the share that the site had before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

import polars as pl
from scipy.special import bdtr

from nte.area import Area, Source
from nte.columns import INSTANT
from nte.nights import NightClock
from transforms.coverage import Account, covered_since

MOST_SURPRISING = 0.0002
"""A site that brings so few of a morning's rows by chance once in 5,000 mornings, or less often, is silent. A site
with a quarter of all rows is seen to be when 30 rows of others came without one of its own, a site with three quarters
when 7 did. Where a morning brings fewer, mornings without any row of the site are taken together until they are enough;
the first nights of such a silence are judged before it can be told. In eight weeks of the deliveries that this was
tried on, the least likely healthy morning had a chance of 0.0018."""
LEAST_LEARNT = 200
"""Rows of a source before a site's share is known within a few hundredths."""
EXCEPTIONS = pl.Schema(
    [("source", pl.String), ("centre_code", pl.String), ("evening", pl.Date), ("site_covered_at", INSTANT)]
)
NO_EXCEPTIONS = pl.DataFrame(schema=EXCEPTIONS)


@dataclass(frozen=True)
class Morning:
    """What all deliveries of a source brought on one morning."""

    known_at: datetime
    spans: tuple[Account, ...]
    is_history: bool
    n_rows: Mapping[str, int]
    """By site."""


@dataclass(frozen=True)
class Silence:
    """A morning without the rows of a site, and the share of them that was to be expected."""

    morning: Morning
    usual_share: float


def site_exceptions(
    believed: pl.DataFrame, records: pl.DataFrame, evenings: Sequence[date], area: Area
) -> pl.DataFrame:
    """Return source, centre_code, evening and site_covered_at where the hospitals of a centre were silent.

    `site_covered_at` is the morning since which the centre's night is known after all, or null. A centre that
    several sites serve is known when one of them is.
    """
    found = []
    for source in (s for s in area.sources.values() if len(s.sites) > 1 and s.columns.site_code):
        mine = records.filter(pl.col("source") == source.source)
        mornings = mornings_of(believed.filter(pl.col("source") == source.source), mine)
        silences = {site: silent_mornings(mornings, site) for site in source.sites}
        if any(silences.values()):
            found += _exceptions(mornings, silences, mine, evenings, source=source, area=area)
    return pl.DataFrame(found, schema=EXCEPTIONS, orient="row")


def mornings_of(believed: pl.DataFrame, records: pl.DataFrame) -> list[Morning]:
    """Return the mornings of one source, oldest first; files of one morning are taken together."""
    brought: dict[datetime, dict[str, int]] = {}
    counts = records.drop_nulls("site_code").group_by("known_at", "site_code").len()
    for known_at, site, n_rows in counts.iter_rows():
        brought.setdefault(known_at, {})[site] = n_rows
    ordered = believed.sort("known_at", "delivery_id").iter_rows(named=True)
    mornings = []
    for known_at, rows in groupby(ordered, key=lambda row: row["known_at"]):
        files = list(rows)
        spans = tuple(Account(f["covers_from_at"], f["covers_to_at"], known_at) for f in files)
        is_history = any(f["is_history"] for f in files)
        mornings.append(Morning(known_at, spans, is_history, brought.get(known_at, {})))
    return mornings


def silent_mornings(mornings: Sequence[Morning], site: str) -> list[Silence]:
    """Return the mornings on which a site brought implausibly few of the rows, given its share until then."""
    silences, n_site, n_all, n_waiting = [], 0, 0, 0
    for morning in mornings:
        own, total = morning.n_rows.get(site, 0), sum(morning.n_rows.values())
        share = n_site / n_all if n_all else 0.0
        n_waiting = 0 if own or morning.is_history else n_waiting + total
        if morning.is_history:
            is_silent = own == 0 and total >= LEAST_LEARNT
        else:
            is_silent = n_all >= LEAST_LEARNT and not is_plausible(own, max(total, n_waiting), share)
        if is_silent:
            silences.append(Silence(morning, share))
        else:
            n_site, n_all = n_site + own, n_all + total
    return silences


def is_plausible(n_site: int, n_all: int, share: float) -> bool:
    """Say whether chance can leave a site of this share so few of so many rows."""
    return bool(bdtr(n_site, n_all, share) > MOST_SURPRISING)


def _exceptions(
    mornings: Sequence[Morning],
    silences: Mapping[str, list[Silence]],
    records: pl.DataFrame,
    evenings: Sequence[date],
    *,
    source: Source,
    area: Area,
) -> list[tuple[str, str, date, datetime | None]]:
    everything = covered_since([span for m in mornings for span in m.spans], evenings, area.clock)
    by_site = {
        site: _site_since(mornings, silent, records, site=site, evenings=evenings, clock=area.clock)
        if silent
        else everything
        for site, silent in silences.items()
    }
    found: list[tuple[str, str, date, datetime | None]] = []
    for centre in area.current_centres:
        sites = [by_site[site] for site in centre.sites.get(source.source, ()) if site in by_site]
        for evening, since in everything.items() if sites else ():
            known = min((of_site[evening] for of_site in sites if evening in of_site), default=None)
            if known != since:
                found.append((source.source, centre.centre_code, evening, known))
    return found


def _site_since(
    mornings: Sequence[Morning],
    silences: Sequence[Silence],
    records: pl.DataFrame,
    *,
    site: str,
    evenings: Sequence[date],
    clock: NightClock,
) -> dict[date, datetime]:
    """Return since when each evening is covered by a site: silent mornings count from when its rows came."""
    silent = {silence.morning.known_at for silence in silences}
    accounts = [span for m in mornings if m.known_at not in silent for span in m.spans]
    for silence in silences:
        for span in silence.morning.spans:
            healed_at = _healed_at(span, silence.usual_share, records, site)
            if healed_at is not None:
                accounts.append(Account(span.covers_from_at, span.covers_to_at, healed_at))
    return covered_since(accounts, evenings, clock)


def _healed_at(span: Account, share: float, records: pl.DataFrame, site: str) -> datetime | None:
    """Return the first later morning by which a plausible share of the span's records was the site's."""
    happened = (
        records.filter(
            pl.col("occurred_at").is_between(span.covers_from_at, span.covers_to_at, closed="left")
        )
        .group_by("record_id")
        .agg(pl.col("known_at").min(), (pl.col("site_code") == site).any().alias("is_own"))
        .group_by("known_at")
        .agg(pl.col("is_own").sum().alias("n_site"), pl.len().alias("n_all"))
        .sort("known_at")
        .with_columns(pl.col("n_site", "n_all").cum_sum())
    )
    mornings: list[datetime] = [
        known_at
        for known_at, n_site, n_all in happened.iter_rows()
        if known_at > span.known_at and n_site and is_plausible(n_site, n_all, share)
    ]
    return mornings[0] if mornings else None
