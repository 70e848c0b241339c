"""A paper as a workbook: the same figures, as numbers. Pure: the same paper gives the same bytes."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from math import ceil
from typing import Any, Final

from nte.simulated import SIMULATED
from reports.papers.paper import Cell, Column, Estimate, Grid, Paper, Shown, Stated, Unit

FORMATS: Final = {
    Unit.COUNT: "#,##0",
    Unit.SHARE: "0.0%",
    Unit.RATE: "#,##0.0",
    Unit.CHANGE: "+0.0%;-0.0%;0.0%",
}
ENDS: Final = (", lower end of 95 %", ", upper end of 95 %", ", interval")
NARROWEST, WIDEST = 9, 44
"""Letters of a column: what is longer goes on in the next line."""
IN_WORDS, WIDEST_OF_SENTENCES = "in words", 110
A4, LINE = 9, 15
"""The paper that is printed on, by its number in a workbook, and the points of one line."""
Line = list[tuple[Shown, Unit]]
"""The cells of one row, each with how its number is written."""


def as_workbook(paper: Paper) -> bytes:
    """Return the workbook."""
    import xlsxwriter

    written = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, options) as book:
        book.set_properties({"title": paper.title, "created": paper.local.replace(tzinfo=None)})
        head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
        text = book.add_format({"text_wrap": True, "valign": "top"})
        formats = {
            unit: book.add_format({"num_format": code, "valign": "top"}) for unit, code in FORMATS.items()
        }
        for name, lines in _sheets(paper).items():
            sheet = book.add_worksheet(name)
            _lay_out(sheet, lines)
            for n, line in enumerate(lines):
                for place, (cell, unit) in enumerate(line):
                    of_words = head if n == 0 else text
                    sheet.write(n, place, cell, of_words if isinstance(cell, str) else formats.get(unit))
    return written.getvalue()


def _lay_out(sheet: Any, lines: Sequence[Line]) -> None:
    """Set how wide and high an XlsxWriter sheet's cells are, and how it prints: the header on each page."""
    widths = _widths(lines)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    for n, line in enumerate(lines):
        sheet.set_row(n, _height(line, widths))
    sheet.freeze_panes(1, 0)
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _sheets(paper: Paper) -> dict[str, list[Line]]:
    """Return the lines of each sheet, its header first."""
    sheets = {"About": _about(paper)}
    for section in paper.sections:
        for grid in section.grids:
            lines = sheets.setdefault(grid.sheet, [_header(grid)])
            lines += [[*_of(grid), *_cells(grid, row), (paper.as_known, Unit.TEXT)] for row in grid.rows]
    return sheets


def _about(paper: Paper) -> list[Line]:
    notes = [
        (section.title, note)
        for section in paper.sections
        for note in (section.said, *section.points, *section.notes)
        if note
    ]
    simulated = [("simulated", SIMULATED)] if paper.is_simulated else []
    rows = [
        ("about", IN_WORDS), *simulated, ("area", paper.area.name), ("title", paper.title),
        ("as known on", paper.as_known), ("figures", paper.said),
        ("small numbers", paper.small_numbers), *notes, *paper.words,
    ]  # fmt: skip
    return [[(cell, Unit.TEXT) for cell in row] for row in rows]


def _widths(lines: Sequence[Line]) -> list[int]:
    """Return how many letters each column is wide: its longest cell, or word of its header."""
    header, *rows = lines
    found = []
    for place, (title, _) in enumerate(header):
        words = [len(word) for word in str(title).split()]
        cells = [len(cell) if isinstance(cell := row[place][0], str) else NARROWEST for row in rows]
        widest = WIDEST_OF_SENTENCES if title == IN_WORDS else WIDEST
        found.append(min(max(NARROWEST, *words, *cells) + 2, widest))
    return found


def _height(line: Line, widths: Sequence[int]) -> int:
    """Return how high a row is, by its longest text: not every spreadsheet finds that out by itself."""
    texts = [(cell, width) for (cell, _), width in zip(line, widths, strict=True) if isinstance(cell, str)]
    return LINE * max((ceil(len(text) / width) for text, width in texts if text), default=1)


def _header(grid: Grid) -> Line:
    titles = [name for name, _ in grid.of]
    for column in grid.columns:
        titles += [column.title, *(f"{column.title}{end}" for end in ENDS * column.has_interval)]
    return [(title, Unit.TEXT) for title in (*titles, "as known on")]


def _of(grid: Grid) -> Line:
    return [(value, Unit.TEXT) for _, value in grid.of]


def _cells(grid: Grid, row: Sequence[Cell]) -> Iterator[tuple[Shown, Unit]]:
    for cell, column in zip(row, grid.columns, strict=True):
        yield from _parts(cell, column)


def _parts(cell: Cell, column: Column) -> Line:
    """Return what stands in a column, and in those of its interval."""
    if isinstance(cell, Stated):
        return [(cell.value, cell.unit)]
    if isinstance(cell, Estimate):
        is_change = column.unit is Unit.CHANGE  # a ratio of 1.2 is + 20 %, as on the page
        parts = (n - is_change for n in (cell.value, cell.lower, cell.upper))
        return [*((n, column.unit) for n in parts), (cell.method, Unit.TEXT)]
    return [(cell, column.unit), *(("", Unit.TEXT) for _ in ENDS * column.has_interval)]
