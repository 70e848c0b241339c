"""`nte report`: what is printed of a quarter, a year or a hospital, as a page and as a workbook."""

import re
from calendar import monthrange
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from nte.area import Area
from nte.disclosure import least_shown_of
from nte.english import listed
from nte.errors import MisuseError, NteError
from nte.files import write_once
from nte.warehouse import read_published
from nte.words import Audience
from reports.board.kpis import five_years_to
from reports.istv import queries as of_hospitals
from reports.istv.elements import Period, named_period
from reports.istv.paper import Scorecard, istv_paper
from reports.papers import queries
from reports.papers.months import months_of
from reports.papers.page import as_page
from reports.papers.paper import Paper, Row
from reports.papers.workbook import as_workbook
from reports.quarter import queries as of_quarter
from reports.quarter.figures import figures_of
from reports.quarter.paper import Report, quarter_paper
from reports.year import queries as of_year
from reports.year.paper import Year, year_paper

YEARS_DRAWN: Final = 3
FIRST_DAY: Final = date(2000, 1, 1)
"""Before any delivery."""
ALL: Final = "all"
NEEDED: Final = {"great_tables": "great-tables", "xlsxwriter": "XlsxWriter"}


def report_of_quarter(copy: Path, area: Area, quarter: str, *, is_exact: bool = False) -> Paper:
    """Return what a copy for analysts says of a quarter.

    Raises MisuseError where that is none, or the copy says nothing of it.
    """
    if not re.fullmatch(r"2\d{3}Q[1-4]", quarter):
        raise MisuseError(f"{quarter!r} is no quarter. Write one like 2026Q1.")
    known = read_published(copy, of_quarter.QUARTERS)["quarter"].to_list()
    if quarter not in known:
        raise MisuseError(f"{quarter}: the copy for analysts counts nothing of this quarter. {_has(known)}")
    source = area.lead_source
    least = _least_shown(area, is_exact=is_exact)[source]
    year, n = int(quarter[:4]), int(quarter[5])
    first, last = date(year - YEARS_DRAWN, 3 * n - 2, 1), date(year, 3 * n, 1)
    changes = read_published(
        copy, queries.CHANGES, [source, date(year, 3 * n, monthrange(year, 3 * n)[1])]
    ).to_dicts()
    months = read_published(copy, queries.MONTHS, [source, first, last]).to_dicts()
    listing = (
        read_published(copy, of_quarter.LISTING, [five_years_to(quarter)]).to_dicts() if is_exact else []
    )
    report = Report(
        quarter=quarter,
        as_of=read_published(copy, queries.AS_OF)["as_of"][0],
        source=read_published(copy, queries.SOURCE, [source])["title"][0],
        figures=figures_of(
            read_published(copy, of_quarter.FIGURES, [quarter]).to_dicts(),
            least_shown=least,
            least_admissions=area.disclosure.health_least_shown,
        ),
        listing=listing,
        months=months_of(months, changes, least_shown=least, complete_share=area.slack.complete_share),
        definitions=read_published(copy, queries.DEFINITIONS, [source]).to_dicts(),
        changes=changes,
        least_shown=least,
    )
    return quarter_paper(report, area)


def report_of_year(copy: Path, area: Area, year: str, *, is_exact: bool = False) -> Paper:
    """Return what a copy for analysts says of a year.

    Raises MisuseError where that is none, or the copy says nothing of it.
    """
    if not re.fullmatch(r"2\d{3}", year):
        raise MisuseError(f"{year!r} is no year. Write one like 2025.")
    source, n = area.lead_source, int(year)
    known = read_published(copy, of_year.YEARS, [source])["year"].to_list()
    if year not in known:
        raise MisuseError(f"{year}: the copy for analysts counts nothing of this year. {_has(known)}")

    def rows(sql: str, *parameters: object) -> list[Row]:
        return list(read_published(copy, sql, parameters).iter_rows(named=True))

    least = _least_shown(area, is_exact=is_exact)
    definitions = rows(queries.DEFINITIONS, source)
    if not definitions:
        raise MisuseError(
            f"{area.name}: no definition counts all hours of {source}, and this report is of one. Declare it in the "
            'area folder, in definitions.toml, with hours = "all".'
        )
    meant = [d for d in definitions if d["effective_from"].year <= n] or definitions[:1]
    definition = meant[-1]["definition"]
    changes = rows(queries.CHANGES, source, date(n, 12, 31))
    counted = rows(queries.MONTHS, source, FIRST_DAY, date(n, 12, 1))
    drawn = [row for row in counted if row["month"].year > n - YEARS_DRAWN]
    cut = source, definition, n
    return year_paper(
        Year(
            year=n,
            as_of=rows(queries.AS_OF)[0]["as_of"],
            source=rows(queries.SOURCE, source)[0]["title"],
            definition=definition,
            months=months_of(
                drawn, changes, least_shown=least[source], complete_share=area.slack.complete_share
            ),
            counted=counted,
            ages=rows(of_year.AGES, *cut),
            hours=rows(of_year.HOURS, *cut),
            districts=rows(of_year.DISTRICTS, *cut),
            kinds=rows(of_year.KINDS_OF_PLACE, *cut),
            alcohol=rows(of_year.ALCOHOL, area.alert_definition, definition, n),
            nights=rows(of_year.NIGHTS_BY_DISTRICT, source, area.alert_definition, n),
            residents=rows(of_year.RESIDENTS, n),
            beside=rows(of_year.BESIDE, area.alert_definition, date(n, 12, 1)),
            definitions=definitions,
            breaks=rows(of_year.BREAKS, area.alert_definition),
            changes=changes,
            changes_of_all=[
                {**change, "title": f"{area.source_title(one)}: {change['title']}"}
                for one in area.sources
                for change in rows(queries.CHANGES, one, date(n, 12, 31))
            ],
            least_shown=least,
        ),
        area,
    )


