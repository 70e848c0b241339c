"""The paper of hospitals. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Final

from nte.area import Area
from nte.english import listed, say_share
from reports.board.finality import is_accounted_for, is_in, known_share_of
from reports.istv.elements import ELEMENTS, Element, Period, counts_of
from reports.papers.charts import series_chart
from reports.papers.estimates import share_of_whole
from reports.papers.months import say_change
from reports.papers.paper import (
    NOT_KNOWN,
    NOT_LEARNED,
    NOT_SHOWN,
    Cell,
    Column,
    Drawing,
    Grid,
    Paper,
    Row,
    Section,
    Shown,
    Unit,
)
from reports.papers.small import merged, say_parts
from reports.papers.words import WORDS, small_numbers, words_of_changes

N_PERIODS_DRAWN: Final = {True: 9, False: 25}
"""Quarters, or months: two years, and the one that the paper is of."""
WORDS_OF_HOSPITALS: Final = (
    ("attendance", "One attendance for an assault that is not withdrawn, by the day of the assault."),
    (
        "element",
        "What the minimum data set of Information Sharing to Tackle Violence (ISB 1594) asks of each attendance: when, "
        "where and how, and whether the police know.",
    ),
    ("in a town centre", "Its text names a place that lies in one of the area's town centres."),
    ("elsewhere, as stated", "Its text says that it was in none, such as at home."),
    (
        "days until it reaches us",
        "Median of the days from the assault to the delivery that brought it; of a quarter the mean of its months' "
        "medians, each as heavy as its attendances, and not known where one of them is not.",
    ),
    ("silent nights", "Nights on which this hospital sent nothing while the others went on."),
    ("share", "Of all its attendances. Its 95 % interval is Clopper and Pearson's: what chance does to so few."),
)  # fmt: skip


@dataclass(frozen=True)
class Scorecard:
    """What the paper of hospitals is made of: rows of a copy for analysts."""

    period: Period
    sites: Mapping[str, Sequence[Row]]
    """The months of each hospital."""
    coverage: Sequence[Row]
    changes: Sequence[Row]
    """What is recorded otherwise, from when on."""
    source: str
    as_of: datetime
    least_shown: int
    """Nought: exact."""


def istv_paper(card: Scorecard, area: Area) -> Paper:
    """Return the paper."""
    names = listed(list(card.sites))
    return Paper(
        kind="istv",
        folder="hospitals",
        of=f"{'-'.join(card.sites) if len(card.sites) == 1 else 'all'}-{card.period.name}",
        area=area,
        title=f"Assault attendances of {names}, {_said(card.period)}: how complete they are",
        for_whom=f"for {names}",
        said=f"{card.source}. {_state(card, area)} Never added to police or ambulance figures.",
        small_numbers=small_numbers(card.least_shown, area),
        is_exact=not card.least_shown,
        as_of=card.as_of,
        sections=[*(_of_site(card, site) for site in card.sites), _drawn(card, area)],
        words=[*WORDS_OF_HOSPITALS, *WORDS, *words_of_changes(card.changes)],
    )


def _said(period: Period) -> str:
    return period.name if period.is_quarter else f"{period.first:%B %Y}"


def _state(card: Scorecard, area: Area) -> str:
    """Return how much of the period is over, accounted for and in."""
    own = [row for row in card.coverage if card.period.name_of(row["month"]) == card.period.name]
    n_covered, n_days = (sum(row[name] for row in own) for name in ("n_days_covered", "n_days"))
    share = known_share_of(row["known_share"] for row in own)
    known = NOT_LEARNED if share is None else f"{say_share(share)} of them are usually in by now"
    state = "Final" if _is_final(card, card.period, area) else "Provisional"
    return f"{state}: {n_covered} of {n_days} days are accounted for; {known}."


def _is_final(card: Scorecard, period: Period, area: Area) -> bool:
    """Say whether a period is over, accounted for and in."""
    own = [row for row in card.coverage if period.name_of(row["month"]) == period.name]
    n_covered, n_days = (sum(row[name] for row in own) for name in ("n_days_covered", "n_days"))
    is_over = period.end <= area.clock.local_date(card.as_of) and len(own) == period.n_months
    share = known_share_of(row["known_share"] for row in own)
    return is_over and is_accounted_for(n_covered, n_days) and is_in(share, area.slack.complete_share)


def _of_site(card: Scorecard, site: str) -> Section:
    """Return the elements of one hospital, beside the same a year before."""
    now, before = (_rows(card, site, name) for name in (card.period.name, card.period.year_before))
    columns = (
        Column("element"), Column("what is stated"), Column("attendances", Unit.COUNT),
        Column("share", Unit.SHARE, has_interval=True), Column("share a year before", Unit.SHARE, has_interval=True),
    )  # fmt: skip
    lines: list[tuple[Cell, ...]] = []
    for element in ELEMENTS:
        earlier = dict(_shares(before, element, card.least_shown))
        shares = _shares(now, element, card.least_shown)
        for (part, n), (_, share) in zip(_shown(now, element, card.least_shown), shares, strict=True):
            lines.append(
                (element.title, part, n, share, earlier.get(part, NOT_SHOWN if before else NOT_KNOWN))
            )
    of = (("hospital", site),)
    about = Grid("About hospitals", _about_columns(card.period), [_about(card, now)], of=of)
    grids = [about, Grid("Elements", columns, lines, is_grouped=True, of=of)]
    helps = "; ".join(f"{element.title.lower()}: {element.helps}" for element in ELEMENTS)
    return Section(f"Hospital {site}", grids=grids, notes=[f"What helps. {helps[:1].upper()}{helps[1:]}."])


def _about_columns(period: Period) -> tuple[Column, ...]:
    lag = "days until it reaches us" + (", mean of its months' medians" if period.is_quarter else "")
    return Column("attendances", Unit.COUNT), Column(lag, Unit.RATE), Column("silent nights", Unit.COUNT)


def _about(card: Scorecard, rows: Sequence[Row]) -> tuple[Cell, ...]:
    n = sum(row["n_attendances"] for row in rows)
    lags = [row["median_lag_days"] for row in rows]
    is_whole = len(rows) == card.period.n_months and None not in lags and n > 0
    lag: Cell = fmean(lags, [row["n_attendances"] for row in rows]) if is_whole else NOT_KNOWN
    silent = sum(row["n_silent_nights"] for row in rows)
    return (f"fewer than {card.least_shown}", NOT_SHOWN, silent) if n < card.least_shown else (n, lag, silent)


def _rows(card: Scorecard, site: str, name: str) -> list[Row]:
    return [row for row in card.sites[site] if card.period.name_of(row["month"]) == name]


def _shown(rows: Sequence[Row], element: Element, least_shown: int) -> list[tuple[str, Shown]]:
    """Return the parts of an element as they may be said, small ones together; none of a hospital with few attendances.

    How a period's parts stand together depends on it alone, so that two papers of it say the same.
    """
    counts = counts_of(rows, element)
    if counts is None:
        return [(part, NOT_KNOWN) for part in element.parts]
    parts = merged(element.parts, counts, least_shown, n_kept=element.n_complete)
    is_small = sum(counts) < least_shown
    said = [NOT_SHOWN for _ in parts] if is_small else say_parts([n for _, n in parts], least_shown)
    return [(part, n) for (part, _), n in zip(parts, said, strict=True)]


def _shares(rows: Sequence[Row], element: Element, least_shown: int) -> list[tuple[str, Cell]]:
    """Return which share of all attendances each part is."""
    shown, whole = _shown(rows, element, least_shown), sum(row["n_attendances"] for row in rows)
    return [(part, n if n == NOT_KNOWN else share_of_whole(n, whole)) for part, n in shown]


def _drawn(card: Scorecard, area: Area) -> Section:
    """Return how complete each element was, period by period."""
    drawings = []
    for element in ELEMENTS:
        points = [point for site in card.sites for point in _points(card, site, element, area)]
        if any(point["value"] is not None for point in points):
            asked = listed(element.parts[: element.n_complete])
            first, last = points[0]["month"], points[-1]["month"]
            marks = [
                {**change, "said": say_change(change)}
                for change in card.changes
                if first <= change["first_day"] <= last
            ]
            marked = card.period.first, card.period.first
            chart = series_chart(points, marks, marked=marked, unit="% of attendances")
            drawings.append(Drawing(f"{element.title}: {asked}, % of attendances", chart, is_in_time=True))
    said = (
        "Filled dots are final; hollow ones are not over, not all in, or not all days are accounted for. A break, or "
        "no drawing, is where a small number would be told."
    )
    return Section("Quarter by quarter" if card.period.is_quarter else "Month by month", said, drawings)


def _points(card: Scorecard, site: str, element: Element, area: Area) -> list[Row]:
    names = dict.fromkeys(card.period.name_of(row["month"]) for row in card.coverage)
    chosen = [name for name in names if name <= card.period.name][-N_PERIODS_DRAWN[card.period.is_quarter] :]
    points: list[Row] = []
    for name in chosen:
        rows = _rows(card, site, name)
        asked = [n for _, n in _shown(rows, element, card.least_shown)[: element.n_complete]]
        whole = sum(row["n_attendances"] for row in rows)
        is_known = whole > 0 and not any(isinstance(n, str) for n in asked)
        share = round(100 * sum(float(n) for n in asked) / whole, 2) if is_known else None
        period = Period(name)
        is_final = _is_final(card, period, area)
        points.append({"month": period.first, "name": site, "value": share, "is_final": is_final})
    return points
