"""`nte report`: what the Board gets of a quarter, as a page to print and a workbook."""

import re
from datetime import date
from pathlib import Path
from typing import Final

from nte.area import Area
from nte.disclosure import policy_of
from nte.errors import MisuseError
from nte.files import SECRET, write_atomically, write_text
from nte.warehouse import read_published
from nte.words import Audience
from reports.quarter import queries
from reports.quarter.figures import figures_of
from reports.quarter.months import months_of
from reports.quarter.page import Report, as_page
from reports.quarter.workbook import as_workbook

YEARS_DRAWN: Final = 3


def named_quarter(text: str) -> str:
    """Return a quarter as it is written. Raises MisuseError for anything else."""
    if not re.fullmatch(r"2\d{3}Q[1-4]", text):
        raise MisuseError(f"{text!r} is no quarter. Write one like 2026Q1.")
    return text


def quarter_report(copy: Path, area: Area, quarter: str, *, is_exact: bool = False) -> Report:
    """Return what a copy for analysts says of a quarter. Raises MisuseError where it says nothing of it."""
    known = read_published(copy, queries.QUARTERS)["quarter"].to_list()
    if quarter not in known:
        those = f"It has {known[0]} to {known[-1]}." if known else "It has none yet."
        raise MisuseError(f"{quarter}: the copy for analysts counts nothing of this quarter. {those}")
    source, policy = area.lead_source, policy_of(area)
    least = 0 if is_exact else policy.least_shown(source, Audience.LICENSING)
    year, n = int(quarter[:4]), int(quarter[5])
    first, last = date(year - YEARS_DRAWN, 3 * n - 2, 1), date(year, 3 * n, 1)
    changes = read_published(copy, queries.CHANGES, [source, date(year, 3 * n, 28)]).to_dicts()
    months = read_published(copy, queries.MONTHS, [source, first, last]).to_dicts()
    listing = (
        read_published(copy, queries.LISTING, [f"{year - 5}Q{n}", quarter]).to_dicts() if is_exact else []
    )
    return Report(
        quarter=quarter,
        as_of=read_published(copy, queries.AS_OF)["as_of"][0],
        source=read_published(copy, queries.SOURCE, [source])["title"][0],
        figures=figures_of(
            read_published(copy, queries.FIGURES, [quarter]).to_dicts(),
            least_shown=least,
            least_admissions=policy.health_least_shown,
        ),
        listing=listing,
        months=months_of(months, changes, least_shown=least, complete_share=area.slack.complete_share),
        definitions=read_published(copy, queries.DEFINITIONS, [source]).to_dicts(),
        changes=changes,
        least_shown=least,
        least_admissions=policy.health_least_shown,
    )


def write_report(report: Report, area: Area, folder: Path) -> list[Path]:
    """Write the page and the workbook; return where they are.

    Raises NteError where the folder cannot be written, or what writes workbooks is not installed: the page stands then.
    """
    day = report.as_of.astimezone(area.clock.time_zone).date()
    stem = f"quarter-{report.quarter}-as-known-{day}{'-exact' if report.is_exact else ''}"
    page, workbook = folder / f"{stem}.html", folder / f"{stem}.xlsx"
    write_text(page, as_page(report, area))
    content = as_workbook(report, area)
    write_atomically(workbook, lambda file: file.write(content), SECRET)
    return [page, workbook]
