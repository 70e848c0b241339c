"""A paper as a page to print: one file, nothing is fetched. Pure: the same paper gives the same bytes."""

from nte.simulated import SIMULATED
from reports.pages import templates
from reports.papers.charts import as_drawing
from reports.papers.paper import Paper
from reports.papers.tables import as_table


def as_page(paper: Paper) -> str:
    """Return the page."""
    sections = [
        {
            "title": section.title,
            "said": section.said,
            "points": section.points,
            "drawings": [(d.title, as_drawing(d.chart), d.is_in_time) for d in section.drawings],
            "tables": [
                as_table(grid, f"table-{n}-{k}") for k, grid in enumerate(section.grids) if not grid.is_drawn
            ],
            "notes": section.notes,
        }
        for n, section in enumerate(paper.sections)
    ]
    return (
        templates().get_template("paper.html.j2").render(paper=paper, sections=sections, simulated=SIMULATED)
    )
