"""What the paper of a quarter asks of a copy for analysts."""

from typing import Final

QUARTERS: Final = "SELECT DISTINCT quarter FROM kpi_quarterly WHERE numerator IS NOT NULL ORDER BY quarter"
FIGURES: Final = "SELECT * FROM kpi_quarterly WHERE quarter = ?"
LISTING: Final = """
SELECT quarter, definition, kpi_id, unit, numerator FROM kpi_quarterly
WHERE kpi_id IN ('homicide', 'homicide_knife') AND kpi_set = '2024' AND geography = 'area'
  AND quarter BETWEEN ? AND ?
ORDER BY definition, quarter DESC, kpi_id, unit
"""
