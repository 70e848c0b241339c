"""`nte report`: what is printed of a quarter, a year or a hospital, as a page and as a workbook."""

import re
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from nte.area import Area
from nte.disclosure import policy_of
from nte.errors import MisuseError, NteError
from nte.files import write_once
from nte.warehouse import read_published
from nte.words import Audience
from reports.papers import queries
from reports.papers.months import months_of
from reports.papers.page import as_page
from reports.papers.paper import Paper
from reports.papers.workbook import as_workbook
from reports.quarter import queries as of_quarter
from reports.quarter.figures import figures_of
from reports.quarter.paper import Report, quarter_paper

YEARS_DRAWN: Final = 3
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
    source, policy = area.lead_source, policy_of(area)
    least = 0 if is_exact else policy.least_shown(source, Audience.LICENSING)
    year, n = int(quarter[:4]), int(quarter[5])
    first, last = date(year - YEARS_DRAWN, 3 * n - 2, 1), date(year, 3 * n, 1)
    changes = read_published(copy, queries.CHANGES, [source, date(year, 3 * n, 28)]).to_dicts()
    months = read_published(copy, queries.MONTHS, [source, first, last]).to_dicts()
    listing = (
        read_published(copy, of_quarter.LISTING, [f"{year - 5}Q{n}", quarter]).to_dicts() if is_exact else []
    )
    report = Report(
        quarter=quarter,
        as_of=read_published(copy, queries.AS_OF)["as_of"][0],
        source=read_published(copy, queries.SOURCE, [source])["title"][0],
        figures=figures_of(
            read_published(copy, of_quarter.FIGURES, [quarter]).to_dicts(),
            least_shown=least,
            least_admissions=policy.health_least_shown,
        ),
        listing=listing,
        months=months_of(months, changes, least_shown=least, complete_share=area.slack.complete_share),
        definitions=read_published(copy, queries.DEFINITIONS, [source]).to_dicts(),
        changes=changes,
        least_shown=least,
    )
    return quarter_paper(report, area)


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
