"""The steps of this room: the only file in it that opens a door."""

from nte.area import Area
from nte.settings import Settings
from nte.tables import WAREHOUSE_TABLES
from nte.warehouse import open_warehouse, publish_copy
from reports.views import published_views


def publish_warehouse(settings: Settings, area: Area) -> dict[str, int]:
    """Swap in a fresh copy of the marts for analysts; return the number of rows of each table."""
    with open_warehouse(settings.warehouse_file, wait_seconds=settings.warehouse_wait_seconds) as warehouse:
        tables = [(table, warehouse.read(table)) for table in WAREHOUSE_TABLES if table.is_published]
    publish_copy(settings.published_file, tables, published_views(area.alert_definition))
    return {table.name: rows.height for table, rows in tables}
