"""The tables of a page, made by great-tables. Pure: the same table gives the same HTML."""

import polars as pl

from reports.papers.paper import Grid, Unit
from reports.papers.saying import say_cell

INK, SOFT, LINE = "#161d2d", "#3e5873", "#dee3ea"


def as_table(grid: Grid, name: str) -> str:
    """Return a table as HTML; `name` is its id, which no other of the page may have."""
    from great_tables import GT

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
