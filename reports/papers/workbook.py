"""A paper as a workbook: the same figures, as numbers. Pure: the same paper gives the same bytes."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Final

from reports.papers.paper import Cell, Column, Estimate, Grid, Paper, Shown, Stated, Unit

FORMATS: Final = {Unit.COUNT: "#,##0", Unit.SHARE: "0.0%", Unit.RATE: "#,##0.0", Unit.CHANGE: "0.00"}
ENDS: Final = (", lower end of 95 %", ", upper end of 95 %", ", interval")
WIDTH: Final = 24
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
        formats = {unit: book.add_format({"num_format": code}) for unit, code in FORMATS.items()}
        for name, (header, *rows) in _sheets(paper).items():
            sheet = book.add_worksheet(name)
            sheet.set_column(0, len(header) - 1, WIDTH)
            sheet.freeze_panes(1, 0)
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(0)
            sheet.write_row(0, 0, [title for title, _ in header], head)
            for n, row in enumerate(rows, start=1):
                for place, (cell, unit) in enumerate(row):
                    sheet.write(n, place, cell, None if isinstance(cell, str) else formats.get(unit))
    return written.getvalue()


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
        (section.title, note) for section in paper.sections for note in (section.said, *section.notes) if note
    ]
    rows = [
        ("about", "in words"), ("area", paper.area.name), ("title", paper.title), ("as known on", paper.as_known),
        ("figures", paper.said), ("small numbers", paper.small_numbers), *notes, *paper.words,
    ]  # fmt: skip
    return [[(cell, Unit.TEXT) for cell in row] for row in rows]


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
        return [*((n, column.unit) for n in (cell.value, cell.lower, cell.upper)), (cell.method, Unit.TEXT)]
    return [(cell, column.unit), *(("", Unit.TEXT) for _ in ENDS * column.has_interval)]