def report_of_hospitals(
    copy: Path, area: Area, site: str, period: str | None = None, *, is_exact: bool = False
) -> Paper:
    """Return what hospitals get back of a month or a quarter: one, or all of them; by default of the last full month.

    Raises MisuseError where there is no such hospital or period, or the copy counts nothing of it.
    """
    chosen = named_period(period) if period else None
    as_of = read_published(copy, queries.AS_OF)["as_of"][0]
    sites = read_published(copy, of_hospitals.SITES)["site_code"].to_list()
    if not sites or site not in {*sites, ALL}:
        known = f"Name {' or '.join([*sites, ALL])}." if sites else "No attendance was counted yet."
        raise MisuseError(f"{site}: the copy for analysts has no such hospital. {known}")
    scores = {
        one: read_published(copy, of_hospitals.SCORES, [one]).to_dicts()
        for one in (sites if site == ALL else [site])
    }
    months = sorted({row["month"] for rows in scores.values() for row in rows})
    over = [month for month in months if month < area.clock.local_date(as_of).replace(day=1)]
    chosen = chosen or Period(f"{(over or months)[-1]:%Y-%m}")
    if chosen.name not in {chosen.name_of(month) for month in months}:
        names = [chosen.name_of(month) for month in months]
        raise MisuseError(f"{chosen.name}: the copy for analysts counts no attendance in it. {_has(names)}")
    source, *others = sorted({row["source"] for rows in scores.values() for row in rows})
    if others:
        raise MisuseError(
            f"{site}: its attendances come by {listed([source, *others])}, which are never added. Ask for hospitals of "
            "one of them."
        )
    card = Scorecard(
        period=chosen,
        sites=scores,
        coverage=read_published(copy, of_hospitals.COVERAGE, [source]).to_dicts(),
        changes=read_published(copy, queries.CHANGES, [source, area.clock.local_date(as_of)]).to_dicts(),
        source=read_published(copy, queries.SOURCE, [source])["title"][0],
        as_of=as_of,
        least_shown=_least_shown(area, is_exact=is_exact)[source],
    )
    return istv_paper(card, area)


def _least_shown(area: Area, *, is_exact: bool) -> dict[str, int]:
    """Return the smallest count of each source that is said; nought where all are."""
    return least_shown_of(area, Audience.ANALYST if is_exact else Audience.LICENSING)


def _has(known: list[str]) -> str:
    return f"It has {known[0]} to {known[-1]}." if known else "It has none yet."


def write_paper(paper: Paper, folder: Path) -> list[Path]:
    """Write the page and the workbook; return where they are.

    Raises StandsOtherwiseError where an edition of that name stands with other content, NteError where the folder
    cannot be written.
    """
    page, workbook = (folder / f"{paper.stem}.{ending}" for ending in ("html", "xlsx"))
    write_once({page: as_page(paper).encode("utf-8"), workbook: as_workbook(paper)})
    return [page, workbook]


def need_what_writes() -> None:
    """Raise NteError where what makes tables or workbooks is not installed."""
    missing = [title for module, title in NEEDED.items() if find_spec(module) is None]
    if missing:
        raise NteError(
            f"A report needs {' and '.join(missing)}, not installed here. Install the extra: pip install "
            "'nte-monitor[report]', then ask again."
        )
