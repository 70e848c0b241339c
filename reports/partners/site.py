"""The partners' pages: one for the area, one a district and one about the figures, with downloads. Pure: text by name.

Pages fetch nothing, from no host, and work from a file share; what is drawn is also said in a table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any, Final

import polars as pl

from nte.area import Area
from nte.english import listed, say_share
from nte.simulated import IN_SHORT, SIMULATED
from nte.tables.partners import PARTNER_CENTRE_YEAR, PARTNER_QUARTER, as_given
from reports.board.kpis import quarter_of
from reports.pages import templates
from reports.partners.alerts import AlertsTold
from reports.partners.beside import ELEMENTS, STEP
from reports.partners.cells import KNIFE, NIGHTS, OUTSIDE, SERIOUS, WHOLE_AREA, WITHOUT_KNIFE, Status
from reports.partners.plan import plan
from reports.partners.saying import (
    CENTRES_ONLY,
    NOT_SHOWN,
    NOTHING_SENT,
    OTHERWISE,
    WHO,
    limits_of,
    say_changed,
    say_citation,
    say_date,
    say_extent,
    say_number,
    say_place,
    say_quarter,
    slug_of,
    title_of,
)
from reports.partners.trend import N_BEFORE, Point, drawing, with_usual

POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
)
ORDER: Final = (NIGHTS, SERIOUS, KNIFE, WITHOUT_KNIFE)
NOT_DRAWN: Final = WITHOUT_KNIFE
"""It stands in the downloads."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """All that the pages of an edition say."""

    area: Area
    edition: date
    quarters: Sequence[Row]
    """Of `partner_quarter`."""
    years: Sequence[Row]
    """Of `partner_centre_year`."""
    least: Mapping[str, int]
    alerts: dict[str, dict[str, AlertsTold | None]]
    """By month and district, as `alerts_by_month` says them."""
    hospitals: Sequence[Row]
    complete: Sequence[Row]
    """By source: title, span of its quarters and share of their days accounted for."""
    is_simulated: bool
    """No number is about real incidents, and every file says so."""

    def sources_of(self, district: str) -> set[str]:
        """Return the sources that know anything of a place."""
        return {
            r["source"]
            for r in self.quarters
            if r["district"] == district and r["status"] != Status.NOT_KNOWN
        }


@dataclass(frozen=True)
class Series:
    """One measure of one source in one place."""

    title: str
    extent: str
    """How much of the place it is of: the whole district, or its town centres only."""
    points: list[Point]
    note: str
    svg: str
    changed: list[str]
    """Quarters in which something began to be recorded differently."""

    @property
    def verdict(self) -> str:
        """Return how the last quarter stands to those before it, and whether they can be compared."""
        held_against = {point.quarter for point in self.points[-1 - N_BEFORE :]}
        said = self.points[-1].verdict
        return f"{said}, but recorded differently meanwhile" if held_against & {*self.changed} else said


def pages(facts: Facts) -> dict[str, str]:
    """Return every file of the site by its name."""
    districts = [WHOLE_AREA, *facts.area.districts]
    found = {_name(district): _place_page(facts, district) for district in districts}
    found["about.html"] = _render("site_about", facts, here="about.html")
    for district in districts:
        found |= _downloads(facts, district)
    return found


def _name(district: str) -> str:
    return "index.html" if district == WHOLE_AREA else f"{slug_of(district)}.html"


def _render(template: str, facts: Facts, **more: Any) -> str:
    districts = [(district, _name(district)) for district in facts.area.districts]
    definition = facts.area.definition(facts.area.alert_definition)
    return templates().get_template(f"{template}.html.j2").render(
        area=facts.area, definition=definition, edition=f"{facts.edition.day} {facts.edition:%B %Y}",
        districts=districts, policy=POLICY, least=facts.least, share=say_share, listed=listed,
        simulated=SIMULATED if facts.is_simulated else "", **more,
    )  # fmt: skip


def _place_page(facts: Facts, district: str) -> str:
    series = _series(facts, district)
    last = max(row["quarter"] for row in facts.quarters)
    year = max((row["year"] for row in facts.years), default=None)
    centres = [c for c in facts.area.current_centres if district in {WHOLE_AREA, c.district}]
    counts = _counts_of_year(facts, year)
    return _render(
        "site_place",
        facts,
        here=_name(district),
        place=say_place(facts.area, district),
        is_area=district == WHOLE_AREA,
        last=say_quarter(last),
        who=_who(facts, district),
        usual_reach=_say_reach(series),
        nothing_sent=_nothing_sent(facts, district),
        latest=[_latest(one) for one in series],
        charts=[{**vars(one), "points": one.points[::-1], "quarter": say_quarter} for one in series],
        years=_year_tables(facts, district),
        year=year,
        map=plan(facts.area, counts, {c.centre_code for c in centres}),
        map_title=title_of(facts.area, facts.area.lead_source, NIGHTS),
        alerts=[
            (_say_month(m), of_month[district] or NOT_SHOWN) for m, of_month in reversed(facts.alerts.items())
        ],
        hospitals=_hospitals(facts, district),
        has_hospital="hospital" in {facts.area.sources[name].kind for name in facts.sources_of(district)},
        elements=ELEMENTS,
        complete=[row for row in facts.complete if row["source"] in facts.sources_of(district)],
        changes=_changes(facts, district),
        files=sorted(_downloads(facts, district)),
    )


def _who(facts: Facts, district: str) -> list[str]:
    """Return who counts in a place, in words, in the order of the area's sources."""
    given = facts.sources_of(district)
    kinds = [source.kind for name, source in facts.area.sources.items() if name in given]
    return [WHO[kind] for kind in dict.fromkeys(kinds)]


