"""The tables of a page, made by great-tables. Pure: the same table gives the same HTML."""

from dataclasses import replace

import polars as pl

from reports.papers.paper import Grid, Unit
from reports.papers.saying import say_cell

INK, SOFT, LINE = "#161d2d", "#3e5873", "#dee3ea"


def as_table(grid: Grid, name: str) -> str:
    """Return a table as HTML; `name` is its id, which no other of the page may have."""
    from great_tables import GT

    grid, said_of_all = _with_asides_said_once(grid)
    places = [str(n) for n in range(len(grid.columns))]
    frame = pl.DataFrame(
        {
            place: [say_cell(row[n], column) for row in grid.rows]
            for n, (place, column) in enumerate(zip(places, grid.columns, strict=True))
        },
        schema=dict.fromkeys(places, pl.String),
    )
    head = places[1] if grid.is_grouped else places[0]
    table = GT(frame, id=name, rowname_col=head, groupname_col=places[0] if grid.is_grouped else None)
    numbers = [p for p, column in zip(places, grid.columns, strict=True) if column.unit is not Unit.TEXT]
    if said_of_all:
        table = table.tab_source_note(f"Of all of these: {said_of_all}.")
    return (
        table.cols_label({p: column.title for p, column in zip(places, grid.columns, strict=True)})
        .tab_stubhead(grid.columns[int(head)].title)
        .cols_align("left")
        .cols_align("right", columns=[p for p in numbers if p != head])
        .tab_options(
            table_width="100%",
            table_font_size="13px",
            table_font_color=INK,
            table_border_top_style="none",
            table_border_bottom_style="none",
            table_body_hlines_color=LINE,
            table_body_border_bottom_color=LINE,
            column_labels_font_size="12px",
            column_labels_border_top_style="none",
            row_group_font_weight="600",
            row_group_padding="6px",
            stub_border_style="none",
            data_row_padding="5px",
        )
        .as_raw_html()
    )


def _with_asides_said_once(grid: Grid) -> tuple[Grid, str]:
    """Return a table without the columns aside that say the same everywhere, and what those say of all rows.

    What differs from heading to heading alone is said in the headings.
    """
    said_of_all, dropped = [], set()
    headings = {row[0]: [str(row[0])] for row in grid.rows} if grid.is_grouped else {}
    for place, column in enumerate(grid.columns):
        if not column.is_aside:
            continue
        told = {(row[0] if headings else "", say_cell(row[place], column)) for row in grid.rows}
        words = {said for _, said in told}
        if len(words) == 1:
            said_of_all += [f"{column.title} {said}" for said in words if said]
        elif len(told) == len(headings):
            for heading, said in told:
                headings[heading] += [said] if said else []
        else:
            continue
        dropped.add(place)
    kept = [place for place in range(len(grid.columns)) if place not in dropped]
    rows = [[row[place] for place in kept] for row in grid.rows]
    if headings:
        rows = [[": ".join(headings[row[0]]), *row[1:]] for row in rows]
    return replace(grid, columns=[grid.columns[place] for place in kept], rows=rows), "; ".join(said_of_all)
