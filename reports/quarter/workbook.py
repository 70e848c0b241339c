"""The report of a quarter as a workbook: the same figures, as numbers. Pure: the same report gives the same bytes."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from nte.area import Area
from nte.errors import NteError
from reports.quarter.page import LISTS, Report, say_as_known

FIGURES: Final = (
    "list", "geography", "definition", "what is counted", "unit", "quarter", "value", "same quarter a year before",
    "ratio", "ratio, lower end of 95 %", "ratio, upper end of 95 %", "interval", "usually in by now, share", "state",
    "to be said with it", "as known on",
)  # fmt: skip
MONTHS: Final = (
    "definition", "month", "serious violence, offences", "with a knife, offences", "days", "days accounted for",
    "usually in by now, share", "state", "recorded otherwise", "as known on",
)  # fmt: skip
WIDTHS: Final = 24
Cells = Sequence[Any]


def as_workbook(report: Report, area: Area) -> bytes:
    """Return the workbook. Raises NteError where what writes it is not installed."""
    try:
        import xlsxwriter
    except ModuleNotFoundError as problem:
        raise NteError(
            "The workbook was not written: XlsxWriter is not installed here. The page is whole. For the workbook "
            "install the extra: pip install 'nte-monitor[report]', then ask again."
        ) from problem
    written = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, options) as book:
        book.set_properties(
            {
                "title": report.title,
                "created": report.as_of.astimezone(area.clock.time_zone).replace(tzinfo=None),
            }
        )
        head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
        for name, header, rows in _sheets(report, area):
            sheet = book.add_worksheet(name)
            sheet.set_column(0, len(header) - 1, WIDTHS)
            sheet.freeze_panes(1, 0)
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(0)
            sheet.write_row(0, 0, header, head)
            for n, row in enumerate(rows, start=1):
                sheet.write_row(n, 0, row)
    return written.getvalue()


def _sheets(report: Report, area: Area) -> list[tuple[str, Cells, list[Cells]]]:
    as_known = say_as_known(report.as_of, area)
    sheets: list[tuple[str, Cells, list[Cells]]] = [
        ("About", ("about", "in words"), _about(report, area, as_known)),
        ("Figures", FIGURES, _figures(report, as_known)),
        ("Months", MONTHS, _months(report, as_known)),
    ]
    if report.listing:
        names = ("definition", "quarter", "kpi_id", "unit", "numerator")
        header = ("definition", "quarter", "what is counted", "unit", "count")
        sheets.append(("Homicides", header, [[_said(row[name]) for name in names] for row in report.listing]))
    return sheets


def _about(report: Report, area: Area, as_known: str) -> list[Cells]:
    small = (
        "For the authorised analysts: small numbers are in it. Do not pass it on."
        if report.is_exact
        else f"Not shown: counts of fewer than {report.least_shown} (admissions: {report.least_admissions}), nought "
        "among them, and counts that would tell such a one beside another."
    )
    rows: list[Cells] = [
        ("area", area.name), ("quarter", report.title), ("as known on", as_known), ("source", report.source),
        ("small numbers", small),
        ("not known", "No believed delivery accounts for it. That is not nought."),
        ("interval", "Of the ratio to the year before: conditional binomial, widened by how much the series scatters."),
    ]  # fmt: skip
    rows += [(f"definition {d['definition']}", f"{d['title']}. {d['why']}") for d in report.definitions]
    rows += [
        (
            f"recorded otherwise from {c['first_day']}",
            f"{c['offence_group'] or 'all'}: {c['expected_effect']}. {c['citation']}",
        )
        for c in report.changes
    ]
    return rows


def _figures(report: Report, as_known: str) -> list[Cells]:
    return [
        (
            LISTS[f.kpi_set], f.geography, f.definition, f.measure, f.of_whom, report.quarter, f.value, f.before,
            f.ratio, f.lower, f.upper, f.method, f.known_share, "final" if f.is_final else "provisional", f.caveat,
            as_known,
        )
        for f in report.figures
    ]  # fmt: skip


def _months(report: Report, as_known: str) -> list[Cells]:
    return [
        (
            m.definition, f"{m.month:%Y-%m}", m.serious_violence, m.knife_serious_violence, m.n_days, m.n_days_covered,
            "not learned yet" if m.known_share is None else m.known_share, "final" if m.is_final else "provisional",
            m.recorded_otherwise, as_known,
        )
        for m in report.months
    ]  # fmt: skip


def _said(value: object) -> object:
    return "not known" if value is None else value