def _nothing_sent(facts: Facts, district: str) -> list[str]:
    """Return a sentence for each kind of source that counts elsewhere and nothing of a place."""
    kinds, given = facts.area.sources, {row["source"] for row in facts.quarters}
    there = {kinds[name].kind for name in facts.sources_of(district)}
    silent = dict.fromkeys(source.kind for name, source in kinds.items() if name in given)
    return [
        NOTHING_SENT[kind].format(say_place(facts.area, district)) for kind in silent if kind not in there
    ]


def _say_reach(series: Sequence[Series]) -> str:
    """Return how far the usual ranges of the last quarter reach to either side, such as '15 % to 45 %'."""
    shares = sorted(share for one in series if (share := one.points[-1].reach_share) is not None)
    said = list(dict.fromkeys(f"{round(100 * STEP * ceil(share / STEP))}\u00a0%" for share in shares))
    return f"{said[0]} to {said[-1]}" if len(said) > 1 else "".join(said)


def _changes(facts: Facts, district: str) -> list[dict[str, str]]:
    """Return what began to be recorded otherwise in the quarters shown: when, what, its effect and who says so."""
    quarters, sources = {row["quarter"] for row in facts.quarters}, facts.sources_of(district)
    return [
        {
            "day": say_date(change.first_day), "source": facts.area.source_title(change.source),
            "what": say_changed(facts.area, change), "effect": change.expected_effect,
            "citation": say_citation(change.citation),
        }
        for change in facts.area.recording_changes
        if quarter_of(change.first_day) in quarters and change.source in sources
    ]  # fmt: skip


def _series(facts: Facts, district: str) -> list[Series]:
    """Return each series of a place, those of all of it first, then in the order of measures and sources."""
    rows = [r for r in facts.quarters if r["district"] == district and r["measure"] != NOT_DRAWN]
    keys = sorted(
        {(r["source"], r["measure"]) for r in rows if r["source"] in facts.sources_of(district)},
        key=lambda key: (
            CENTRES_ONLY in limits_of(facts.area, key[0], district),
            ORDER.index(key[1]),
            list(facts.area.sources).index(key[0]),
        ),
    )
    found = list[Series]()
    for source, measure in keys:
        own = sorted((r for r in rows if (r["source"], r["measure"]) == (source, measure)), key=_quarter)
        points = [
            Point(r["quarter"], say_number(r["shown"], r["status"], facts.least[source]), r["shown"])
            for r in own
        ]
        words = {part for r in own if r["shown"] is not None for part in r["note"].split("; ") if part}
        words -= {*limits_of(facts.area, source, district)}
        note = " ".join(f"{word[0].upper()}{word[1:]}." for word in sorted(words))
        changed = [r["quarter"] for r in own if OTHERWISE in r["note"]]
        title = title_of(facts.area, source, measure)
        extent, points = say_extent(facts.area, source, district), with_usual(points)
        found.append(Series(title, extent, points, note, drawing(points, changed), changed))
    return found


