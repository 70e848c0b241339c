"""The contract as a page for the provider: Markdown, or HTML that stands by itself. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt

from expectations.contract.example import example_rows
from expectations.contract.terms import ASKED, refusals, terms_of
from expectations.rules import Limits
from nte.area import Area, Source
from nte.deliveries.near_names import agreed_name

STYLE_FILE: Final = Path(__file__).with_name("page.css")
SAMPLE: Final = datetime(2026, 3, 28, 22, 10)  # noqa: DTZ001  local
MOST_VALUES: Final = 40
FORMS: Final = {
    "csv": "text (CSV)",
    "xlsx": "Excel workbook (.xlsx)",
    "ods": "OpenDocument sheet (.ods)",
    "zip": "zip archive of one file",
}


def as_markdown(source: Source, area: Area, day: date) -> str:
    """Return what is asked of a provider; the example is of this day's morning."""
    parts = [
        f"# {source.title}: what we ask of you",
        f"For {area.name}. Every sentence here follows from the settings by which your files are read and checked; "
        "`nte check FILE` tests a file and takes nothing.",
        "## The file",
        _bullets(_about_files(source, area, day)),
        "## The columns",
        "In any order; capitals, spaces and marks in their names do not matter, further columns are read past. An "
        "empty cell is unknown, never no.",
        _columns(source, area),
        "## Never",
        "No names, NHS numbers, dates of birth, ages, full postcodes, addresses, phone numbers, e-mail addresses, nor "
        "anything else that says who somebody is, in no cell, title, comment or other sheet. Such a file is refused "
        "whole and not kept.",
        "## What is refused, and why",
        _refusals(source, area),
        "## An example",
        f"Ten made-up rows, as {agreed_name(source, day) or 'a daily delivery'}:",
        _example(source, area, day),
    ]
    return "\n\n".join(parts) + "\n"


def as_html(source: Source, area: Area, day: date) -> str:
    """Return the same as a page that stands by itself, to be printed or sent."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    body = reader.render(as_markdown(source, area, day))
    title = escape(f"{source.title}: what we ask of you")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><title>{title}</title>\n<style>\n{_style()}</style></head>\n'
        f"<body><main>\n{body}</main></body></html>\n"
    )


@cache
def _style() -> str:
    return STYLE_FILE.read_text(encoding="utf-8")


def _about_files(source: Source, area: Area, day: date) -> list[str]:
    one, many = agreed_name(source, day), agreed_name(source, date(day.year - 3, 1, 1), day)
    zone = source.time_zone or area.time_zone
    return [
        f"One file a day, there by {source.due_by:%H:%M} ({zone}), also when it has no rows: new and changed records "
        "since the last. After a missed day the next file has what was held back.",
        f"Its name: `{one or source.daily_pattern}`; a load of history: `{many or source.history_pattern}`.",
        f"Its form: {' or '.join(FORMS[form] for form in source.file_forms)}, with one header row; text is UTF-8, "
        "UTF-16 or Windows-1252.",
        "Beside it, better than not, a file of the same name that ends with `.json`: "
        '`{"rows": 214, "covers_from": "2026-03-27 06:00:00", "covers_to": "2026-03-28 06:00:00"}`. With `rows` a file '
        "that was cut short is seen at once; without `covers_*` a daily file speaks of 06:00 to 06:00.",
        f"Times are local ({zone}), written as "
        + " or ".join(f"`{SAMPLE.strftime(form)}` (`{form}`)" for form in source.time_formats)
        + ", one way in a column. A date without an hour says no night.",
        f"Coordinates are in {source.crs or area.places.crs}; 0 or empty where they are not known."
        if source.columns.x
        else "There are no coordinates.",
        "A record that was wrong is sent again, with a higher version where there is one; it is never just left out.",
    ]


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _columns(source: Source, area: Area) -> str:
    rows = [
        (
            f"`{term.column}`",
            "yes" if term.is_required else "may be left out",
            f"{term.meaning}{'' if term.is_kept or term.meaning.startswith('Read past') else '; not kept'}",
            _values(term.values),
        )
        for term in terms_of(source, area)
    ]
    return _table(("column", "needed", "what it means", "values"), rows)


def _values(values: Sequence[str]) -> str:
    more = f", and {len(values) - MOST_VALUES} more" if len(values) > MOST_VALUES else ""
    return ", ".join(f"`{value}`" for value in values[:MOST_VALUES]) + more


def _refusals(source: Source, area: Area) -> str:
    found = refusals(source, area, Limits(datetime.combine(SAMPLE, area.hours.closes), n_declared=0))
    order = list(ASKED.values())
    rows = sorted(((what, why) for what, why in found), key=lambda row: order.index(row[0]))
    return _table(("what happens", "when"), rows)


def _example(source: Source, area: Area, day: date) -> str:
    rows = example_rows(source, area, day)
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    return "```\n" + "\n".join(lines) + "\n```"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
