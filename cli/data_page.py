"""`make dictionary`: docs/data.md made anew, from an empty copy for analysts."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from nte.area_files import load_area
from nte.files import write_text
from nte.settings import CHECKOUT, Settings
from nte.warehouse import read_published
from reports.data_page.page import COLUMNS, data_page
from reports.steps import publish_warehouse
from reports.views import published_views

READABLE = 0o644
PAGE = CHECKOUT / "docs" / "data.md"


def page_of(copy: Path) -> str:
    """Return the page of a copy for analysts; what its area is, and what is in it, changes nothing."""
    return data_page(read_published(copy, COLUMNS), published_views(""))


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        publish_warehouse(settings, load_area(settings.area), datetime(2026, 1, 1, tzinfo=UTC))
        write_text(PAGE, page_of(settings.published_file), READABLE)


if __name__ == "__main__":
    main()