def _quarter(row: Row) -> str:
    return str(row["quarter"])


def _latest(series: Series) -> dict[str, str]:
    """Return the last quarter of a series beside the same of the year before."""
    last, before = series.points[-1], {point.quarter: point.said for point in series.points}
    year_before = f"{int(last.quarter[:4]) - 1}{last.quarter[4:]}"
    return {
        "title": series.title, "extent": series.extent, "said": last.said,
        "before": before.get(year_before, "no figure"), "usual": last.usual, "verdict": series.verdict,
    }  # fmt: skip


def _year_tables(facts: Facts, district: str) -> list[dict[str, Any]]:
    """Return a table a series: a town centre a line, a year a column."""
    rows = [
        r
        for r in facts.years
        if district in {WHOLE_AREA, r["district"]} and r["measure"] in {NIGHTS, SERIOUS}
    ]
    if district == WHOLE_AREA:
        rows = [r for r in rows if r["measure"] == NIGHTS]
    years = sorted({r["year"] for r in rows})
    tables: dict[tuple[str, str], dict[tuple[str, str], dict[int, str]]] = {}
    for r in rows:
        said = say_number(r["shown"], r["status"], facts.least[r["source"]])
        of_place = tables.setdefault((r["source"], r["measure"]), {})
        of_place.setdefault((r["district"], r["place_code"]), {})[r["year"]] = said
    names = list(facts.area.sources)
    return [
        {
            "title": title_of(facts.area, source, measure),
            "years": years,
            "lines": [
                (d, say_place(facts.area, d, place), [said.get(year, "not known") for year in years])
                for (d, place), said in sorted(lines.items(), key=_centres_first)
            ],
        }
        for (source, measure), lines in sorted(
            tables.items(), key=lambda table: (ORDER.index(table[0][1]), names.index(table[0][0]))
        )
    ]


def _centres_first(line: tuple[tuple[str, str], object]) -> tuple[str, bool, str]:
    (district, place), _ = line
    return district, place == OUTSIDE, place


def _counts_of_year(facts: Facts, year: int | None) -> dict[str, int | None]:
    """Return the lead source's count of each town centre in a year, None where it is not shown."""
    return {
        r["place_code"]: r["shown"]
        for r in facts.years
        if (r["year"], r["source"], r["measure"]) == (year, facts.area.lead_source, NIGHTS)
    }


def _hospitals(facts: Facts, district: str) -> list[dict[str, Any]]:
    """Return the hospitals that serve a place, each with its shares in words."""
    serve = {
        (source, site)
        for centre in facts.area.current_centres
        if district in {WHOLE_AREA, centre.district}
        for source, sites in centre.sites.items()
        for site in sites
    }
    return [
        {"name": facts.area.sources[row["source"]].site_title(row["site_code"])}
        | {name: NOT_SHOWN if row[name] is None else say_share(row[name]) for name in ELEMENTS}
        for row in facts.hospitals
        if (row["source"], row["site_code"]) in serve
    ]


def _say_month(month: str) -> str:
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}"


def _downloads(facts: Facts, district: str) -> dict[str, str]:
    """Return the tables of a place as CSV; an empty cell is not shown or not known, as its status says."""
    own = {WHOLE_AREA: facts.area.code}.get(district, slug_of(district))
    tables = (
        (PARTNER_QUARTER, facts.quarters, "quarters"),
        (PARTNER_CENTRE_YEAR, facts.years, "centres-by-year"),
    )
    begin = f"{IN_SHORT.lower()}-" if facts.is_simulated else ""
    marked = [pl.lit(SIMULATED).alias("figures")] if facts.is_simulated else []
    return {
        f"data/{begin}{own}-{name}.csv": pl.DataFrame(
            [r for r in rows if district in {WHOLE_AREA, r["district"]}], as_given(table).schema
        )
        .select(*marked, pl.all())
        .write_csv()
        for table, rows, name in tables
    }
